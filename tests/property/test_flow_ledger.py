"""Whatever a flow refuses, and whatever is lost on the way to it and back, each voucher is entered once."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jikimi.clock import SystemClock
from jikimi.config import load
from jikimi.erp.flow_erp import FlowErp
from jikimi.erp.handed_out import Stand, as_it_stands, draft_of, stand, values_of
from jikimi.erp.port import Entry, Voucher
from jikimi.inbox import Reply
from jikimi.rpa.item import State as ItemState
from jikimi.testing.clock import FakeClock
from jikimi.testing.queue import FakeLeases
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk, settle, sweep
from tests.flow_office import FLOW, FlowOffice

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a disk would only be waited for
KEYS = ("jk1-a", "jk1-b", "jk1-c")
STEPS = (
    "cycle",
    "cycle",
    "work",
    "work",
    "lose drafts",
    "lose questions",
    "lose replies",
    "lose items",
    "lose intents",
    "lose evidence",
)
ZERO = Decimal(0)


def voucher(key: str, amount: Decimal = Decimal(4500), text: str = "커피", origin: int | None = None) -> Voucher:
    return Voucher(key, date(2026, 11, 4), (Entry("811", amount, ZERO, text), Entry("253", ZERO, amount, "")), origin)


class Intents:
    def __init__(self) -> None:
        self.known: set[str] = set()

    def intend(self, ids: Mapping[str, int]) -> None:
        self.known |= ids.keys()

    def intended(self, keys: Sequence[str]) -> set[str]:
        return self.known & set(keys)


class Firm:
    """A desk whose ledger is a flow's, and the flow."""

    def __init__(self, folder: Path) -> None:
        self.config = load(folder / "home", {})
        self.config.home.make()
        self.clock = FakeClock(SystemClock().now() + timedelta(hours=1))
        self.flow, self.intents = FlowOffice(self.config, self.clock), Intents()
        self.refused: set[str] = set()
        self.flow.refuse = lambda key, _data: (ItemState.BUSINESS, "no") if key in self.refused else None
        self.outcomes: dict[str, Outcome] = {}

    def do(self, step: str) -> None:
        home = self.config.home
        match step:
            case "cycle":
                self.clock.advance(1)
                lease = FakeLeases().lease("company", "erp-worker")
                lease.take()
                desk = Desk(FlowErp(home, FLOW, self.clock), lease, self.intents, 2)
                self.outcomes = settle(desk, [voucher(key) for key in KEYS], lambda _: None)
                sweep(desk)
            case "work":
                self.flow.work()
            case "lose drafts":
                shutil.rmtree(home / "work/outgoing", ignore_errors=True)
            case "lose questions":  # as if whoever was to hand them out had died before
                shutil.rmtree(home / "inbox/flows", ignore_errors=True)
            case "lose replies":
                self.flow.lose_replies()
            case "lose items":
                self.flow.store.close()
                for path in (home / "state").glob("items.sqlite*"):
                    path.unlink()
                self.flow.open()
            case "lose evidence":
                shutil.rmtree(home / "outputs/evidence", ignore_errors=True)
            case "lose intents":
                self.intents.known.clear()


@contextmanager
def firm() -> Iterator[Firm]:
    with TemporaryDirectory(dir=MEMORY) as folder:
        firm = Firm(Path(folder))
        yield firm
        firm.flow.store.close()


@example(steps=["cycle", "work", "lose items", "lose replies", "lose evidence"])  # as a restore of an old backup does
@settings(max_examples=150)
@given(steps=st.lists(st.sampled_from(STEPS) | st.sets(st.sampled_from(KEYS)), max_size=14))
def test_each_is_entered_once_and_in_the_end_all_stand(steps: list[str | set[str]]) -> None:
    with firm() as office:
        for step in steps:
            if isinstance(step, set):
                office.refused = step
            else:
                office.do(step)
            assert set(office.flow.entered.values()) <= {1}

        office.refused = set()
        for step in ("cycle", "work") * 3:
            office.do(step)
        office.do("cycle")

        assert office.flow.entered == dict.fromkeys(KEYS, 1)
        assert {outcome.state for outcome in office.outcomes.values()} <= {State.POSTED, State.ALREADY}
        assert {key: outcome.number for key, outcome in office.outcomes.items()} == office.flow.numbers
        assert list((office.config.home / "work/outgoing").rglob("*.json")) == []


