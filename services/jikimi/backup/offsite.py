"""The second repository catches up with the first one, whenever it can be reached; the first one never waits for it."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from jikimi.backup.keys import SafeKeys
from jikimi.backup.offsite_errors import NoOffsite, NotOurOffsite, OffsiteDamaged
from jikimi.backup.port import ALL, OffsiteRepository, Repository, Share, Snapshot, Told, nobody
from jikimi.backup.receipts import Receipts
from jikimi.backup.retention import Held, Keep, removable, wanted_elsewhere
from jikimi.backup.snapshot import Outcome
from jikimi.clock import Clock

log = structlog.get_logger()
_TIDIED_EACH = timedelta(days=7)
_PARTS = 52  # tidied once a week, all stored data is read once a year


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known here of the other place; for those who must not reach it themselves.

    Attributes:
        is_made: whether a repository of ours was made there. newest: when the newest good one there was made.
        failing_since: since when it could not catch up, None if it could. why: of the newest failure.
        tidied: when space was last given free and data read back there.
    """

    is_made: bool = False
    newest: datetime | None = None
    failing_since: datetime | None = None
    why: str = ""
    is_damaged: bool = False
    tidied: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caught:
    """What a round has done: *copied* are ids of the first repository, *removed* of the second one."""

    copied: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class OffsiteNote:
    """The file with what is known of the other place; may be lost."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Noted:
        """Return what stands there, nothing if it cannot be read."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return Noted(
                is_made=bool(found.get("is_made")),
                newest=_when(found.get("newest")),
                failing_since=_when(found.get("failing_since")),
                why=str(found.get("why", "")),
                is_damaged=bool(found.get("is_damaged")),
                tidied=_when(found.get("tidied")),
            )
        except (OSError, ValueError, TypeError, AttributeError):
            return Noted()

    def write(self, noted: Noted) -> None:
        """Write *noted* as a whole."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(f".{self._path.name}.partial")
        document = {"v": 1, **asdict(noted)}
        partial.write_text(json.dumps(document, default=datetime.isoformat, ensure_ascii=False), encoding="utf-8")
        partial.replace(self._path)


class Offsite:
    """Keeps the second repository.

    Args:
        reach: returns it; what stands in the way is raised there.
        receipts: of the first repository: they say which snapshots are good.
    """

    def __init__(
        self,
        reach: Callable[[], OffsiteRepository],
        place: str,
        *,
        keys: SafeKeys,
        receipts: Receipts,
        keep: Keep,
        clock: Clock,
        zone: ZoneInfo,
        note: OffsiteNote,
    ) -> None:
        self._reach, self._place, self._keys, self._receipts = reach, place, keys, receipts
        self._keep, self._clock, self._zone, self._note = keep, clock, zone, note

    def create(self, *, adopt: bool = False) -> None:
        """Make it, or take what lies there for ours, by a person's order; nothing else ever does.

        Raises:
            OffsiteThere: there is one. NoOffsite, WrongOffsiteKey: it cannot be adopted.
        """
        self._keys.make_offsite(self._clock.now())
        there = self._reach()
        if not adopt:
            there.create()
        there.add_key(self._keys.offsite_recovery_key())
        self._keys.set_offsite_id(there.identity())
        self._note.write(Noted(is_made=True))

    def repository(self) -> OffsiteRepository:
        """Return it, seen to be ours.

        Raises:
            NoOffsite: it was never made, or is away. NotOurOffsite: another one lies there. NotStored: out of reach.
        """
        if not self._keys.offsite_id():
            raise NoOffsite(place=self._place)
        there = self._reach()
        if there.identity() != self._keys.offsite_id():
            raise NotOurOffsite(place=self._place)
        return there

    def catch_up(self, local: Repository, told: Told = nobody) -> Caught:
        """Copy there what is missing, and let go what is too old there. The caller holds the safe's lock.

        Raises:
            JikimiError, OSError: not all of it could be done; the next round goes on.
        """
        try:
            there = self.repository()
            there.clear_leftovers()
            has = there.snapshots()
            copied = self._copy(local, there, has, told)
            removed = self._let_go(there, [*has, *copied])
            self._tidy(there)
        except Exception as error:
            self._failed(error)
            raise
        self._well()
        return Caught(tuple(one.id for one in copied), removed)

    def _copy(self, local: Repository, there: OffsiteRepository, has: Sequence[Snapshot], told: Told) -> list[Snapshot]:
        """Copy what is missing beside what it *has*; return it, as the first repository has it."""
        self._found([one.at for one in has])
        good = {receipt.snapshot for receipt in self._receipts.read() if receipt.outcome is Outcome.GOOD}
        missing = good - {one.original for one in has}
        here = {one.id: one for one in local.snapshots() if one.id in missing}
        now, beside = self._clock.now(), [_held(one) for one in has]
        wanted = wanted_elsewhere([_held(one) for one in here.values()], beside, now, self._zone, self._keep)
        copied = list[Snapshot]()
        for number, name in enumerate(wanted):
            there.take(name, told=_part_of(told, number, len(wanted)))
            copied.append(here[name])
            # at once: if the next one fails, this one is there all the same
            self._found([one.at for one in (*has, *copied)])
        return copied

    def _let_go(self, there: OffsiteRepository, has: Sequence[Snapshot]) -> tuple[str, ...]:
        """Let go what is too old; what was just copied never is, so that its id there need not be asked for."""
        # only good ones were ever copied, and their receipts may be gone with the originals
        going = removable([_held(one) for one in has], self._clock.now(), self._zone, self._keep)
        if going:
            there.delete(going)
        return tuple(going)

    def _tidy(self, there: OffsiteRepository) -> None:
        """Once a week give space free and read a share of what is stored; seldom, for both may cost money there."""
        now, noted = self._clock.now(), self._note.read()
        if noted.tidied and timedelta(0) <= now - noted.tidied < _TIDIED_EACH and not noted.is_damaged:
            return
        week = now.date().toordinal() // _TIDIED_EACH.days
        found = there.verify(ALL if noted.is_damaged else Share(week % _PARTS + 1, _PARTS))
        self._note.write(replace(noted, is_damaged=not found, tidied=now))
        if not found:
            raise OffsiteDamaged(place=self._place, why=found.said or ", ".join(found.broken))
        there.reclaim()

    def _found(self, times: Sequence[datetime]) -> None:
        past = [at for at in times if at <= self._clock.now()]
        self._note.write(replace(self._note.read(), is_made=True, newest=max(past, default=None)))

    def _failed(self, error: Exception) -> None:
        noted, why = self._note.read(), str(error) or type(error).__name__
        if noted.failing_since is None:  # told once, however long it lasts
            log.warning("offsite.failed", place=self._place, why=why)
        since = noted.failing_since or self._clock.now()
        is_made = bool(self._keys.offsite_id())
        with suppress(OSError):  # a full disk: the first error counts
            self._note.write(replace(noted, is_made=is_made, failing_since=since, why=why))

    def _well(self) -> None:
        noted = self._note.read()
        if noted.failing_since is not None:
            log.info("offsite.caught_up", place=self._place, since=noted.failing_since.isoformat())
        self._note.write(replace(noted, failing_since=None, why=""))


def _held(one: Snapshot) -> Held:
    return Held(one.id, one.at, Outcome.GOOD)


def _part_of(told: Told, number: int, of: int) -> Told:
    return lambda share: told((number + share) / of)


def _when(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
