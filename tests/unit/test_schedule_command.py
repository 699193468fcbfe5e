"""`jikimi schedule`: until when a pause lasts, and what the snapshot has while Redis is away."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jikimi.cli import main
from jikimi.cli.context import Context
from jikimi.cli.schedule import BadUntil, _moment
from jikimi.queue.port import QueueAway
from jikimi.schedule.listing import ScheduleWatch
from jikimi.testing.clock import FakeClock
from jikimi.text import Lang


@pytest.fixture
def context(tmp_path: Path) -> Context:
    context = Context(tmp_path, Lang.EN)
    context.clock = FakeClock()  # 12:00 in Seoul, on the 20th of November 2026
    return context


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("12:01", "2026-11-20T12:01+09:00"),
        ("12:00", "2026-11-21T12:00+09:00"),
        ("06:00", "2026-11-21T06:00+09:00"),
        ("2026-12-01", "2026-12-01T00:00+09:00"),
        ("2026-12-01 18:30", "2026-12-01T18:30+09:00"),
        ("2026-12-01T18:30+00:00", "2026-12-02T03:30+09:00"),
    ],
)
def test_a_pause_ends_at_a_time_of_the_company_s_zone(context: Context, text: str, until: str) -> None:
    assert _moment(context, text) == datetime.fromisoformat(until)


@pytest.mark.parametrize("text", ["2026-11-20 12:00", "2026-11-20", "25:00", "tomorrow", ""])
def test_a_pause_that_ends_never_or_has_ended_is_refused(context: Context, text: str) -> None:
    with pytest.raises(BadUntil):
        _moment(context, text)


@pytest.mark.parametrize(
    "arguments", [(), ("run", "cycle"), ("pause", "cycle", "--until", "18:00"), ("resume", "cycle"), ("history",)]
)
def test_without_a_running_stack_there_is_no_clock_to_ask(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert main.run(["--home", str(tmp_path), "schedule", *arguments]) == 2


class Reads:
    def __init__(self) -> None:
        self.count, self.is_away = 0, False

    def __call__(self) -> list[dict[str, Any]]:
        self.count += 1
        if self.is_away:
            raise QueueAway(answer="away")
        return [{"count": self.count}]


def test_the_snapshot_asks_every_five_seconds_and_keeps_the_last_answer() -> None:
    clock, reads = FakeClock(), Reads()
    watch = ScheduleWatch(reads, clock)
    assert [watch.schedules(), watch.schedules()] == [[{"count": 1}]] * 2

    clock.advance(4.9)
    assert watch.schedules() == [{"count": 1}]
    clock.advance(0.1)
    assert watch.schedules() == [{"count": 2}]

    reads.is_away = True
    clock.advance(5)
    assert watch.schedules() == [{"count": 2}]
    assert reads.count == 3


class DueAt:
    """A list with one schedule; Redis may be away."""

    def __init__(self, due: datetime) -> None:
        self.due, self.is_away = due, False

    def __call__(self) -> list[dict[str, Any]]:
        if self.is_away:
            raise QueueAway(answer="away")
        return [{"name": "cycle", "next": self.due.isoformat()}, {"name": "flow", "next": None}]


def looked(watch: ScheduleWatch, clock: FakeClock, seconds: int) -> list[str]:
    for _ in range(seconds):
        clock.advance(1)
        watch.late()
    return watch.late()


def test_a_schedule_that_is_due_for_minutes_and_does_not_fire_is_named() -> None:
    clock = FakeClock()
    reads = DueAt(clock.now() + timedelta(seconds=60))
    watch = ScheduleWatch(reads, clock)

    assert looked(watch, clock, 235) == []
    assert looked(watch, clock, 15) == ["cycle"]

    reads.due = clock.now() + timedelta(minutes=30)
    assert looked(watch, clock, 6) == []


def test_what_fell_due_in_a_sleep_or_is_not_known_is_not_called_late() -> None:
    clock = FakeClock()
    reads = DueAt(clock.now() + timedelta(seconds=60))
    watch = ScheduleWatch(reads, clock)
    assert looked(watch, clock, 5) == []

    reads.due = clock.now() - timedelta(hours=8)  # as after a sleep
    assert looked(watch, clock, 100) == []
    reads.is_away = True
    assert looked(watch, clock, 600) == []
