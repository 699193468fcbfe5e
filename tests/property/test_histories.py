"""Whatever is dropped, reversed, corrected and killed: the books are as without the file.

Or those with the corrected account. No transaction ever stands twice.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jikimi.config import load
from jikimi.config.model import Ledger
from jikimi.erp.port import Booked
from jikimi.vouchers.outcome import State
from jikimi.vouchers.reversal_requests import CorrectArguments, ReversalRequests, ReverseArguments
from tests.property.history_world import BOOKED, FILES, WORLD, Model
from tests.property.mortal_erp import Fuse, Killed, MortalErp
from tests.unit.vouchers.office import AnyOffice

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a disk would only be waited for
ACCOUNTS = ("811", "812", "830", "831")
DONE = ("posted", "already")
HOW = {(State.POSTED, ""): "posted", (State.WAITING, "reversed"): "open", (State.WAITING, "no_original"): "waiting"}
T = TypeVar("T")
Kill = tuple[int, str]
Step = tuple[Any, ...]
_SEEN: Counter[str] = Counter()


class World:
    """An office, and the model of what its books should say."""

    def __init__(self, folder: str, *, posts_several: bool) -> None:
        config = load(Path(folder) / "home", {})
        config.home.make()
        self.fuse = Fuse()
        erps = {ledger: MortalErp(self.fuse, posts_several=posts_several) for ledger in Ledger}
        self.office = AnyOffice(config, erps, batch=3)
        self.models = {ledger: Model() for ledger in Ledger}
        self.drops = 0

    def drop(self, ledger: Ledger, file: int, kills: Sequence[Kill]) -> None:
        shown, model = FILES[file], self.models[ledger]
        profile = shown.profile if ledger is Ledger.COMPANY else f"practice-{shown.profile}"
        path = self.office.drop(shown.data(), shown.name, profile)
        self.drops += 1
        os.utime(path, ns=(self.drops, self.drops))  # in the order of the drops, however fast they come
        self._through(kills, lambda: self.office.cycle(self.unit))
        for _ in range(3):
            self.office.cycle(self.unit)
        _SEEN["dropped again"] += "open" in model.rows.get(file, {}).values()
        model.drop(file)
        for one in self.models.values():
            one.cycle()
        self.check(kills)

    def drop_again(self, ledger: Ledger, which: int, kills: Sequence[Kill]) -> None:
        if known := list(self.models[ledger].rows):
            self.drop(ledger, known[which % len(known)], kills)

    def reverse_file(self, ledger: Ledger, which: int, kills: Sequence[Kill]) -> None:
        if not (known := list(self.models[ledger].rows)):
            return
        self._reverse_file(ledger, known[which % len(known)], kills)

    def _reverse_file(self, ledger: Ledger, file: int, kills: Sequence[Kill]) -> None:
        sha = hashlib.sha256(FILES[file].data()).hexdigest()
        self._reverse(ledger, sha[:8] + ("p" if ledger is Ledger.PRACTICE else ""), kills)
        _SEEN["files reversed"] += "posted" in self.models[ledger].rows[file].values()
        self.models[ledger].reverse_file(file)
        self.check(kills)

    def reverse(self, ledger: Ledger, which: int, back: int, kills: Sequence[Kill]) -> None:
        name = self._known(ledger, list(WORLD), which)
        numbers = [booked.number for booked in self.vouchers(ledger, name)]
        if len(numbers) <= back:
            return
        document = self._reverse(ledger, numbers[-1 - back], kills)
        if not back:
            _SEEN["reversals"] += self.models[ledger].stands(name)
            self.models[ledger].reverse([name])
            assert {balance["after"] for balance in document["balances"]} == {"0"}
        self.check(kills)

    def _reverse(self, ledger: Ledger, wanted: str, kills: Sequence[Kill]) -> dict[str, Any]:
        asked = ReverseArguments(wanted=wanted, ledger=ledger, who="kim")
        document = self._through(kills, lambda: ReversalRequests(self.office.shop(self.unit)).reverse(asked))
        assert {item["outcome"] for item in document["reversals"]} <= set(DONE)
        again = ReversalRequests(self.office.shop(self.unit)).reverse(asked)
        assert {item["outcome"] for item in again["reversals"]} <= {"already"}
        return document

    def correct(self, ledger: Ledger, which: int, account: str, back: int, kills: Sequence[Kill]) -> None:
        name = self._known(ledger, BOOKED, which)
        numbers = [booked.number for booked in self.vouchers(ledger, name)]
        if len(numbers) <= back:
            return
        asked = CorrectArguments(wanted=numbers[-1 - back], account=account, ledger=ledger, who="kim")
        self._through(kills, lambda: ReversalRequests(self.office.shop(self.unit)).correct(asked))
        if not back:
            before = dict(self.models[ledger].accounts)
            self.models[ledger].correct(name, account)
            _SEEN["corrections"] += before != self.models[ledger].accounts
        self.check(kills)

    def give_up(self, ledger: Ledger, which: int, account: str, kill: Kill) -> None:
        """Ask for a correction that is killed, and reverse the file in place of asking again."""
        model = self.models[ledger]
        brought = [(file, name) for file, rows in model.rows.items() for name in rows if rows[name] == "posted"]
        brought = [(file, name) for file, name in brought if name in BOOKED]
        if not brought:
            return
        file, name = brought[which % len(brought)]
        number = self.vouchers(ledger, name)[-1].number
        asked = CorrectArguments(wanted=number, account=account, ledger=ledger, who="kim")
        self.fuse.left, self.fuse.how = kill
        with suppress(Killed):
            ReversalRequests(self.office.shop(self.unit)).correct(asked)
        self.fuse.left = 0
        self.office.restart()
        self.office.leases.held.clear()
        _SEEN["given up"] += 1
        self._reverse_file(ledger, file, [])
        ReversalRequests(self.office.shop(self.unit)).correct(asked)  # what is reversed is not corrected any more
        self.check([])
        while self.office.erps[ledger].late:
            self.arrive()
        self.drop(ledger, file, [])

    def arrive(self) -> None:
        for erp in self.office.erps.values():
            erp.arrive()

    def _known(self, ledger: Ledger, names: Sequence[str], which: int) -> str:
        """Return one of *names* that was ever posted, any of them if none was."""
        known = [name for name in names if self.vouchers(ledger, name)] or names
        return known[which % len(known)]

    def vouchers(self, ledger: Ledger, name: str) -> list[Booked]:
        """Return all vouchers of a transaction, told by amount and day alone, oldest first."""
        happened, books = WORLD[name], self.office.erps[ledger].books
        found = [one for one in books.values() if one.posted and one.debit == happened.amount]
        found = [one for one in found if one.on.day == happened.day]
        if not happened.of:
            return [one for one in found if one.origin is None]
        return [one for one in found if one.origin is not None and books[one.origin].origin is None]

    @property
    def unit(self) -> str:
        return f"erp-worker-{self.drops}"

    def _through(self, kills: Sequence[Kill], work: Callable[[], T]) -> T:
        """Do *work*, and the same again by another process whenever one was killed."""
        for left, how in kills:
            self.fuse.left, self.fuse.how = left, how
            try:
                return work()
            except Killed:
                _SEEN["kills"] += 1
                self._check_that_no_more_is_undone_than_stood()
                self.office.restart()
            finally:
                self.fuse.left = 0
                self.office.leases.held.clear()
        return work()

    def _check_that_no_more_is_undone_than_stood(self) -> None:
        for erp in self.office.erps.values():
            posted = [one for one in erp.books.values() if one.posted]
            for original in posted:
                back = [one for one in posted if one.origin == original.id and not _is_undone(erp.books, one)]
                assert sum(one.debit for one in back) <= original.debit

    def check(self, kills: Sequence[Kill]) -> None:
        self.office.leases.held.clear()
        for ledger, model in self.models.items():
            books = self.office.erps[ledger].books
            entries = [entry for booked in books.values() if booked.posted for entry in booked.entries]
            sums: Counter[str] = Counter()
            for entry in entries:
                sums[entry.account] += int(entry.debit - entry.credit)
            assert {account: amount for account, amount in sums.items() if amount} == model.balances()
            for name in WORLD:
                live = [one for one in self.vouchers(ledger, name) if not _is_undone(books, one)]
                assert len(live) == model.stands(name), name
            self._check_rows(ledger, model, exactly=not kills)

    def _check_rows(self, ledger: Ledger, model: Model, *, exactly: bool) -> None:
        """Compare the rows; after a kill, either of two files may have posted what both show."""
        journal = self.office.journal.of(ledger)
        for file, rows in model.rows.items():
            shown = FILES[file]
            entries = {entry.row: entry.outcome for entry in journal.entries(hashlib.sha256(shown.data()).hexdigest())}
            for name, how in rows.items():
                outcome = entries[shown.row_of(name)]
                code = outcome.reason.code if outcome.reason else ""
                found = "already" if outcome.state is State.ALREADY else HOW[outcome.state, code]
                if exactly or not {how, found} <= set(DONE):
                    assert found == how, (file, name)
                rows[name] = found
        assert set(model.brought().values()) <= {1}
        assert set(model.brought()) == {name for name in WORLD if model.stands(name)}


def _is_undone(books: Mapping[int, Booked], one: Booked) -> bool:
    same = [other for other in books.values() if (other.origin, other.debit, other.on) == (one.id, one.debit, one.on)]
    return any(other.posted for other in same)


KILL = st.tuples(st.integers(1, 24), st.sampled_from(["before", "after", "late"]))
KILLS: st.SearchStrategy[list[Kill]] = st.lists(KILL, max_size=2) | st.just([])
LEDGERS = st.sampled_from([Ledger.COMPANY] * 5 + [Ledger.PRACTICE])
ANY = st.integers(0, 59)  # which of those that there are then
BACK = st.sampled_from([0, 0, 0, 1])
DROP = st.tuples(st.just("drop"), LEDGERS, st.integers(0, len(FILES) - 1), KILLS)
STEPS = st.one_of(
    DROP,
    st.tuples(st.just("drop_again"), LEDGERS, ANY, KILLS),
    st.tuples(st.just("reverse_file"), LEDGERS, ANY, KILLS),
    st.tuples(st.just("reverse"), LEDGERS, ANY, BACK, KILLS),
    st.tuples(st.just("correct"), LEDGERS, ANY, st.sampled_from(ACCOUNTS), BACK, KILLS),
    st.tuples(st.just("correct"), LEDGERS, ANY, st.sampled_from(ACCOUNTS), BACK, KILLS),
    st.tuples(st.just("give_up"), LEDGERS, ANY, st.sampled_from(ACCOUNTS), KILL),
    st.tuples(st.just("arrive")),
)


@contextmanager
def world(*, posts_several: bool) -> Iterator[World]:
    with TemporaryDirectory(dir=MEMORY) as folder:
        made = World(folder, posts_several=posts_several)
        try:
            yield made
        finally:
            made.office.close()


@pytest.mark.timeout(3600)  # at its full length
def test_books_are_those_without_the_file_when_it_was_reversed(request: pytest.FixtureRequest) -> None:
    soaks = bool(request.config.getoption("--soak"))

    @settings(
        max_examples=3000 if soaks else 200,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(DROP, min_size=1, max_size=3), st.lists(STEPS, min_size=4, max_size=20), st.booleans())
    def run(first: list[Step], then: list[Step], several: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        with world(posts_several=several) as made:
            for name, *facts in (*first, *then):
                _SEEN["steps"] += 1
                getattr(made, name)(*facts)

    _SEEN.clear()
    run()

    assert _SEEN["kills"] >= 150, _SEEN
    assert min(_SEEN[what] for what in ("files reversed", "reversals", "corrections", "dropped again")) >= 10, _SEEN
