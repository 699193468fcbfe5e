"""When a backup is due: a question asked every 15 minutes and at start, so that no missed hour is ever lost."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

PREFERRED = time(3, 30)
OLD, VERY_OLD = timedelta(hours=24), timedelta(hours=36)
FRESH = timedelta(hours=12)  # one this young is the night's own, made by hand or before a clock was set
WINDOW = timedelta(hours=1)  # the preferred time counts for so long
AGAIN_AFTER = timedelta(hours=4)  # an attempt that was not good
_AHEAD = timedelta(hours=2)  # an old one waits for the preferred time if that is so near


class Due(StrEnum):
    """Why a backup is due now."""

    FIRST = "first"
    PREFERRED = "preferred"
    OLD = "old"
    VERY_OLD = "very-old"


def due(
    now: datetime,
    last_good: Sequence[datetime],
    zone: ZoneInfo,
    *,
    at: time = PREFERRED,
    is_business: bool = False,
    attempts: Sequence[datetime] = (),
) -> Due | None:
    """Return why a backup is due at *now*, None if it is not.

    Args:
        now: aware. last_good: when each good one began.
        at: the preferred time of day in *zone*.
        is_business: whether *now* lies in business hours, when only a very old one is renewed.
        attempts: when each run began that did not become good.

    What is dated after *now* was written by a clock that ran ahead, and counts for nothing.
    """
    now = now.astimezone(UTC)  # spans between two times of one zone leave out what its clock was moved by
    if any(timedelta(0) <= now - attempt.astimezone(UTC) < AGAIN_AFTER for attempt in attempts):
        return None
    ages = [age for good in last_good if (age := now - good.astimezone(UTC)) >= timedelta(0)]
    if not ages:
        return Due.FIRST
    age = min(ages)
    if age > VERY_OLD:
        return Due.VERY_OLD
    since, until = _around(now, zone, at)
    if since < WINDOW and age > FRESH:
        return Due.PREFERRED
    if age > OLD and not is_business and until > _AHEAD:
        return Due.OLD
    return None


def _around(now: datetime, zone: ZoneInfo, at: time) -> tuple[timedelta, timedelta]:
    """Return how long ago the preferred time was, and in how long it comes, in real hours."""
    day = now.astimezone(zone).date()
    times = [datetime.combine(day + timedelta(days=shift), at, zone) for shift in (-1, 0, 1)]
    instants = [now - moment.astimezone(UTC) for moment in times]
    since = min(span for span in instants if span >= timedelta(0))
    until = min(-span for span in instants if span < timedelta(0))
    return since, until
