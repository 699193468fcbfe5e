"""`restart_at`: once a day, at its time, whatever slept or was restarted."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.supervisor.daily import DailyRestarts, is_due
from jikimi.supervisor.events import Op
from jikimi.testing.clock import FakeClock

SEOUL = ZoneInfo("Asia/Seoul")
HOUR_S = 3600.0


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24T{text}:00").replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("05:54", None, False),
        ("05:55", None, True),
        ("06:54", None, True),
        ("06:55", None, False),
        ("05:55", date(2026, 11, 24), False),
        ("05:55", date(2026, 11, 23), True),
        ("23:59", None, False),
    ],
)
def test_it_is_due_for_an_hour_and_once_a_day(now: str, last: date | None, due: bool) -> None:  # noqa: FBT001
    assert is_due("05:55", at(now), last) is due


def clock_at(text: str) -> FakeClock:
    clock = FakeClock()
    clock.advance((at(text).astimezone(UTC) - clock.now()).total_seconds())
    return clock


def asked(restarts: DailyRestarts) -> list[tuple[str, ...]]:
    orders = restarts.orders()
    assert all((order.op, order.by) == (Op.RESTART, "restart_at") for order in orders)
    return [order.units for order in orders]


def test_each_unit_is_asked_for_once_a_day(tmp_path: Path) -> None:
    clock = clock_at("00:00")
    restarts = DailyRestarts({"a": "05:55", "b": "07:00"}, clock, SEOUL, tmp_path / "daily.json")
    days = []
    for _ in range(3 * 24 * 12):
        days += asked(restarts)
        clock.advance(300)

    assert days == [("a",), ("b",)] * 3


def test_a_supervisor_that_starts_after_the_time_does_not_restart_what_is_fresh(tmp_path: Path) -> None:
    clock = clock_at("06:10")

    assert asked(DailyRestarts({"a": "05:55"}, clock, SEOUL, tmp_path / "daily.json")) == []


def test_a_supervisor_that_was_restarted_remembers_what_was_done_today(tmp_path: Path) -> None:
    clock = clock_at("05:50")
    first = DailyRestarts({"a": "05:55"}, clock, SEOUL, tmp_path / "daily.json")
    clock.advance(600)
    assert asked(first) == [("a",)]

    clock.advance(23.5 * HOUR_S)
    second = DailyRestarts({"a": "05:55"}, clock, SEOUL, tmp_path / "daily.json")
    assert asked(second) == []
    clock.advance(0.5 * HOUR_S)

    assert asked(second) == [("a",)]


def test_a_time_that_was_slept_through_is_left_out(tmp_path: Path) -> None:
    clock = clock_at("05:00")
    restarts = DailyRestarts({"a": "05:55"}, clock, SEOUL, tmp_path / "daily.json")

    clock.advance(4 * HOUR_S)

    assert asked(restarts) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 5}', '{"a": "yesterday"}'])
def test_a_broken_memory_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "daily.json").write_text(text)
    clock = clock_at("05:50")
    restarts = DailyRestarts({"a": "05:55"}, clock, SEOUL, tmp_path / "daily.json")
    clock.advance(600)

    assert asked(restarts) == [("a",)]


@given(st.lists(st.integers(1, 7200), min_size=1, max_size=200))
def test_whatever_the_pauses_no_day_has_two(pauses: list[int]) -> None:
    now, last, done = at("00:00"), None, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if is_due("05:55", now, last):
            last = now.date()
            done.append(last)

    assert len(done) == len(set(done))
