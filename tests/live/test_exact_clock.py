"""The clock on a real Redis: every due time makes one job, whatever sleeps, crashes, or comes twice."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, timedelta
from threading import Barrier
from typing import Any

import pytest
from redis import Redis
from structlog.testing import capture_logs

from jikimi.broker import connect
from jikimi.calendar import Missed, next_due
from jikimi.clock import SystemClock
from jikimi.queue.rq_queue import RqQueue
from jikimi.schedule.book import FIRED, Book
from jikimi.schedule.door import Door
from tests.live.clock_room import NIGHTLY, ORDERS, START, Room, job, schedules, seoul

TEN = timedelta(minutes=10)


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


@pytest.fixture
def room(redis: Redis) -> Room:
    return Room(redis)


def test_a_due_time_makes_one_job_with_a_name_of_its_own(room: Room) -> None:
    room.wait(timedelta(days=2, minutes=50), TEN)

    assert room.jobs() == [job(seoul(f"2026-11-{day}T03:30")) for day in (25, 26, 27)]
    assert room.due() == seoul("2026-11-28T03:30")
    assert room.missed() == []


def test_eight_schedulers_at_once_make_one_job(room: Room, redis_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = [Room(connect(redis_address, retries=0)) for _ in range(8)]
    for one in rooms:
        one.scheduler.verify()
        one.clock.advance(3600)
    assert room.missed() == []
    all_here, submit = Barrier(8, timeout=20), Door.submit

    def together(*arguments: Any) -> str:
        all_here.wait()  # each has seen that it is due before any has pushed
        return submit(*arguments)

    with monkeypatch.context() as patch, ThreadPoolExecutor(8) as pool, capture_logs() as logged:
        patch.setattr(Door, "submit", together)
        list(pool.map(lambda one: one.scheduler.enqueue_jobs(), rooms))
    for one in rooms:
        one.redis.close()

    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]
    assert room.redis.xlen(FIRED) == 1
    assert [line["event"] for line in logged] == ["schedule.fired"]
    assert room.due() == seoul("2026-11-26T03:30")


def test_three_days_off_are_made_up_for_by_one_run(room: Room) -> None:
    room.exact.tick()
    room.clock.advance(3 * 86400 + 3600)

    Room(room.redis, at=room.clock.now()).exact.tick()

    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]
    assert [(line["name"], line["missed"]) for line in room.missed()] == [("backup", "3")]
    assert room.due() == seoul("2026-11-29T03:30")


@pytest.mark.parametrize("point", ["submit", "settle"])
def test_a_crash_before_or_after_the_push_loses_and_doubles_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    room.exact.tick()
    room.clock.advance(3600)

    with monkeypatch.context() as patch:
        patch.setattr(*{"submit": (Door, "submit", crash), "settle": (Book, "settle", crash)}[point])
        with pytest.raises(SystemExit):
            room.exact.tick()
    assert room.due() == seoul("2026-11-25T03:30")
    assert len(room.jobs()) == (point == "settle")

    room.clock.advance(3600)
    Room(room.redis, at=room.clock.now()).exact.tick()

    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]
    assert room.due() == seoul("2026-11-26T03:30")


def test_one_that_was_stopped_between_two_steps_changes_nothing_any_more(room: Room) -> None:
    room.exact.tick()
    stalled = room.another()
    room.clock.advance(3600)
    (found,) = list(stalled.get_jobs_to_queue())
    room.exact.tick()

    stalled.enqueue_job(found)

    assert len(room.jobs()) == 1
    assert room.redis.xlen(FIRED) == 1


def test_what_is_skipped_when_late_waits_for_its_next_time(redis: Redis) -> None:
    room = Room(redis, {"schedule": {**NIGHTLY["schedule"], "backup": "", "restart": "05:55"}})
    room.exact.tick()
    room.clock.advance(timedelta(hours=3, minutes=30).total_seconds())
    room.exact.tick()

    assert room.jobs("control") == []
    assert room.due("restart") == seoul("2026-11-26T05:55")
    assert [(line["why"], line["missed"]) for line in room.missed()] == [("late", "1")]


def test_what_every_unit_outlives_is_not_restarted(redis: Redis) -> None:
    room = Room(redis, {"schedule": {**NIGHTLY["schedule"], "backup": "", "restart": "05:55"}})
    room.exact.tick()
    room.clock.advance(timedelta(hours=2, minutes=57).total_seconds())
    room.started = room.clock.now() - timedelta(minutes=1)

    room.exact.tick()

    assert room.jobs("control") == []
    assert [line["why"] for line in room.scheduler.book.history(9, "restart")] == ["fresh"]
    assert room.scheduler.book.history(9, "backup") == []


def test_an_order_is_signed_with_the_clock_s_own_key_and_given_now(redis: Redis) -> None:
    room = Room(redis, {"schedule": {**NIGHTLY["schedule"], "backup": "", "restart": "05:55"}})
    room.wait(timedelta(hours=3))

    (order,) = room.jobs("control")
    assert order == job(seoul("2026-11-25T05:55"), "restart", "control")
    stored = RqQueue(redis, ORDERS, room.clock)._job_class.fetch(order, connection=redis, serializer=ORDERS)
    assert (stored.func_name, stored.kwargs["at"]) == ("restart", seoul("2026-11-25T05:55").astimezone(UTC).isoformat())


def test_a_paused_schedule_lets_its_times_go_until_the_pause_ends(room: Room) -> None:
    room.exact.tick()
    room.scheduler.book.pause("backup", seoul("2026-11-26T12:00"))
    room.wait(timedelta(days=2), TEN)

    assert room.jobs() == []
    assert room.missed() == []
    assert [line["why"] for line in room.scheduler.book.history(9)] == ["paused", "paused"]

    room.wait(timedelta(days=1), TEN)
    assert room.jobs() == [job(seoul("2026-11-27T03:30"))]


def test_a_pause_that_is_ended_has_no_effect(room: Room) -> None:
    room.exact.tick()
    room.scheduler.book.pause("backup", seoul("2026-11-26T12:00"))
    room.scheduler.book.pause("backup", None)

    room.wait(timedelta(hours=1))

    assert len(room.jobs()) == 1


@pytest.mark.parametrize("seed", range(4))
def test_crashes_outages_and_rivals_at_random_lose_and_double_nothing(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    settings = {"schedule": {**NIGHTLY["schedule"], "backup": "", "cycle": "3h", "restart": "05:55"}}
    room = Room(redis, settings)
    room.exact.tick()
    for _ in range(80):
        at = room.clock.now() + timedelta(minutes=chance.choice([1, 7, 60, 300, 3000]))
        if chance.random() < 0.5:  # on time for one of them
            at = max(room.clock.now(), room.due(chance.choice(["cycle", "restart"]))) + timedelta(seconds=2)
        rivals = [Room(redis, settings, at) for _ in range(chance.choice([1, 1, 2]))]
        room = rivals[0]
        owner, method = chance.choice([(Door, "submit"), (Book, "settle"), (Book, "entries"), (Book, "pause")])
        with monkeypatch.context() as patch, suppress(SystemExit):
            patch.setattr(owner, method, crash)
            rivals[-1].exact.tick()
        if chance.random() < 0.5:
            for one in rivals:
                one.exact.tick()
    room.exact.tick()

    lines = room.scheduler.book.history(2000)
    for name, queue in (("cycle", "erp"), ("restart", "control")):
        dealt_with = [line for line in lines if line["name"] == name]
        made = [line["job"] for line in dealt_with if line["job"]]
        dues, moment = 0, next_due(room.table[name].spec, START)
        while moment < room.due(name):
            dues, moment = dues + 1, next_due(room.table[name].spec, moment)
        assert made
        assert len(set(room.jobs(queue))) == len(room.jobs(queue))
        assert set(made) <= set(room.jobs(queue))
        assert dues == len(made) + sum(int(line["missed"]) for line in dealt_with)
        if name == "cycle":  # what is made up for runs in any case: no job is there that nobody wrote down
            assert sorted(made) == sorted(room.jobs(queue))
            assert len(made) == len(dealt_with)


def crash(*_: object) -> None:
    raise SystemExit


def test_days_pass_in_seconds_and_each_time_fires_once(redis: Redis) -> None:
    room = Room(redis, {})
    real = SystemClock()
    began = real.ticks()
    room.wait(timedelta(days=4), TEN / 2)

    fired = [line["job"] for line in room.scheduler.book.history(2000)]
    assert len(fired) == len(set(fired))
    # four days: the morning of the first, 24 cycles a business day, 72 idle beats and 144 on a free day
    assert sum("-cycle-" in job for job in fired) == 3 * 24
    assert sum("-restart-" in job for job in fired) == 4
    assert real.ticks() - began < 30


def test_the_missed_rule_of_what_is_shipped() -> None:
    rules = {name: schedule.spec.missed for name, schedule in schedules({}).items()}

    assert rules == {"cycle": Missed.ONCE, "idle": Missed.ONCE, "restart": Missed.SKIP, "backup": Missed.ONCE}
