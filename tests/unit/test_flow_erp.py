"""A ledger that a flow keeps, by itself: drafts that were made anew, and questions that are out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from jikimi.clock import SystemClock
from jikimi.config import Config
from jikimi.erp.flow_erp import FlowErp
from jikimi.erp.port import Entry, Refused, Voucher
from jikimi.rpa.item import State
from jikimi.testing.clock import FakeClock
from tests.flow_office import FLOW, FlowOffice

ZERO = Decimal(0)


def voucher(key: str, origin: int | None = None) -> Voucher:
    sides = (Entry("811", Decimal(4500), ZERO, "커피"), Entry("253", ZERO, Decimal(4500), ""))
    return Voucher(key, date(2026, 11, 4), sides, origin)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(SystemClock().now() + timedelta(hours=1))


@pytest.fixture
def erp(config: Config, clock: FakeClock) -> FlowErp:
    return FlowErp(config.home, FLOW, clock)


@pytest.fixture
def flow(config: Config, clock: FakeClock) -> FlowOffice:
    return FlowOffice(config, clock)


def questions(config: Config, place: str) -> list[str]:
    return sorted(path.name for path in (config.home / place).rglob("ask.*"))


def test_what_the_flow_has_taken_is_not_asked_again_while_it_works(
    config: Config, erp: FlowErp, flow: FlowOffice
) -> None:
    drafts = erp.stage([voucher("jk1-a")])
    erp.post(drafts)
    flow.reception.look()

    (again,) = erp.post(drafts)

    assert again.waits is not None
    assert (questions(config, "inbox"), questions(config, "work")) == ([], ["ask.jk1-a.json"])


def test_a_draft_that_was_made_anew_is_another_than_the_one_before(erp: FlowErp) -> None:
    (old,) = erp.stage([voucher("jk1-a")])
    (new,) = erp.stage([voucher("jk1-a")])

    with pytest.raises(Refused):
        erp.post([old])
    erp.discard([old])

    assert erp.find(["jk1-a"]) == [new]
    erp.discard([new])
    assert erp.find(["jk1-a"]) == []


def test_a_reversal_names_the_number_of_its_own_original(erp: FlowErp, flow: FlowOffice) -> None:
    seen: dict[str, str] = {}
    erp.post(erp.stage([voucher("jk1-a"), voucher("jk1-b")]))
    flow.work()
    originals = erp.find(["jk1-a", "jk1-b"])
    flow.refuse = lambda key, values: seen.update({key: values["reverses"]})

    erp.post(erp.stage([voucher(f"{one.key}-r", one.id) for one in originals]))
    flow.work()

    assert seen == {f"{one.key}-r": one.number for one in originals}
    assert len(set(seen.values())) == 2


def test_one_that_is_refused_keeps_the_others_of_its_request_at_home(
    config: Config, erp: FlowErp, flow: FlowOffice
) -> None:
    first, second = erp.stage([voucher("jk1-a"), voucher("jk1-b")])
    erp.post([first])
    flow.refuse = lambda _key, _values: (State.BUSINESS, "closed")
    flow.work()

    with pytest.raises(Refused) as caught:
        erp.post([second, first])

    assert caught.value.facts["answer"] == "closed"
    assert questions(config, "inbox") == []


@pytest.mark.parametrize("text", ["", "{}", '{"key": "jk1-a", "data": {"date": "x"}}'])
def test_a_draft_that_cannot_be_read_is_none_and_is_made_anew(config: Config, erp: FlowErp, text: str) -> None:
    erp.stage([voucher("jk1-a")])
    (config.home / f"work/outgoing/{FLOW}/jk1-a.json").write_text(text)

    assert erp.find(["jk1-a"]) == erp.drafts() == []
    assert erp.find(["jk1-a"]) != erp.stage([voucher("jk1-a")]) == erp.drafts()
