"""The list of all schedules as people and scripts see it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from redis.exceptions import RedisError

from jikimi.clock import Clock
from jikimi.queue.port import QueueAway
from jikimi.schedule.book import Book, Entry
from jikimi.schedule.timetable import Schedule

NO_WORKER = "no_worker"
_LOOKED_AT_EACH_S = 5.0
_LATE_S = 180.0


def listing(
    schedules: Iterable[Schedule], book: Book, outcome: Callable[[str], str], queues: Collection[str]
) -> list[dict[str, Any]]:
    """Return one document for each schedule: name, what, next, last, zone, outcome, missed, job, paused_until.

    Times are those of the schedule's zone. The outcome is how the last run ended, or why there was none; "" before
    the first.

    Args:
        outcome: tells how a job stands. queues: those that somebody works on.

    Raises:
        QueueAway
    """
    wanted = list(schedules)
    entries = book.entries([schedule.name for schedule in wanted])
    return [_document(schedule, entry, outcome, queues) for schedule, entry in zip(wanted, entries, strict=True)]


def _document(
    schedule: Schedule, entry: Entry, outcome: Callable[[str], str], queues: Collection[str]
) -> dict[str, Any]:
    zone = schedule.spec.zone
    said = entry.why or (outcome(entry.job) if entry.job else "")
    return {
        "name": schedule.name,
        "what": " ".join([schedule.task, *_names(schedule.arguments)]),
        "next": _local(entry.next, zone),
        "last": _local(entry.last, zone),
        "zone": zone.key,
        "outcome": said if schedule.queue in queues else NO_WORKER,
        "missed": entry.missed,
        "job": entry.job,
        "paused_until": _local(entry.paused_until, zone),
    }


def _names(arguments: Mapping[str, Any]) -> list[str]:
    return [name for value in arguments.values() for name in ([value] if isinstance(value, str) else value)]


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


class ScheduleWatch:
    """The same list for who looks often and may not wait: while Redis is away, the last one that was read."""

    def __init__(self, read: Callable[[], list[dict[str, Any]]], clock: Clock) -> None:
        self._read, self._clock = read, clock
        self._looked_at = float("-inf")
        self._last: list[dict[str, Any]] = []
        self._is_known = False
        self._due_since = dict[tuple[str, str], float]()

    def schedules(self) -> list[dict[str, Any]]:
        """Return the list, a few seconds old at most."""
        if self._clock.ticks() - self._looked_at >= _LOOKED_AT_EACH_S:
            self._looked_at = self._clock.ticks()
            self._is_known = False
            with suppress(QueueAway, RedisError):
                self._last = self._read()
                self._is_known = True
        return self._last

    def late(self) -> list[str]:
        """Return the schedules that have been due for minutes and do not fire.

        The minutes are those of a running machine: after a sleep, or when the clock is set, all are due at once.
        """
        now, ticks = self._clock.now(), self._clock.ticks()
        due = [
            (each["name"], each["next"])
            for each in self.schedules()
            if self._is_known and each["next"] and datetime.fromisoformat(each["next"]) < now
        ]
        self._due_since = {key: self._due_since.get(key, ticks) for key in due}
        return [name for (name, _), since in self._due_since.items() if ticks - since > _LATE_S]