def test_one_that_is_refused_is_rejected_and_the_others_stand() -> None:
    with firm() as office:
        office.refused = {"jk1-b"}
        for step in ("cycle", "work", "cycle"):
            office.do(step)

        states = {key: outcome.state for key, outcome in office.outcomes.items()}

    assert states == {"jk1-a": State.POSTED, "jk1-b": State.REJECTED, "jk1-c": State.POSTED}


AMOUNTS = st.decimals(min_value=1, max_value=10**12, places=0) | st.decimals(min_value=1, max_value=10**6, places=2)


@given(
    amount=AMOUNTS, text=st.text(max_size=20), origin=st.none() | st.integers(1, 2**53), number=st.integers(1, 2**53)
)
def test_what_a_flow_gets_says_the_whole_voucher(amount: Decimal, text: str, origin: int | None, number: int) -> None:
    asked = voucher("jk1-a", amount, text, origin)

    draft = draft_of("jk1-a", values_of(asked, number, ""))

    assert draft is not None
    assert (draft.id, draft.key, draft.on, draft.entries, draft.origin) == (
        number, asked.key, asked.on, asked.entries, origin,
    )  # fmt: skip
    assert (draft.posted, draft.balanced, draft.waits) == (False, True, None)


@given(state=st.sampled_from(ItemState), of=st.integers(1, 3), mine=st.integers(1, 3) | st.none())
def test_a_refusal_or_a_failure_is_that_of_its_own_draft_and_what_was_entered_is_everybody_s(
    state: ItemState, of: int, mine: int | None
) -> None:
    found = stand(mine, Reply("jk1-a", state.value, data={"draft": str(of)}))

    if state is ItemState.DONE:
        assert found is Stand.ENTERED
    elif state is ItemState.IN_DOUBT:
        assert found is Stand.IN_DOUBT
    elif mine == of and state in (ItemState.BUSINESS, ItemState.FAILED):
        assert found is (Stand.REFUSED if state is ItemState.BUSINESS else Stand.FAILED)
    else:
        assert found is Stand.OPEN


@given(
    amount=st.integers(1, 10**9),
    read=st.integers(0, 10**9) | st.none(),
    form=st.sampled_from(["{}", "{:,}", "{:,}원", "₩ {:,}", "{}.00"]),
)
def test_the_amount_that_was_read_back_is_what_stands(amount: int, read: int | None, form: str) -> None:
    data = values_of(voucher("jk1-a", Decimal(amount)), 7, "")
    result = {"no": "V001", "amount": "" if read is None else form.format(read)}

    booked = as_it_stands(FLOW, "jk1-a", None, Reply("jk1-a", "done", result=result, data=data), is_out=False)

    assert booked is not None
    assert (booked.posted, booked.number) == (True, "V001")
    assert booked.debit == booked.credit == (amount if read is None else read)


def test_an_amount_that_is_none_is_another_than_ours() -> None:
    reply = Reply("jk1-a", "done", result={"amount": "보기"}, data=values_of(voucher("jk1-a"), 7, ""))

    booked = as_it_stands(FLOW, "jk1-a", None, reply, is_out=False)

    assert booked is not None
    assert (booked.debit, booked.number) == (ZERO, "jk1-a")


def test_a_reply_about_something_else_says_nothing_of_a_voucher() -> None:
    reply = Reply("jk1-a", "done", data={"금액": "1"})

    assert as_it_stands(FLOW, "jk1-a", None, reply, is_out=False) is None


def test_a_voucher_of_three_lines_names_no_single_accounts() -> None:
    entries = (
        Entry("811", Decimal(4091), ZERO, ""),
        Entry("135", Decimal(409), ZERO, ""),
        Entry("253", ZERO, Decimal(4500), ""),
    )

    values = values_of(Voucher("jk1-a", date(2026, 11, 4), entries), 7, "")

    assert (values["debit"], values["credit"], values["amount"], len(values["entries"])) == ("", "", "4500", 3)
