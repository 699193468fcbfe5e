"""Vouchers for an ERP without an API: they go out as a flow's items, and come back by what it replies."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.erp.flow_erp import FlowErp
from jikimi.erp.port import Erp
from jikimi.rpa.item import State
from jikimi.testing.erp import FakeErp
from jikimi.vouchers.posting import Desk
from jikimi.vouchers.undo import undo
from tests.flow_office import FLOW, FlowOffice, Values
from tests.unit.vouchers.office import CARD_HEADER, AnyOffice, card_file, card_row, counts

REFUSAL = "오류: 마감된 월입니다"


class Firm(AnyOffice[Erp]):
    """An office whose company ledger is a flow's."""

    def __init__(self, config: Config) -> None:
        super().__init__(config, {Ledger.COMPANY: FakeErp(), Ledger.PRACTICE: FakeErp()})
        self.erps = {**self.erps, Ledger.COMPANY: FlowErp(config.home, FLOW, self.clock)}
        self.flow = FlowOffice(config, self.clock)

    def comes_back(self) -> dict[str, Any]:
        """Let the flow work, and run a cycle."""
        self.flow.work()
        return self.cycle()

    def lose_all_state(self) -> None:
        self.flow.store.close()
        self.lose_state()
        self.flow.open()

    def reverse(self, key: str) -> str:
        """Do as `jikimi reverse` does, and return why it is not done at once."""
        lease = self.leases.lease("company", "erp-worker")
        lease.take()
        desk = Desk(self.company, lease, self.journal, 10)
        (outcome,) = undo(desk, [key], self.clock.now().date(), lambda _: None).values()
        return outcome.reason.code if outcome.reason else ""

    def why(self, document: dict[str, Any]) -> dict[int, str]:
        return self.reasons(document["files"][0]["sha"])

    def questions(self) -> list[str]:
        return sorted(name for name in self.files("inbox/flows") + self.files("work/flows"))

    def outgoing(self) -> list[str]:
        return self.files("work/outgoing")


@pytest.fixture
def firm(config: Config) -> Iterator[Firm]:
    firm = Firm(config)
    yield firm
    firm.close()


def test_a_voucher_is_handed_out_waits_and_is_posted_with_the_number_that_comes_back(firm: Firm) -> None:
    handed = firm.settle(card_file(card_row(1), card_row(2)))
    still = firm.cycle()
    back = firm.comes_back()

    assert [counts(document) for document in (handed, still, back)] == [(2, 0, 0, 0, 2)] * 2 + [(2, 2, 0, 0, 0)]
    assert handed["outcome"] == "done"
    assert back["proof"]
    entries = firm.journal.entries(back["files"][0]["sha"])
    assert {entry.outcome.number for entry in entries} == {"V001", "V002"}
    assert firm.files("done") == ["ask." + key + ".json" for key in sorted(firm.flow.entered)] + ["card.csv"]
    assert firm.outgoing() == []


def test_the_reason_names_the_flow_until_it_has_replied(firm: Firm) -> None:
    handed = firm.settle(card_file(card_row(1)))

    assert firm.why(handed) == {2: "handed_out"}
    page = (firm.config.home / "outputs/results/card.csv.html").read_text(encoding="utf-8")
    assert FLOW in page


def test_a_flow_gets_values_that_can_be_typed_in(firm: Firm) -> None:
    firm.settle(card_file(card_row(1, "카카오T택시", "12000")))
    (path,) = (firm.config.home / "inbox/flows" / FLOW).iterdir()

    question = json.loads(path.read_text(encoding="utf-8"))

    data = question["data"]
    assert path.name == f"ask.{question['key']}.json"
    assert (data["date"], data["amount"], data["text"]) == ("2026-11-04", "12000", "카카오T택시")
    assert (data["debit"], data["credit"], data["reverses"]) == ("812", "253", "")
    assert [(entry["account"], entry["debit"], entry["credit"]) for entry in data["entries"]] == [
        ("812", "12000", "0"),
        ("253", "0", "12000"),
    ]


def test_a_business_error_rejects_the_row_and_its_mended_row_goes_out_anew(firm: Firm) -> None:
    firm.flow.refuse = lambda _key, data: (State.BUSINESS, REFUSAL) if data["debit"] == "812" else None
    firm.settle(card_file(card_row(1, "카카오T택시"), card_row(2)))
    back = firm.comes_back()

    assert counts(back) == (2, 1, 0, 1, 0)
    errors = (firm.config.home / "rejected/card.errors.csv").read_text(encoding="utf-8-sig")
    assert "카카오T택시" in errors
    assert REFUSAL in errors
    assert firm.files("outputs/results") == ["card.csv.html"]  # a question is answered to who asked, by no page

    row, header = f"{card_row(1, '카카오T택시')},{REFUSAL},811", f"{CARD_HEADER},이유,계정"
    again = firm.settle(card_file(row, header=header), "card.errors.csv")
    mended = firm.comes_back()

    assert (counts(again), counts(mended)) == ((1, 0, 0, 0, 1), (1, 1, 0, 0, 0))
    assert list(firm.flow.entered.values()) == [1, 1]


def test_a_refused_row_that_is_dropped_again_as_it_was_is_asked_about_again(firm: Firm) -> None:
    firm.flow.refuse = lambda _key, _data: (State.BUSINESS, REFUSAL)
    firm.settle(card_file(card_row(1)))
    firm.comes_back()
    firm.flow.refuse = lambda _key, _data: None  # the month was opened meanwhile

    firm.settle(card_file(card_row(1), header=CARD_HEADER + ",이유"), "again.csv")

    assert counts(firm.comes_back()) == (1, 1, 0, 0, 0)


