"""When a schedule is due, as a function of values: zones, changes of the clocks, business days, runs that were missed.

A time of day that a change of the clocks leaves out comes once, after the gap; one that it repeats comes once, the
first time. What runs every so many minutes is counted from the start of its window in minutes that really pass.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ALL_DAYS = frozenset(range(7))
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
PROMPT = timedelta(seconds=60)  # within it a run is on time: the clock looks each second, and may be starting
LATEST = timedelta(minutes=5)  # what is skipped when late may come so late outside business hours
_DAY_MIN = 24 * 60
_SEARCHED_DAYS = 3660


class Missed(StrEnum):
    """What becomes of runs that were missed: one for all of them, or none."""

    ONCE = "once"
    SKIP = "skip"


class Share(StrEnum):
    """Which part of its days a schedule that runs every so many minutes has."""

    ALL = "all"
    BUSINESS = "business"
    OUTSIDE = "outside"


class Why(StrEnum):
    """Why a schedule that was due did not run."""

    LATE = "late"
    FRESH = "fresh"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of a day, in minutes after midnight; *last* is the first minute that does not belong to it."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Business:
    """When this company works.

    Attributes:
        days: 0 is Monday. is_holiday: whether a day is one all the same on which nobody works.
    """

    days: frozenset[int]
    hours: Hours
    is_holiday: Callable[[date], bool] = field(default=lambda _: False, compare=False)

    def works(self, day: date) -> bool:
        """Return whether *day* is a business day."""
        return day.weekday() in self.days and not self.is_holiday(day)

    def is_open(self, local: datetime) -> bool:
        """Return whether *local*, in the company's zone, lies within business hours."""
        minute = local.hour * 60 + local.minute
        return self.works(local.date()) and self.hours.first <= minute < self.hours.last


@dataclass(frozen=True, slots=True)
class Spec:
    """When one schedule is due: *at* a minute of its days, or *every* so long within its share of them.

    Attributes:
        days: 0 is Monday; None means business days.
    """

    zone: ZoneInfo
    business: Business
    missed: Missed
    at: int | None = None
    every: timedelta = timedelta(hours=1)
    days: frozenset[int] | None = ALL_DAYS
    share: Share = Share.ALL


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a schedule whose time has come.

    Attributes:
        fires: the due time that it runs for, or None; *why* says why not.
        missed: how many due times have passed that nothing will run for any more.
        next: when it is due again, later than now.
    """

    fires: datetime | None
    why: Why | None
    missed: int
    next: datetime


def next_due(spec: Spec, after: datetime) -> datetime:
    """Return the first due time later than *after*, in UTC; `NEVER` if the next ten years have none."""
    return next(_dues(spec, after), NEVER)


def decide(
    spec: Spec, due: datetime, now: datetime, *, started: datetime | None = None, paused_until: datetime | None = None
) -> Verdict:
    """Return what to do at *now* about a schedule that has been due since *due*.

    Args:
        started: when the unit that has run for the longest was started, if that is known.
        paused_until: what is due before then is let go, and not counted as missed.
    """
    coming = _dues(spec, due)
    passed = [due]
    while (following := next(coming, NEVER)) <= now:
        passed.append(following)
    wanted = [one for one in passed if paused_until is None or one >= paused_until]
    if not wanted:
        return Verdict(None, Why.PAUSED, 0, following)
    # a run that is made up for keeps the due time that was written down, so that who tries again makes the same job
    chosen = wanted[0] if spec.missed is Missed.ONCE else wanted[-1]
    why = _too_late(spec, chosen, now, started) if spec.missed is Missed.SKIP else None
    return Verdict(None if why else chosen, why, len(wanted) - (not why), following)


def _too_late(spec: Spec, due: datetime, now: datetime, started: datetime | None) -> Why | None:
    if started is not None and started > due:
        return Why.FRESH
    late = now - due
    disturbs = late > PROMPT and spec.business.is_open(now.astimezone(spec.zone))
    return Why.LATE if disturbs or late > LATEST else None


def _dues(spec: Spec, after: datetime) -> Iterator[datetime]:
    """Yield the due times later than *after*, each once, ascending."""
    first = after.astimezone(spec.zone).date() - timedelta(days=1)  # a gap may push a time into the next day
    newest = after.astimezone(UTC)
    for number in range(_SEARCHED_DAYS if newest < NEVER else 0):
        for due in _dues_of(spec, first + timedelta(days=number), newest):
            if due > newest:
                newest = due
                yield due


def _dues_of(spec: Spec, day: date, after: datetime) -> Iterator[datetime]:
    if not (spec.business.works(day) if spec.days is None else day.weekday() in spec.days):
        return
    if spec.at is not None:
        yield _instant(spec.zone, day, spec.at)
        return
    for hours in _windows(spec, day):
        start, end = _instant(spec.zone, day, hours.first), _instant(spec.zone, day, hours.last)
        due = start + max(0, (after - start) // spec.every) * spec.every
        while due < end:
            yield due
            due += spec.every


def _windows(spec: Spec, day: date) -> list[Hours]:
    works, hours = spec.business.works(day), spec.business.hours
    if spec.share is Share.BUSINESS:
        return [hours] if works else []
    if spec.share is Share.OUTSIDE and works:
        return [Hours(0, hours.first), Hours(hours.last, _DAY_MIN)]
    return [Hours(0, _DAY_MIN)]


def _instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """Return the moment of a local time in UTC: in a gap as far behind it as it lay in it, of two the first."""
    days, minute = divmod(minute, _DAY_MIN)
    local = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), zone)
    return local.astimezone(UTC)
