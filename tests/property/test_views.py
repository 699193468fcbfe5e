"""Whatever views of the same transactions are dropped, in whatever order: each is posted once or asked about.

The oracle knows the transactions that the views were made of and the books; it knows nothing of readers or keys.
"""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from jikimi.config.model import StatementKind
from jikimi.erp.port import Voucher
from jikimi.testing.erp import FakeErp
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import judge
from jikimi.vouchers.readers import ReadOptions, read_statement
from jikimi.vouchers.recognition import recognise
from jikimi.vouchers.rules import Rule, Rules
from jikimi.vouchers.settlement import Settlement

TODAY = date(2026, 11, 30)
RULES = Rules("rules.toml", "253", "135", (Rule(account="811"),), (2,))
CARD = "9999123400003456"
ACCOUNT = "301-0000-1111-22"
MASKS = (CARD, "9999-12**-****-3456", "9999********3456", "************3456")
PARTIES = ("스타벅스 강남대로점", "㈜푸른물산", "카카오T 택시", "KT 통신요금")
DATES = ("%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y년 %m월 %d일")
_SEEN: Counter[str] = Counter()


@dataclass(frozen=True)
class Happened:
    """One transaction of the world."""

    day: int
    second: int
    amount: int
    party: str
    number: int
    incoming: bool = False

    @property
    def name(self) -> tuple[str, int, str, bool]:
        return (f"2026-11-{self.day:02d}", self.amount, unicodedata.normalize("NFKC", self.party), self.incoming)


@dataclass(frozen=True)
class View:
    """How an export shows things."""

    mask: str | None
    date_style: str
    clock: str  # "", "minutes" or "seconds"
    approval: bool
    balance: bool
    reverse: bool
    nfd: bool
    padding: int
    grouped: bool

    def spelled(self, text: str) -> str:
        form = unicodedata.normalize("NFD" if self.nfd else "NFC", text)
        return form + " " * self.padding

    def money(self, amount: int) -> str:
        return f"{amount:,}" if self.grouped else str(amount)


happened = st.builds(
    Happened,
    day=st.integers(1, 4),
    second=st.integers(0, 3).map(lambda step: 36_000 + step * 35),
    amount=st.sampled_from([3200, 4500, 9000]),
    party=st.sampled_from(PARTIES),
    number=st.just(0),
    incoming=st.booleans(),
)
views = st.builds(
    View,
    mask=st.sampled_from([*MASKS, *MASKS, None]),
    date_style=st.sampled_from(DATES),
    clock=st.sampled_from(["", "minutes", "seconds"]),
    approval=st.sampled_from([True, True, True, False]),
    balance=st.sampled_from([True, True, False]),
    reverse=st.booleans(),
    nfd=st.booleans(),
    padding=st.sampled_from([0, 0, 6]),
    grouped=st.booleans(),
)
world = st.lists(happened, min_size=3, max_size=9)
cuts = st.tuples(st.integers(0, 8), st.integers(0, 9)).map(sorted)
exports = st.lists(st.tuples(views, cuts), min_size=4, max_size=6)


def in_order(things: Sequence[Happened]) -> list[Happened]:
    """Number what happened in the order of time; no two things happen in one second."""
    ordered = sorted(things, key=lambda thing: (thing.day, thing.second))
    return [
        Happened(thing.day, thing.second + place, thing.amount, thing.party, 40_114_501 + place, thing.incoming)
        for place, thing in enumerate(ordered)
    ]


def clock_of(thing: Happened, view: View) -> str:
    hours, rest = divmod(thing.second, 3600)
    text = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return text[:5] if view.clock == "minutes" else text


def table(columns: dict[str, list[str]], *, reverse: bool) -> bytes:
    rows = list(zip(*columns.values(), strict=True))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(reversed(rows) if reverse else rows)
    return out.getvalue().encode()


def card_export(things: Sequence[Happened], view: View) -> bytes:
    columns = {"승인일자": [date(2026, 11, thing.day).strftime(view.date_style) for thing in things]}
    if view.clock:
        columns["승인시간"] = [clock_of(thing, view) for thing in things]
    if view.mask:
        columns["카드번호"] = [view.mask for _ in things]
    columns["이용금액"] = [view.money(thing.amount) for thing in things]
    columns["가맹점명"] = [view.spelled(thing.party) for thing in things]
    if view.approval:
        columns["승인번호"] = [str(thing.number) for thing in things]
    return table(columns, reverse=view.reverse)