def test_a_refusal_is_nobody_else_s(firm: Firm) -> None:
    firm.flow.refuse = lambda _key, data: (State.BUSINESS, REFUSAL) if data["amount"] == "1003" else None
    firm.settle(card_file(*(card_row(number, amount=str(1000 + number)) for number in range(8))))

    assert counts(firm.comes_back()) == (8, 7, 0, 1, 0)
    assert set(firm.flow.entered.values()) == {1}


@pytest.mark.parametrize(
    ("state", "code"), [(State.FAILED, "handed_out_failed"), (State.IN_DOUBT, "handed_out_in_doubt")]
)
def test_what_failed_or_is_in_doubt_waits_says_so_and_goes_on_once_a_person_has_spoken(
    firm: Firm, state: State, code: str
) -> None:
    firm.flow.refuse = lambda _key, _data: (state, "화면이 뜨지 않았습니다")
    firm.settle(card_file(card_row(1)))

    told = firm.comes_back()
    for _ in range(3):
        firm.comes_back()

    assert counts(told) == (1, 0, 0, 0, 1)
    assert firm.why(told) == {2: code}
    (key,) = [entry.key for entry in firm.journal.entries(told["files"][0]["sha"])]
    assert sum(name.startswith("ask.") for name in firm.files("done")) == (state is State.FAILED)
    firm.flow.refuse = lambda _key, _data: None
    firm.flow.retry(key)

    assert counts(firm.comes_back()) == (1, 1, 0, 0, 0)
    assert firm.flow.entered == {key: 1}


def test_an_amount_that_reads_back_otherwise_is_a_conflict(firm: Firm) -> None:
    firm.flow.reads_back = True
    firm.settle(card_file(card_row(1, amount="12000")))
    (name,) = firm.questions()
    firm.flow.amounts[name.removeprefix("ask.").removesuffix(".json")] = "1,200원"
    back = firm.comes_back()

    assert counts(back) == (1, 0, 0, 1, 0)
    assert firm.why(back) == {2: "conflict"}


def test_a_voucher_whose_reply_is_lost_is_asked_about_again_and_stands_once(firm: Firm) -> None:
    firm.settle(card_file(card_row(1)))
    firm.flow.work()
    firm.flow.lose_replies()

    lost, back = firm.cycle(), firm.comes_back()

    assert (counts(lost), counts(back)) == ((1, 0, 0, 0, 1), (1, 1, 0, 0, 0))
    assert list(firm.flow.entered.values()) == [1]


def test_a_draft_of_one_that_died_before_handing_it_out_is_handed_out(firm: Firm) -> None:
    firm.settle(card_file(card_row(1)))
    (question,) = (firm.config.home / "inbox/flows" / FLOW).iterdir()
    question.unlink()

    assert counts(firm.cycle()) == (1, 0, 0, 0, 1)
    assert firm.questions() == [question.name]
    assert counts(firm.comes_back()) == (1, 1, 0, 0, 0)


def test_a_lost_draft_is_made_again_and_stands_once(firm: Firm) -> None:
    firm.settle(card_file(card_row(1)))
    firm.flow.reception.look()
    for path in (firm.config.home / "work/outgoing" / FLOW).iterdir():
        path.unlink()

    assert counts(firm.cycle()) == (1, 0, 0, 0, 1)
    assert counts(firm.comes_back()) == (1, 1, 0, 0, 0)
    assert list(firm.flow.entered.values()) == [1]


@pytest.mark.parametrize("entered", [False, True])
def test_after_losing_the_state_nothing_is_entered_twice(firm: Firm, entered: bool) -> None:  # noqa: FBT001
    firm.settle(card_file(card_row(1)))
    if entered:
        firm.flow.work()
    firm.lose_all_state()

    firm.cycle()
    back = firm.comes_back() if not entered else None

    assert list(firm.flow.entered.values()) == [1]
    assert firm.files("work") == []
    assert back is None or counts(back) == (1, 1, 0, 0, 0)


def test_a_cancellation_waits_for_its_approval_and_names_its_number_to_the_flow(firm: Firm) -> None:
    seen: list[Values] = []

    def sees(_key: str, data: Values) -> None:
        seen.append(data)

    firm.flow.refuse = sees
    firm.settle(card_file(card_row(1), card_row(1, cancelled="취소", day="05")))
    first = firm.comes_back()
    second = firm.comes_back()

    assert (counts(first), counts(second)) == ((2, 1, 0, 0, 1), (1, 1, 0, 0, 0))
    assert [(data["debit"], data["credit"], data["reverses"]) for data in seen] == [
        ("811", "253", ""),
        ("253", "811", "V001"),
    ]


def test_a_reversal_that_a_person_asks_for_goes_out_as_well_and_only_once(firm: Firm) -> None:
    firm.settle(card_file(card_row(1)))
    firm.comes_back()
    (key,) = firm.flow.entered

    said = []
    for _ in range(3):
        firm.flow.work()
        said.append(firm.reverse(key))

    assert said == ["handed_out", "reversed_already", "reversed_already"]
    assert list(firm.flow.entered.values()) == [1, 1]


def test_looking_again_and_again_is_one_attempt(firm: Firm) -> None:
    handed = firm.settle(card_file(card_row(1)))
    for _ in range(4):
        firm.cycle()
    (key,) = [entry.key for entry in firm.journal.entries(handed["files"][0]["sha"])]

    (line,) = firm.journal.story(key)

    assert len(line["attempts"]) == 1


def test_a_full_disk_is_an_erp_that_is_away(firm: Firm) -> None:
    folder = firm.config.home / "work/outgoing"
    folder.write_text("no folder")

    document = firm.settle(card_file(card_row(1)))

    assert document["outcome"] == "away"
    assert counts(document) == (1, 0, 0, 0, 1)
