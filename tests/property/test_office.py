"""Whatever is dropped, lost, late or taken over: in the end the books say what the statements say."""

from collections import Counter, deque
from decimal import Decimal
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from jikimi.config import load
from jikimi.testing.erp import Fate
from tests.unit.vouchers.office import Office, card_file, card_row

CAFE, TAXI, SHOP, ADS = "스타벅스 강남점", "카카오T 택시", "쿠팡", "네이버 광고"
EXPENSE = {CAFE: "811", TAXI: "812", SHOP: "830", ADS: "833"}
_TWIN = card_row(0, TAXI, "3200").replace("00000000", "")
_REFUND = card_row(0, SHOP, "-900", day="05").replace("00000000", "")
_PART = card_row(3, CAFE, "1500", cancelled="부분취소", day="06")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a disk would only be waited for
POOL = (
    card_row(1),
    card_row(1),  # the same transaction listed twice
    card_row(2, SHOP, "8800"),
    card_row(2, SHOP, "8800", cancelled="취소"),  # the approval's own row, as a later export shows it
    card_row(3, CAFE, "4500"),
    _PART,
    _PART,
    card_row(3, CAFE, "-1500", day="07"),
    _TWIN,
    _TWIN,
    _REFUND,
    _REFUND,
    card_row(4, ADS, "9000"),
    card_row(4, ADS, "6000", cancelled="취소", day="06"),  # of these two only one has room
    card_row(4, ADS, "3001", cancelled="취소", day="07"),
)
LAST = card_row(9, CAFE, "700", day="08")
PLACES = st.sampled_from(range(len(POOL)))
SOME, MANY = (st.lists(PLACES, min_size=1, max_size=most, unique=True) for most in (4, len(POOL)))
FATES = st.lists(st.sampled_from([Fate.DONE, Fate.DONE, Fate.LOST, Fate.UNANSWERED, Fate.LATE]), max_size=6)
UNITS = st.sampled_from(["erp-worker", "erp-worker", "erp-worker-2"])
_STEPS: Counter[str] = Counter()


