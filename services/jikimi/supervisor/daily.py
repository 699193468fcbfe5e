"""`restart_at`: a program that is not ours is restarted once a day, at a time of day in the company's zone."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from jikimi.clock import Clock
from jikimi.supervisor.events import Asked, Op

log = structlog.get_logger()
LATEST = timedelta(hours=1)
BY = "restart_at"


def is_due(at: str, now: datetime, last: date | None) -> bool:
    """Return whether the restart of *now*'s day is due: its time has come, not an hour ago, and it was not done yet.

    Args:
        at: such as "05:55". now: in the zone that *at* means. last: the day on which it was done last.
    """
    due = datetime.combine(now.date(), time.fromisoformat(at), now.tzinfo)
    return last != now.date() and due <= now < due + LATEST


class DailyRestarts:
    """Asks for the restarts as they fall due.

    Args:
        times: unit -> time of day.
        memory: the file with the day of each one's last restart; without it the first day counts as done.
    """

    def __init__(self, times: Mapping[str, str], clock: Clock, zone: ZoneInfo, memory: Path) -> None:
        self._times, self._clock, self._zone, self._memory = times, clock, zone, memory
        now, known = self._now(), _read(memory)
        # what was started after its time today is fresh enough
        fresh = {unit: now.date() for unit, at in times.items() if is_due(at, now, None)}
        self._last: dict[str, date | None] = {unit: known.get(unit) or fresh.get(unit) for unit in times}

    def orders(self) -> Sequence[Asked]:
        """Return one order for each unit that is due now; each is given once."""
        if not self._times:
            return []
        now = self._now()
        due = [unit for unit, at in self._times.items() if is_due(at, now, self._last[unit])]
        for unit in due:
            self._last[unit] = now.date()
        if due:
            self._remember()
        return [Asked(Op.RESTART, BY, (unit,)) for unit in due]

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._zone)

    def _remember(self) -> None:
        document = {unit: day.isoformat() for unit, day in self._last.items() if day}
        try:
            partial = self._memory.with_suffix(".partial")
            partial.write_text(json.dumps(document), encoding="utf-8")
            partial.replace(self._memory)
        except OSError as error:  # at worst one is restarted a second time today
            log.warning("memory.not_written", why=str(error))


def _read(memory: Path) -> dict[str, date]:
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
        return {str(unit): date.fromisoformat(day) for unit, day in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
