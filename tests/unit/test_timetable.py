"""From the settings to the schedules."""

from datetime import timedelta
from typing import Any

import pytest

from jikimi.calendar import ALL_DAYS, Hours, Missed, Share
from jikimi.config.model import Settings
from jikimi.schedule.public_holidays import holidays_of
from jikimi.schedule.timetable import ALL_QUEUES, SERVED, Schedule, timetable
from tests.unit.test_calendar import CHUSEOK

FLOW = {"flow": "close", "every": "2h", "days": ["mon", "fri"], "hours": "business"}
UNIT = {"unit": "erp", "at": "23:30", "days": "business"}


def made(*, served: Any = ALL_QUEUES, **schedule: Any) -> dict[str, Schedule]:
    return timetable(Settings.model_validate({"schedule": schedule}), lambda _: False, served)


def test_what_is_shipped() -> None:
    found = made()

    assert list(found) == ["cycle", "idle", "restart", "backup"]
    cycle, idle, restart, backup = (found[name].spec for name in found)
    assert (cycle.every, cycle.share, cycle.missed) == (timedelta(minutes=30), Share.BUSINESS, Missed.ONCE)
    assert (idle.every, idle.share, idle.missed) == (timedelta(minutes=10), Share.OUTSIDE, Missed.ONCE)
    assert (restart.at, restart.missed, restart.days) == (5 * 60 + 55, Missed.SKIP, ALL_DAYS)
    assert (backup.at, backup.missed, backup.days) == (3 * 60 + 30, Missed.ONCE, ALL_DAYS)
    assert cycle.business.hours == Hours(6 * 60, 18 * 60)
    assert [(one.queue, one.task) for one in found.values()] == [
        ("erp", "cycle"),
        ("erp", "ping"),
        ("control", "restart"),
        ("backup", "backup"),
    ]


def test_what_has_no_worker_yet_is_not_registered() -> None:
    settings = Settings.model_validate({"schedule": {"a": FLOW, "b": UNIT}})

    assert list(timetable(settings, lambda _: False, SERVED)) == ["cycle", "idle", "restart", "backup", "b"]


def test_each_schedule_of_the_stack_can_be_switched_off() -> None:
    assert made(cycle="0s", idle="0s", restart="", backup="") == {}


def test_a_person_s_own_are_in_the_same_list() -> None:
    found = made(close=FLOW, fresh=UNIT)

    close, fresh = found["close"], found["fresh"]
    assert (close.queue, close.task, close.arguments) == ("rpa", "flow", {"flow": "close"})
    assert (close.spec.every, close.spec.days, close.spec.share) == (
        timedelta(hours=2),
        frozenset({0, 4}),
        Share.BUSINESS,
    )
    assert (fresh.queue, fresh.task, fresh.arguments) == ("control", "restart", {"units": ["erp"]})
    assert (fresh.spec.at, fresh.spec.days) == (23 * 60 + 30, None)


@pytest.mark.parametrize(
    ("own", "missed"),
    [
        (FLOW, Missed.ONCE),
        (UNIT, Missed.SKIP),
        ({**FLOW, "missed": "skip"}, Missed.SKIP),
        ({**UNIT, "missed": "once"}, Missed.ONCE),
    ],
)
def test_the_missed_rule_of_a_person_s_own(own: dict[str, Any], missed: Missed) -> None:
    assert made(own=own)["own"].spec.missed is missed


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cycle", {"cycle": "20m"}),
        ("cycle", {"business_hours": "07:00-18:00"}),
        ("cycle", {"business_days": ["mon"]}),
        ("cycle", {"holidays": ""}),
        ("restart", {"restart": "05:45"}),
        ("own", {"own": {**FLOW, "missed": "skip"}}),
        ("own", {"own": {**FLOW, "days": "daily"}}),
        ("own", {"own": {**FLOW, "hours": "outside"}}),
        ("own", {"own": {**FLOW, "every": "3h"}}),
    ],
)
def test_another_time_makes_another_text(name: str, change: dict[str, Any]) -> None:
    assert made(**{"own": FLOW, **change})[name].text != made(own=FLOW)[name].text


def test_another_zone_makes_another_text() -> None:
    there = timetable(Settings.model_validate({"timezone": "Europe/Berlin"}), lambda _: False, ALL_QUEUES)

    assert all(there[name].text != here.text for name, here in made().items() if name in there)


def test_what_has_no_business_days_does_not_care_when_they_are() -> None:
    assert made(business_days=["mon"], holidays="")["restart"].text == made()["restart"].text


def test_holidays_are_those_of_the_country_or_none() -> None:
    assert holidays_of("KR")(CHUSEOK)
    assert not holidays_of("KR")(CHUSEOK.replace(day=1))
    assert not holidays_of("")(CHUSEOK)
    assert holidays_of("DE-BY")(CHUSEOK.replace(month=1, day=6))
    assert not holidays_of("DE-BE")(CHUSEOK.replace(month=1, day=6))