class OfficeMachine(RuleBasedStateMachine):
    """An office whose ERP fails as it likes, and a model that knows only what was dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory(dir=MEMORY)
        config = load(Path(self._folder.name) / "home", {})
        config.home.make()
        self.office = Office(config, batch=3)
        self.fates: deque[Fate] = deque()
        self.office.company.fate = lambda: self.fates.popleft() if self.fates else Fate.DONE
        self.dropped: Counter[str] = Counter()
        self.files = 0
        self.documents: list[dict[str, Any]] = []

    @rule(places=SOME | MANY)
    def drop(self, places: list[int]) -> None:
        self._drop([POOL[place] for place in places])

    @rule()
    def lose_the_state(self) -> None:
        self.office.lose_state()

    @rule(count=st.integers(1, 3))
    def let_late_requests_arrive(self, count: int) -> None:
        for _ in range(count):
            self.office.company.arrive()

    @rule(places=SOME, fates=FATES, unit=UNITS)
    def drop_and_cycle(self, places: list[int], fates: list[Fate], unit: str) -> None:
        """The usual day: what is new meets an ERP that fails as the fates of its next requests say."""
        self.fates = deque(fates)
        self._drop([POOL[place] for place in places])
        self._cycle(unit)

    @rule(fates=FATES, unit=UNITS)
    def cycle(self, fates: list[Fate], unit: str) -> None:
        self.fates.extend(fates)
        self._cycle(unit)

    @invariant()
    def no_key_is_posted_twice(self) -> None:
        _STEPS["all"] += 1
        assert set(self.office.posted_keys().values()) <= {1}

    @invariant()
    def every_posted_voucher_balances(self) -> None:
        assert all(booked.debit == booked.credit for booked in self.office.company.books.values() if booked.posted)

    @invariant()
    def no_more_is_undone_than_was_booked(self) -> None:
        books = self.office.company.books
        undone: Counter[int] = Counter()
        for booked in books.values():
            if booked.posted and booked.origin is not None:
                undone[booked.origin] += int(booked.debit)
        assert all(sum_of <= books[origin].debit for origin, sum_of in undone.items())

    @invariant()
    def what_came_in_is_what_came_out(self) -> None:
        for document in self.documents:
            for counted in (document, *document["files"]):
                states = ("posted", "already", "rejected", "waiting", "unknown")
                assert counted["in"] == sum(counted[state] for state in states)
                assert counted["proof"]
                assert counted["debit"] == counted["credit"]
        self.documents.clear()

    def teardown(self) -> None:
        try:
            self._come_to_rest()
            self._assert_that_the_books_say_what_was_dropped()
        finally:
            self.office.close()
            self._folder.cleanup()

    def _come_to_rest(self) -> None:
        self.fates.clear()
        if self.files % 2:  # late requests may find their vouchers posted by now, or not
            self._cycle("erp-worker")
        while self.office.company.late:
            self.office.company.arrive()
        self._drop([LAST])  # only a cycle with work looks for what requests of the dead left behind
        for _ in range(2):
            self._cycle("erp-worker")
            assert self.documents[-1]["outcome"] == "done"
        self.what_came_in_is_what_came_out()

    def _assert_that_the_books_say_what_was_dropped(self) -> None:
        asks = bool(self.office.journal.questions("jk2-"))
        expected, posted = _expected(self.dropped, asks=asks), self.office.posted_keys()
        balances = {account: self.office.balance(account) for account in EXPENSE.values()}
        assert balances in [account_sums for account_sums, _ in expected]
        assert len(posted) in [count for _, count in expected]
        assert set(posted.values()) == {1}
        assert self.office.balance("253") == -sum(balances.values())
        assert [draft for draft in self.office.company.drafts() if draft.key in posted] == []
        assert self.office.files("inbox") == []

    def _drop(self, rows: list[str]) -> None:
        self.files += 1
        self.dropped |= Counter(rows)  # equal rows of two exports are the same transactions
        self.office.drop(card_file(*rows), f"card-{self.files}.csv")

    def _cycle(self, unit: str) -> None:
        self.office.clock.advance(1)
        self.documents.append(self.office.cycle(unit))


def _expected(dropped: Counter[str], *, asks: bool) -> list[tuple[dict[str, Decimal], int]]:
    """The ways in which the books may stand: the sum of every expense account, and how many vouchers.

    Of equal rows without a number, some may still wait for a person while one *asks*.
    """
    twins = [row for row, times in dropped.items() if times > 1 and not _number(row)] if asks else []
    ways = product(*([(row, times) for times in range(1, dropped[row] + 1)] for row in twins))
    return [found for way in ways for found in _expected_without_questions(Counter({**dropped, **dict(way)}))]


def _expected_without_questions(dropped: Counter[str]) -> list[tuple[dict[str, Decimal], int]]:
    sums = dict.fromkeys(EXPENSE.values(), Decimal(0))
    count, choices = 0, []
    approved = {number for number in map(_number, dropped) if any(_is_approval(row, number) for row in dropped)}
    for row, times in dropped.items():
        _, _, number, merchant, amount, _ = row.split(",")
        if number and not _is_approval(row, number) and number not in approved:
            continue  # it waits for its approval
        if merchant == ADS and not _is_approval(row, number):
            choices.append(Decimal(amount))
            continue
        kept = 1 if _is_approval(row, number) else times  # an approval number names one transaction
        sums[EXPENSE[merchant]] += kept * (Decimal(amount) if not _is_cancelled(row) else -abs(Decimal(amount)))
        count += kept
    if not choices:
        return [(sums, count)]
    return [(sums | {EXPENSE[ADS]: sums[EXPENSE[ADS]] - choice}, count + 1) for choice in choices]


def _number(row: str) -> str:
    return row.split(",")[2]


def _is_cancelled(row: str) -> bool:
    return row.endswith("취소") or ",-" in row


def _is_approval(row: str, number: str) -> bool:
    return number != "" and _number(row) == number and not _is_cancelled(row)


def test_the_books_say_what_was_dropped_whatever_fails_in_between() -> None:
    _STEPS.clear()

    run_state_machine_as_test(
        OfficeMachine,
        settings=settings(
            max_examples=90,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )

    assert _STEPS["all"] >= 1500
