"""From the settings to the list of all schedules: those of the stack and those of a person's own."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from jikimi.calendar import ALL_DAYS, Business, Hours, Missed, Share, Spec
from jikimi.config.model import Settings
from jikimi.config.schedule import WEEKDAYS, OwnSchedule, Timetable, minutes

ERP, CONTROL, FLOWS, BACKUP = "erp", "control", "rpa", "backup"
SERVED = frozenset({ERP, CONTROL, BACKUP})  # somebody works on these; a job for any other would only pile up
ALL_QUEUES = frozenset({ERP, CONTROL, FLOWS, BACKUP})


@dataclass(frozen=True, slots=True)
class Schedule:
    """One thing that is done at set times.

    Attributes:
        text: all that says when; another text is another schedule, which is registered anew.
        task: the job's task on *queue*, or what is asked of the supervisor on `control`.
        arguments: of the job; on `control` the units that it concerns.
    """

    name: str
    spec: Spec
    text: str
    queue: str
    task: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def timetable(settings: Settings, is_holiday: Callable[[date], bool], queues: Collection[str]) -> dict[str, Schedule]:
    """Return every schedule that is for one of *queues*, by name."""
    table, maker = settings.schedule, _Maker(settings, is_holiday)
    found = [
        maker.every("cycle", table.cycle, Share.BUSINESS, ERP, "cycle"),
        maker.every("idle", table.idle, Share.OUTSIDE, ERP, "ping"),
        maker.daily("restart", table.restart, Missed.SKIP, CONTROL, "restart"),
        maker.daily("backup", table.backup, Missed.ONCE, BACKUP, "backup"),
        *(maker.own(name, own) for name, own in table.own.items()),
    ]
    return {schedule.name: schedule for schedule in found if schedule and schedule.queue in queues}


class _Maker:
    def __init__(self, settings: Settings, is_holiday: Callable[[date], bool]) -> None:
        self._zone = settings.zone
        self._table = settings.schedule
        self._business = business(self._table, is_holiday)

    def every(self, name: str, span: timedelta, share: Share, queue: str, task: str) -> Schedule | None:
        """Return a schedule of the stack's own that runs every so often; none if it is switched off."""
        if not span:
            return None
        return self._schedule(name, self._spec(Missed.ONCE, every=span, share=share), queue, task)

    def daily(self, name: str, at: str, missed: Missed, queue: str, task: str) -> Schedule | None:
        """Return a schedule of the stack's own that runs once a day; none if it is switched off."""
        return self._schedule(name, self._spec(missed, at=minutes(at)), queue, task) if at else None

    def own(self, name: str, own: OwnSchedule) -> Schedule:
        """Return a schedule of a person's own."""
        missed = Missed(own.missed or (Missed.ONCE if own.flow else Missed.SKIP))
        spec = self._spec(
            missed,
            at=minutes(own.at) if own.at else None,
            every=own.every or timedelta(hours=1),
            days=_days(own.days),
            share=Share(own.hours),
        )
        if own.flow:
            return self._schedule(name, spec, FLOWS, "flow", {"flow": own.flow})
        return self._schedule(name, spec, CONTROL, "restart", {"units": [own.unit]})

    def _spec(self, missed: Missed, **when: Any) -> Spec:
        return Spec(self._zone, self._business, missed, **when)

    def _schedule(
        self, name: str, spec: Spec, queue: str, task: str, arguments: Mapping[str, Any] | None = None
    ) -> Schedule:
        return Schedule(name, spec, _text(spec, self._table.holidays), queue, task, arguments or {})


def business(table: Timetable, is_holiday: Callable[[date], bool]) -> Business:
    """Return when the company works."""
    first, _, last = table.business_hours.partition("-")
    days = frozenset(WEEKDAYS.index(day) for day in table.business_days)
    return Business(days, Hours(minutes(first), minutes(last)), is_holiday)


def _days(days: tuple[str, ...]) -> frozenset[int] | None:
    if days == ("daily",):
        return ALL_DAYS
    return None if days == ("business",) else frozenset(WEEKDAYS.index(day) for day in days)


def _text(spec: Spec, country: str) -> str:
    """Return all that says when, and nothing else: what is registered under it keeps its due time."""
    when = {"every_s": spec.every.total_seconds()} if spec.at is None else {"at": spec.at}
    days: dict[str, Any] = {"days": sorted(spec.days) if spec.days is not None else "business"}
    if spec.days is None or spec.share is not Share.ALL:
        hours = spec.business.hours
        days |= {"business": [sorted(spec.business.days), hours.first, hours.last], "holidays": country}
    facts = {**when, **days, "share": spec.share, "missed": spec.missed, "zone": spec.zone.key}
    return json.dumps(facts, separators=(",", ":"))
