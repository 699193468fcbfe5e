"""`jikimi reverse` and `jikimi correct` answer in sentences and by their exit code."""

import json
import tomllib
from collections.abc import Callable
from typing import Any

import click
import pytest

from jikimi.cli import answer, correct, files, reverse, why
from jikimi.cli.context import Context
from jikimi.queue.port import KEPT_S, Json
from jikimi.queue.task import Task
from jikimi.testing.queue import FakeQueue
from jikimi.text import Lang
from jikimi.unit.pulse import Pulse
from jikimi.vouchers.tasks import ErpTasks
from tests.unit.vouchers.office import CARD_HEADER, Office, card_file, card_row, counts

Run = Callable[..., int]


class PromptQueue(FakeQueue):
    """A queue whose worker answers at once."""

    def submit(self, task: str, arguments: Json, job_id: str, *, kept_s: int = KEPT_S) -> bool:
        accepted = super().submit(task, arguments, f"{job_id}-{len(self.jobs)}", kept_s=kept_s)
        self.work()
        self.answers[job_id] = self.answers[list(self.jobs)[-1]]
        self.jobs[job_id] = (task, arguments)
        return accepted


class WiredContext(Context):
    """The context of a command whose worker is in this process."""

    def wire(self, office: Office) -> "WiredContext":
        tasks = ErpTasks(office.shop(), Pulse(lambda _: None)).tasks()
        self._queue = PromptQueue({task.name: _asked(task) for task in tasks})
        return self

    def queue(self) -> Any:
        return self._queue


def _asked(task: Task) -> Callable[[Json], Json]:
    return lambda asked: task.run(task.arguments(**asked))


@pytest.fixture
def run(office: Office, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(why, "owner", lambda _: 1)

    def run(command: click.Command, *arguments: str, lang: Lang = Lang.EN) -> int:
        context = WiredContext(office.config.home.root, lang).wire(office)
        code: int = command.main(list(arguments), obj=context, standalone_mode=False)
        return code

    return run


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def posted(office: Office) -> str:
    office.settle(card_file(card_row(1), card_row(2, amount="700")))
    return "2026-000001"


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if "file.settled" not in line and "[info" not in line]


