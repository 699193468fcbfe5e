"""`jikimi config check` reads every rules file and asks the ERP whether the accounts exist."""

from pathlib import Path

import pytest

from jikimi.cli import config as command
from jikimi.cli import main
from jikimi.config import load
from jikimi.config.model import Ledger
from jikimi.erp.port import Catalogue, NotAllowed, Unavailable
from jikimi.errors import JikimiError
from jikimi.testing.erp import FakeErp
from jikimi.vouchers.rulebook import ship_rules

PROFILES = """\
[profiles.card]
kind = "card"
[profiles.practice-card]
kind = "card"
ledger = "practice"
rules = "card"
[profiles.journal]
kind = "journal"
"""
CARD = """\
counter = "253"

[[rule]]
merchant = "가"
account = "811"
[[rule]]
merchant = "나"
split = { 812 = 50, 899 = 50 }
[[rule]]
account = "898"
"""


class Away(FakeErp):
    """An ERP that does not answer as it should."""

    def __init__(self, error: JikimiError) -> None:
        super().__init__()
        self.error = error

    def catalogue(self) -> Catalogue:
        raise self.error


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "jikimi.toml").write_text(PROFILES, encoding="utf-8")
    (tmp_path / "rules/card.toml").write_text(CARD, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ledgers(monkeypatch: pytest.MonkeyPatch) -> dict[Ledger, FakeErp]:
    erps = {ledger: FakeErp() for ledger in Ledger}
    monkeypatch.setattr(command, "erp_of", lambda _config, ledger, _clock: erps[ledger])
    return erps


def check(home: Path, lang: str = "en") -> int:
    return main.run(["--home", str(home), "--lang", lang, "config", "check"])


def test_accounts_that_the_erp_has_are_well(
    home: Path, ledgers: dict[Ledger, FakeErp], capsys: pytest.CaptureFixture[str]
) -> None:
    for erp in ledgers.values():
        erp.accounts |= {"898": "기타", "899": "기타"}

    assert check(home) == 0
    assert capsys.readouterr().out == "jikimi.toml: well\nrules/card.toml: well\n"


def test_each_account_that_is_missing_is_told_on_its_line(
    home: Path, ledgers: dict[Ledger, FakeErp], capsys: pytest.CaptureFixture[str]
) -> None:
    ledgers[Ledger.PRACTICE].accounts |= {"898": "기타", "899": "기타"}

    assert check(home) == 64
    assert check(home, "ko") == 64
    said = capsys.readouterr()
    assert "rules/card.toml: well" not in said.out
    english, korean = said.err.split("2곳을", 1)
    assert english.splitlines()[1:3] == [
        (
            "card.toml:8: rule.1.split: the ERP has no account 899 in its ledger (company); "
            "write one that it has, or create it there"
        ),
        (
            "card.toml:10: rule.2.account: the ERP has no account 898 in its ledger (company); "
            "write one that it has, or create it there"
        ),
    ]
    assert (
        "card.toml:8: rule.1.split: ERP의 장부(company)에 계정 899이(가) 없습니다. "
        "있는 계정으로 고치거나 ERP에 만드세요" in korean
    )


@pytest.mark.parametrize(("key", "line"), [("counter", 1), ("vat_account", 2)])
def test_the_accounts_at_the_top_are_asked_about_as_well(
    home: Path, ledgers: dict[Ledger, FakeErp], capsys: pytest.CaptureFixture[str], key: str, line: int
) -> None:
    accounts = {"counter": "253", "vat_account": "135", key: "777"}
    top = "".join(f'{name} = "{account}"\n' for name, account in accounts.items())
    (home / "rules/card.toml").write_text(top, encoding="utf-8")

    assert ledgers
    assert check(home) == 64
    assert f"card.toml:{line}: {key}: the ERP has no account 777" in capsys.readouterr().err


@pytest.mark.parametrize("error", [Unavailable(answer="away"), NotAllowed(answer="401")])
def test_an_erp_that_does_not_answer_leaves_accounts_unknown_and_the_code_as_it_is(
    home: Path, ledgers: dict[Ledger, FakeErp], capsys: pytest.CaptureFixture[str], error: JikimiError
) -> None:
    ledgers[Ledger.COMPANY] = Away(error)
    ledgers[Ledger.PRACTICE].accounts |= {"898": "기타", "899": "기타"}

    assert (check(home), check(home, "ko")) == (0, 0)
    said = capsys.readouterr().out
    assert "rules/card.toml: well formed. Whether its accounts exist was not checked" in said
    assert "(company)" in said
    assert "계정이 있는지는 확인하지 못했습니다" in said
    assert "rules/card.toml: well\n" not in said


def test_what_one_ledger_lacks_is_told_though_the_other_does_not_answer(
    home: Path, ledgers: dict[Ledger, FakeErp], capsys: pytest.CaptureFixture[str]
) -> None:
    ledgers[Ledger.COMPANY] = Away(Unavailable(answer="away"))

    assert check(home) == 64
    assert "no account 899 in its ledger (practice)" in capsys.readouterr().err


def test_an_account_that_two_ledgers_lack_is_one_thing_to_mend(
    home: Path, ledgers: dict[Ledger, FakeErp], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ledgers
    assert check(home) == 64
    said = capsys.readouterr().err
    assert said.startswith("2 to mend:\n")
    assert said.count("(company, practice)") == 2


def test_a_stack_that_was_never_started_leaves_accounts_unknown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(home) == 0
    assert "was not checked" in capsys.readouterr().out


def test_an_erp_whose_key_is_not_there_yet_leaves_accounts_unknown(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "jikimi.toml").write_text(f'{PROFILES}[erp]\nurl = "http://127.0.0.1:9"\n', encoding="utf-8")

    assert check(home) == 0
    assert "was not checked" in capsys.readouterr().out


def test_a_ledger_that_a_flow_enters_has_no_list_to_check(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '[profiles.card]\nkind = "card"\n[erp]\nflow = "booking"\n'
    (home / "jikimi.toml").write_text(text, encoding="utf-8")

    assert check(home) == 0
    assert "a flow enters the ledger (company)" in capsys.readouterr().out


def test_the_problems_of_all_files_are_told_at_once(
    home: Path, ledgers: dict[Ledger, FakeErp], capsys: pytest.CaptureFixture[str]
) -> None:
    more = '[profiles.bank]\nkind = "bank"\n[profiles.other]\nkind = "bank"\n'
    (home / "jikimi.toml").write_text(PROFILES + more, encoding="utf-8")
    (home / "rules/bank.toml").write_text("counter = 103\n", encoding="utf-8")

    assert ledgers
    assert check(home, "ko") == 64
    said = capsys.readouterr().err
    assert "bank.toml:1: counter: 계정은 따옴표로 묶은 숫자 1~12자리로 쓰세요" in said
    assert "other.toml: 규칙 파일이 없습니다. rules/bank.toml을 이 이름으로 복사하세요" in said
    assert "card.toml:8:" in said


def test_the_shipped_rules_are_well_formed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "jikimi.toml").write_text("", encoding="utf-8")
    ship_rules(load(tmp_path, {}).home)

    assert check(tmp_path) == 0
    assert "rules/bank.toml: well formed" in capsys.readouterr().out