def bank_export(things: Sequence[Happened], balances: Sequence[int], view: View) -> bytes:
    columns = {"거래일자": [date(2026, 11, thing.day).strftime(view.date_style) for thing in things]}
    if view.clock:
        columns["거래시간"] = [clock_of(thing, view) for thing in things]
    if view.mask:
        columns["계좌번호"] = [ACCOUNT for _ in things]
    columns["적요"] = [view.spelled(thing.party) for thing in things]
    columns["출금액"] = ["0" if thing.incoming else view.money(thing.amount) for thing in things]
    columns["입금액"] = [view.money(thing.amount) if thing.incoming else "0" for thing in things]
    if view.balance:
        columns["거래후잔액"] = [view.money(balance) for balance in balances]
    return table(columns, reverse=view.reverse)


class Books(FakeErp):
    """Books that post what they are given."""

    def settle(self, vouchers: Sequence[Voucher]) -> dict[str, Outcome]:
        outcomes = {}
        for voucher in vouchers:
            stands = [booked for booked in self.find([voucher.key]) if booked.posted]
            if stands:
                outcomes[voucher.key] = judge(voucher, stands, ours=False)
                continue
            (draft,) = self._stage([voucher])
            (posted,) = self._post([draft.id])
            outcomes[voucher.key] = Outcome(State.POSTED, None, posted.number, posted.debit, posted.credit)
        return outcomes

    def take(self, data: bytes, kind: StatementKind, file_id: str) -> Counter[str]:
        """Settle one statement and return how many rows ended how."""
        statement = read_statement(data, kind, ReadOptions(TODAY))
        assert statement.faults == ()
        found = recognise(statement, file_id, self, RULES.counter)
        outcomes = Settlement(RULES, self, self.catalogue(), self.settle).outcomes(found, mended=False)
        return Counter(
            outcome.reason.code if outcome.state is State.WAITING and outcome.reason else outcome.state.value
            for outcome in outcomes.values()
        )

    def names(self) -> Counter[tuple[str, int, str, bool]]:
        return Counter(
            (
                booked.on.isoformat(),
                int(booked.debit),
                unicodedata.normalize("NFKC", booked.description),
                any(entry.debit for entry in booked.entries if entry.account == "253"),
            )
            for booked in self.books.values()
        )


def check(books: Books, shown: Sequence[Happened], asked: int) -> None:
    """Nothing stands more often than it happened; what does not stand was asked about."""
    truth, stands = Counter(thing.name for thing in shown), books.names()
    assert stands <= truth
    assert sum((truth - stands).values()) <= asked
    assert sum(booked.debit for booked in books.books.values()) == sum(
        (Decimal(name[1]) * count for name, count in stands.items()), Decimal(0)
    )


def card_views(things: list[Happened], made: list[tuple[View, list[int]]]) -> None:
    happened_now = [Happened(t.day, t.second, t.amount, t.party, t.number) for t in in_order(things)]
    books, asked, shown = Books(), 0, set()
    for place, (view, (first, last)) in enumerate(made):
        part = happened_now[first : last + 1]
        if part:
            found = books.take(card_export(part, view), StatementKind.CARD, f"file{place}")
            assert set(found) <= {"posted", "already", "likely_same"}
            asked += found["likely_same"]
            shown |= set(part)
            _SEEN["statements"] += 1
    check(books, sorted(shown, key=lambda thing: thing.number), asked)


def bank_views(things: list[Happened], made: list[tuple[View, list[int]]]) -> None:
    ordered = in_order(things)
    moves = [thing.amount if thing.incoming else -thing.amount for thing in ordered]
    balances = list(accumulate(moves, initial=1_000_000))[1:]
    books, asked, shown = Books(), 0, set()
    for place, (view, (first, last)) in enumerate(made):
        part = ordered[first : last + 1]
        if part:
            data = bank_export(part, balances[first : last + 1], view)
            found = books.take(data, StatementKind.BANK, f"file{place}")
            assert set(found) <= {"posted", "already", "likely_same"}
            asked += found["likely_same"]
            shown |= set(part)
            _SEEN["statements"] += 1
    check(books, sorted(shown, key=lambda thing: thing.number), asked)


@pytest.mark.timeout(7200)  # at its full length
@pytest.mark.parametrize("turn", range(2))  # beside each other, on two processors
@pytest.mark.parametrize("drop_views", [card_views, bank_views])
def test_transactions_stand_once_or_are_asked_about_in_any_views(
    request: pytest.FixtureRequest, drop_views: Callable[..., None], turn: int
) -> None:
    soaks = bool(request.config.getoption("--soak"))
    _SEEN.clear()

    drop = seed(turn)(given(world, exports)(drop_views))  # each turn other statements
    settings(max_examples=35_000 if soaks else 1400, deadline=None)(drop)()

    assert _SEEN["statements"] >= (125_000 if soaks else 5_000)