def test_reverse_says_what_stands_before_and_after(
    office: Office, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    number = posted(office)
    capsys.readouterr()

    code = run(reverse.command, number)

    assert code == 0
    assert said(capsys) == [
        "2026-000001 is reversed by 2026-000003",
        "  253 미지급금  -4,500 → 0",
        "  811 복리후생비  4,500 → 0",
        "All is reversed: nothing is left in the books",
    ]


def test_reverse_holds_when_it_is_asked_for_twice(office: Office, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    number = posted(office)
    run(reverse.command, number)
    capsys.readouterr()

    code = run(reverse.command, number, lang=Lang.KO)

    assert code == 0
    assert said(capsys)[0] == "2026-000001은(는) 이미 2026-000003(으)로 되돌렸습니다"


def test_dry_run_shows_balances_when_a_file_is_partly_reversed(
    office: Office, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(reverse.command, posted(office))
    capsys.readouterr()

    assert run(reverse.command, "card.csv", "--dry-run", "--json") == 0

    shown = document(capsys)
    assert [item["outcome"] for item in shown["reversals"]] == ["already", "planned"]
    assert {balance["account"]: (balance["before"], balance["after"]) for balance in shown["balances"]} == {
        "253": ("-700", "0"),
        "811": ("700", "0"),
    }
    assert len(office.company.books) == 3


def test_reverse_fails_when_nothing_is_known(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(reverse.command, "2026-000099") == 2
    assert said(capsys) == ["no voucher or file is known as 2026-000099"]


def test_reverse_holds_when_the_file_has_posted_nothing(office: Office, run: Run) -> None:
    office.settle(card_file(card_row(1, "별빛상회")))

    assert run(reverse.command, "card.csv") == 0


def test_reverse_of_a_file_takes_what_corrects_its_vouchers(office: Office, run: Run) -> None:
    run(correct.command, posted(office), "--account", "830")

    assert run(reverse.command, "card.csv") == 0

    assert office.balance("811") == office.balance("830") == office.balance("253") == 0


def test_page_shows_the_new_account_and_then_the_reversal(office: Office, run: Run) -> None:
    page = office.config.home / "outputs/results/card.csv.html"

    run(correct.command, posted(office), "--account", "830")
    corrected = page.read_text(encoding="utf-8")
    run(reverse.command, "card.csv")

    assert "830 소모품비" in corrected
    assert "2026-000004" in corrected
    assert "830 소모품비" not in page.read_text(encoding="utf-8")
    assert "is reversed by" not in corrected
    assert "reversed" in page.read_text(encoding="utf-8")


def test_corrected_voucher_is_named_by_its_own_number(
    office: Office, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(correct.command, posted(office), "--account", "830")
    capsys.readouterr()

    assert run(reverse.command, "2026-000001") == 0
    told = said(capsys)[1]
    assert told == "  2026-000004, which corrects it, stands; to reverse that as well: jikimi reverse 2026-000004"
    assert run(reverse.command, "2026-000004") == 0
    assert office.balance("830") == 0


def test_correct_says_which_voucher_stands_now(office: Office, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    number = posted(office)
    capsys.readouterr()

    codes = [run(correct.command, number, "--account", "소모품비") for _ in range(2)]

    assert codes == [0, 0]
    assert said(capsys) == [
        "2026-000001 is reversed by 2026-000003 and posted again as 2026-000004 to 830 소모품비",
        "2026-000001 was corrected already: 2026-000004 stands in its place, with 830 소모품비",
    ]


@pytest.mark.parametrize(("account", "why_not"), [("999", "no_such_account"), ("비품", "account_ambiguous")])
def test_correct_fails_when_the_account_is_not_one(
    office: Office, run: Run, capsys: pytest.CaptureFixture[str], account: str, why_not: str
) -> None:
    office.company.accounts |= {"212": "비품", "213": "비 품"}
    number = posted(office)
    capsys.readouterr()

    assert run(correct.command, number, "--account", account) == 2

    expected = {
        "no_such_account": "the ERP has no account 999",
        "account_ambiguous": "several accounts are called '비품': 212, 213; give the code",
    }
    assert said(capsys) == [f"2026-000001 is not corrected: {expected[why_not]}"]
    assert len(office.company.books) == 2


def test_reversed_voucher_is_not_corrected(office: Office, run: Run) -> None:
    run(reverse.command, posted(office))

    assert run(correct.command, "2026-000001", "--account", "830") == 2
    assert len(office.company.books) == 3


def test_correct_writes_the_rule_before_the_first_one(office: Office, run: Run) -> None:
    path = office.config.home / "rules/card.toml"
    before = path.read_text(encoding="utf-8")

    assert run(correct.command, posted(office), "--account", "830", "--learn") == 0

    text = path.read_text(encoding="utf-8")
    rules = tomllib.loads(text)["rule"]
    assert (rules[0]["merchant"], rules[0]["account"]) == ("^스타벅스 강남점$", "830")
    assert rules[1:] == tomllib.loads(before)["rule"]
    office.settle(card_file(card_row(3, amount="900"), header=f"{CARD_HEADER}"), "next.csv")
    assert office.balance("830") == 5400


def test_correct_writes_no_rule_when_one_gives_the_account_already(office: Office, run: Run) -> None:
    path = office.config.home / "rules/card.toml"
    run(correct.command, posted(office), "--account", "830", "--learn")
    text = path.read_text(encoding="utf-8")

    assert run(correct.command, "2026-000002", "--account", "830", "--learn") == 0

    assert path.read_text(encoding="utf-8") == text


def test_correct_says_that_nothing_was_learned_when_the_rules_are_broken(
    office: Office, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    number = posted(office)
    (office.config.home / "rules/card.toml").write_text("?", encoding="utf-8")
    capsys.readouterr()

    assert run(correct.command, number, "--account", "830", "--learn") == 2

    lines = said(capsys)
    assert lines[0].endswith("to 830 소모품비")
    assert lines[1].startswith("no rule was learned, card.toml could not be changed")


def test_reversed_file_is_posted_anew_when_it_is_dropped_again(
    office: Office, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    statement = card_file(card_row(1), card_row(2, amount="700"))
    sha = office.settle(statement)["files"][0]["sha"]
    run(reverse.command, "card.csv")
    capsys.readouterr()

    assert office.reasons(sha) == {2: "reversed", 3: "reversed"}
    run(files.command, "--open", "--json")
    (file,) = document(capsys)["files"]
    assert (file["posted"], file["open"]) == (0, 2)

    assert counts(office.settle(statement)) == (2, 2, 0, 0, 0)
    assert office.balance("811") == 5200
    assert counts(office.settle(statement)) == (0, 0, 0, 0, 0)
    capsys.readouterr()
    run(why.command, "2026-000001")
    assert "  before: voucher 2026-000001, reversed by 2026-000003" in capsys.readouterr().out


def test_reversed_row_is_not_posted_anew_by_itself_when_its_file_still_waits(office: Office, run: Run) -> None:
    statement = card_file(card_row(1), card_row(9, amount="800", cancelled="취소", day="05"))
    office.settle(statement)
    run(reverse.command, "card.csv")

    office.cycle()
    assert office.balance("811") == 0
    assert counts(office.settle(statement, "again.csv")) == (3, 1, 0, 0, 2)  # the first one, once more
    assert office.files("work") == ["again.csv"]
    assert office.balance("811") == 4500


def test_reversed_file_is_asked_about_again_when_a_person_approves_it(office: Office, run: Run) -> None:
    statement = card_file(card_row(1))
    sha = office.settle(statement)["files"][0]["sha"]
    office.journal.approve(sha, "kim")
    run(reverse.command, "card.csv")

    office.settle(statement)

    assert not office.journal.is_approved(sha)


def test_row_with_its_cancellation_is_posted_anew_when_it_was_reversed(office: Office, run: Run) -> None:
    row = "2026-11-04,9999-12**-****-3456,00000001,스타벅스 강남점,4500,2026-11-06"
    statement = card_file(row, header="승인일자,카드번호,승인번호,가맹점명,승인금액,취소일자")
    first = counts(office.settle(statement))
    run(reverse.command, "card.csv")

    assert (first, counts(office.settle(statement))) == ((1, 1, 0, 0, 0), (1, 1, 0, 0, 0))
    assert office.balance("811") == 0


def test_answer_says_when_no_row_waits(run: Run) -> None:
    assert run(answer.same, "jk2-nothing") == 2


def test_reverse_shows_balances_and_writes_nothing_when_the_question_is_declined(
    office: Office, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = posted(office)
    capsys.readouterr()
    monkeypatch.setattr(reverse, "_on_terminal", lambda: True)
    monkeypatch.setattr(click, "confirm", lambda _: False)

    assert run(reverse.command, number) == 2

    assert said(capsys) == [
        "2026-000001 would be reversed: 4,500",
        "  253 미지급금  -4,500 → 0",
        "  811 복리후생비  4,500 → 0",
    ]
    assert len(office.company.books) == 2
