"""Which snapshots may go. Plain rules such as "older than 14 days" delete the last good one; these never do."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from jikimi.backup.snapshot import Outcome, local_day

NEWEST_KEPT = 3
FROZEN_AFTER = timedelta(hours=48)
NOT_GOOD_KEPT = timedelta(days=3)
_MONTHS = 12
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Held:
    """A snapshot as retention sees it; one without a receipt is FAILED, for its run never ended."""

    id: str
    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Keep:
    """How many days, weeks and months of good snapshots are kept."""

    days: int = 14
    weeks: int = 8
    months: int = 12


def removable(held: Sequence[Held], now: datetime, zone: ZoneInfo, keep: Keep) -> list[str]:
    """Return the ids that may be deleted now, the oldest first.

    Nothing while the newest good one is over 48 h old; never one of the 3 newest good, never more than half at once.
    What is dated after *now* is ignored: neither deleted nor counted.
    """
    past = sorted((one for one in held if one.at <= now), key=lambda one: (one.at, one.id))
    good = [one for one in past if one.outcome is Outcome.GOOD]
    if not good or now - good[-1].at > FROZEN_AFTER:
        return []
    kept = {one.id for one in _kept(good, local_day(now, zone), zone, keep)}
    going = [one.id for one in past if one.id not in kept and _may_go(one, now)]
    return going[: len(past) // 2]


def wanted_elsewhere(
    here: Sequence[Held], there: Sequence[Held], now: datetime, zone: ZoneInfo, keep: Keep
) -> list[str]:
    """Return which good ones of *here* a second repository is to take, the newest first: it may be cut off soon.

    None that it would delete again.

    Args:
        here: those of the first repository that the second one has not. there: those that the second one has.
    """
    able = [one for one in here if one.outcome is Outcome.GOOD and one.at <= now]
    both = sorted((*able, *(one for one in there if one.at <= now)), key=lambda one: (one.at, one.id))
    kept = {one.id for one in _kept(both, local_day(now, zone), zone, keep)}
    wanted = [one for one in able if one.id in kept]
    return [one.id for one in sorted(wanted, key=lambda one: (one.at, one.id), reverse=True)]


def _may_go(one: Held, now: datetime) -> bool:
    # whatever is three days old has a newer good one, or nothing would go at all
    return one.outcome is Outcome.GOOD or now - one.at > NOT_GOOD_KEPT


def _kept(good: Sequence[Held], today: date, zone: ZoneInfo, keep: Keep) -> list[Held]:
    days = {one.id: local_day(one.at, zone) for one in good}

    def newest_of_each(number: Callable[[date], int], most: int) -> list[Held]:
        newest: dict[Hashable, Held] = {}
        for one in good:
            if number(today) - number(days[one.id]) < most:
                newest[number(days[one.id])] = one
        return list(newest.values())

    return [
        *good[-NEWEST_KEPT:],
        *(one for one in good if (today - days[one.id]).days < keep.days),
        *newest_of_each(lambda day: (day.toordinal() - 1) // _WEEK, keep.weeks),
        *newest_of_each(lambda day: day.year * _MONTHS + day.month, keep.months),
    ]
