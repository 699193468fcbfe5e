"""Whatever a request's fate and whichever writer dies where, a voucher stands once."""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from jikimi.erp.port import Booked, Entry, Unavailable, Voucher
from jikimi.queue.port import LeaseLost
from jikimi.testing.erp import FakeErp, Fate
from jikimi.vouchers.outcome import State
from jikimi.vouchers.posting import Desk, settle, sweep

DAY = date(2026, 11, 20)
FATES = st.sampled_from([Fate.DONE, Fate.DONE, Fate.DONE, Fate.LOST, Fate.UNANSWERED, Fate.LATE])


class Killed(Exception):
    """The process died here."""


class Office:
    """The lease and the intents of a few writers, one of whom may be killed at any step."""

    def __init__(self, holder: int) -> None:
        self.holder = holder
        self.kept: set[str] = set()


class Writer:
    """One writer: its lease is the office's while it is the holder; it dies or is taken over after some steps."""

    def __init__(self, office: Office, name: int, steps: int, *, dies: bool) -> None:
        self.office, self.name, self.steps, self.dies = office, name, steps, dies

    def take(self) -> None:
        self.office.holder = self.name

    def check(self) -> None:
        self.steps -= 1
        if self.steps == 0:
            if self.dies:
                raise Killed
            self.office.holder = -1
        if self.office.holder != self.name:
            raise LeaseLost(holder=self.office.holder)

    def release(self) -> None:
        """Nothing to give back."""

    def intend(self, ids: Mapping[str, int]) -> None:
        self.office.kept |= ids.keys()

    def intended(self, keys: Sequence[str]) -> set[str]:
        return self.office.kept & set(keys)


def vouchers(count: int) -> list[Voucher]:
    amount = Decimal(4500)
    entries = (Entry("811", amount, Decimal(0), "커피"), Entry("253", Decimal(0), amount, "카드"))
    return [Voucher(f"jk1-{number}", DAY, entries) for number in range(count)]


@settings(max_examples=300)
@given(st.data(), st.integers(1, 7), st.integers(1, 4))
def test_every_voucher_stands_once_whatever_is_lost_late_or_killed(data: DataObject, count: int, batch: int) -> None:
    several = data.draw(st.booleans(), "posts several")
    erp = FakeErp(fate=lambda: data.draw(FATES, "fate"), posts_several=several)
    office = Office(-1)
    wanted = vouchers(count)
    for name in range(data.draw(st.integers(1, 5), "writers")):
        steps = data.draw(st.integers(1, 3 * count), "steps")
        writer = Writer(office, name, steps, dies=data.draw(st.booleans(), "dies"))
        writer.take()
        with contextlib.suppress(Killed):
            settle(Desk(erp, writer, writer, batch), wanted, lambda _: None)
        for _ in range(data.draw(st.integers(0, 2), "arrivals")):
            erp.arrive()
    erp.fate = lambda: Fate.DONE

    last = Writer(office, 99, 0, dies=False)
    last.take()
    outcomes = settle(Desk(erp, last, last, batch), wanted, lambda _: None)
    while erp.late:
        erp.arrive()
    sweep(Desk(erp, last, last, batch))

    posted = Counter(booked.key for booked in erp.books.values() if booked.posted)
    assert posted == {voucher.key: 1 for voucher in wanted}
    assert erp.drafts() == []
    assert {outcome.state for outcome in outcomes.values()} <= {State.POSTED, State.ALREADY}


@given(st.lists(st.sampled_from([Fate.DONE, Fate.LOST]), min_size=40, max_size=40))
def test_what_could_not_be_asked_about_is_waiting_and_never_counted_as_posted(fates: list[Fate]) -> None:
    script = iter(fates)
    erp = FakeErp(fate=lambda: next(script, Fate.LOST))
    writer = Writer(Office(0), 0, 0, dies=False)
    wanted = vouchers(7)

    outcomes = settle(Desk(erp, writer, writer, 3), wanted, lambda _: None)

    posted = {booked.key for booked in erp.books.values() if booked.posted}
    assert outcomes.keys() == {voucher.key for voucher in wanted}
    assert {key for key, outcome in outcomes.items() if outcome.state is State.POSTED} == posted


def test_an_erp_that_is_away_leaves_every_line_waiting() -> None:
    class Away(FakeErp):
        def find(self, keys: Sequence[str]) -> list[Booked]:
            raise Unavailable(answer="away")

    writer = Writer(Office(0), 0, 0, dies=False)

    outcomes = settle(Desk(Away(), writer, writer, 3), vouchers(4), lambda _: None)

    assert [outcome.state for outcome in outcomes.values()] == [State.WAITING] * 4
