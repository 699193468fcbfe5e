"""What keeps the clock going: schedules are registered, put back and forgotten, and Redis may be away."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from structlog.testing import capture_logs

from jikimi.broker import connect
from jikimi.schedule.book import DUE, KEPT, TEMPLATE, Book
from jikimi.schedule.exact_clock import ExactScheduler
from jikimi.schedule.listing import NO_WORKER, listing
from jikimi.schedule.timetable import ALL_QUEUES
from tests.conftest import Until
from tests.live.clock_room import NIGHTLY, START, Room, Server, job, schedules, seoul

TEN = timedelta(minutes=10)


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


@pytest.fixture
def room(redis: Redis) -> Room:
    return Room(redis)


def test_an_unchanged_schedule_keeps_its_missed_time_and_a_changed_one_is_registered_anew(room: Room) -> None:
    room.exact.tick()
    room.clock.advance(3600)
    late = Room(room.redis, at=room.clock.now())
    late.scheduler.verify()
    assert late.due() == seoul("2026-11-25T03:30")

    changed = Room(room.redis, {"schedule": {**NIGHTLY["schedule"], "backup": "04:30"}}, room.clock.now())
    changed.scheduler.verify()

    assert changed.due() == seoul("2026-11-25T04:30")


def test_a_running_scheduler_with_an_older_timetable_does_not_fight_the_newer_one(room: Room) -> None:
    room.exact.tick()
    newer = Room(room.redis, {"schedule": {**NIGHTLY["schedule"], "backup": "04:30"}})
    newer.exact.tick()

    room.wait(timedelta(minutes=2))

    assert room.due() == seoul("2026-11-25T04:30")


def test_a_running_scheduler_does_not_forget_what_a_newer_one_has(room: Room) -> None:
    room.exact.tick()
    newer = Room(room.redis, {"schedule": {**NIGHTLY["schedule"], "restart": "05:55"}})
    newer.exact.tick()

    room.wait(timedelta(minutes=2))

    assert newer.due("restart") == seoul("2026-11-25T05:55")


def test_a_schedule_that_no_timetable_has_any_more_is_forgotten(room: Room) -> None:
    room.exact.tick()

    Room(room.redis, {"schedule": {**NIGHTLY["schedule"], "backup": ""}}).exact.tick()

    assert room.redis.keys("*") == []


@pytest.mark.parametrize(
    "lose",
    [
        lambda redis: redis.flushall(),
        lambda redis: redis.zrem(DUE, f"{TEMPLATE}backup"),
        lambda redis: redis.delete("jk:sched:backup"),
        lambda redis: redis.delete(f"rq:job:{TEMPLATE}backup"),
    ],
    ids=["everything", "its time", "its record", "its job"],
)
def test_a_schedule_that_vanished_is_put_back_with_its_time_and_reported(
    room: Room, lose: Callable[[Redis], object]
) -> None:
    room.exact.tick()
    room.clock.advance(3600)
    lose(room.redis)

    room.wait(timedelta(minutes=3))

    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]
    assert [line["why"] for line in room.missed()] == ["vanished"]


@pytest.mark.parametrize("lose", [DUE, "jk:sched:backup", f"rq:job:{TEMPLATE}backup"])
def test_what_vanished_is_noticed_before_it_is_due(room: Room, lose: str) -> None:
    room.exact.tick()
    room.redis.delete(lose)

    room.wait(timedelta(minutes=1))

    assert [line["why"] for line in room.missed()] == ["vanished"]
    assert all(room.redis.exists(key) for key in (DUE, "jk:sched:backup", f"rq:job:{TEMPLATE}backup"))
    assert room.due() == seoul("2026-11-25T03:30")


def test_a_new_process_puts_back_the_missed_time_of_what_vanished_before_it(room: Room) -> None:
    room.exact.tick()
    room.clock.advance(3600)
    room.redis.delete(DUE)

    Room(room.redis, at=room.clock.now()).exact.tick()

    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]
    assert [line["why"] for line in room.missed()] == ["vanished"]


def test_one_that_registers_at_the_same_moment_changes_nothing(room: Room) -> None:
    room.exact.tick()

    said, due = room.scheduler.book.enter(room.table["backup"], START + timedelta(days=9), None)

    assert (said, due) == (KEPT, seoul("2026-11-25T03:30"))


def test_a_schedule_that_somebody_else_has_put_there_is_forgotten(room: Room) -> None:
    room.redis.zadd(DUE, {"evil": 0, "backup": 0})

    room.exact.tick()

    assert room.redis.zrange(DUE, 0, -1) == [b"schedule-backup"]


@pytest.fixture
def server(tmp_path: Path, until: Until) -> Iterator[Server]:
    server = Server(tmp_path, until)
    yield server
    server.kill()


def test_redis_that_is_killed_and_comes_back_costs_nothing(server: Server) -> None:
    server.start()
    with connect(server.address, retries=0) as redis:
        room = Room(redis)
        room.exact.tick()
        redis.execute_command("WAITAOF", 1, 0, 5000)
        server.kill()
        room.wait(timedelta(hours=1))
        with pytest.raises(RedisConnectionError):
            redis.ping()

        server.start()
        room.wait(timedelta(minutes=2))

        assert room.jobs() == [job(seoul("2026-11-25T03:30"))]
        assert room.due() == seoul("2026-11-26T03:30")
        assert room.missed() == []


def test_without_redis_at_its_start_the_clock_holds_and_goes_on(server: Server) -> None:
    with connect(server.address, retries=0) as redis:
        room = Room(redis)
        room.wait(timedelta(minutes=10))

        server.start()
        room.wait(timedelta(minutes=30))

        assert room.jobs() == [job(seoul("2026-11-25T03:30"))]


def test_our_record_reads_the_set_that_rq_scheduler_fires_from() -> None:
    assert ExactScheduler.scheduled_jobs_key == DUE


def test_while_redis_is_away_it_is_asked_every_other_second_and_told_of_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with connect("unix:///nowhere/redis.sock", retries=0) as nowhere, capture_logs() as logged:
        room = Room(nowhere)
        tries: list[float] = []
        jobs = room.scheduler.get_jobs_to_queue

        def count(*, with_times: bool = False) -> Any:
            tries.append(room.clock.ticks())
            return jobs(with_times)

        monkeypatch.setattr(room.scheduler, "verify", lambda: None)
        monkeypatch.setattr(room.scheduler, "get_jobs_to_queue", count)
        room.wait(timedelta(seconds=10), timedelta(seconds=1))

    assert tries == [1, 3, 5, 7, 9]
    assert [line["event"] for line in logged] == ["schedule.held"]


def test_a_redis_that_refuses_holds_the_clock_as_well(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.exact.tick()

    def refuse(*_: object) -> None:
        raise ResponseError("MISCONF no disk")

    with monkeypatch.context() as patch, capture_logs() as logged:
        patch.setattr(Book, "settle", refuse)
        room.wait(timedelta(hours=1))
        patch.undo()
        room.wait(timedelta(minutes=1))

    assert [line["event"] for line in logged] == ["schedule.held", "schedule.fired", "schedule.resumed"]
    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]


def test_what_stands_for_a_schedule_is_kept_for_ever_and_fires_for_a_week(room: Room) -> None:
    room.wait(timedelta(hours=1))

    kept = [room.redis.hget(f"rq:job:{one}", "result_ttl") for one in (f"{TEMPLATE}backup", *room.jobs())]
    assert kept == [b"-1", b"604800"]
    assert room.redis.ttl(f"rq:job:{TEMPLATE}backup") == -1


def test_an_order_is_known_for_a_week_as_well(redis: Redis) -> None:
    room = Room(redis, {"schedule": {**NIGHTLY["schedule"], "backup": "", "restart": "05:55"}})
    room.wait(timedelta(hours=3))

    (order,) = room.jobs("control")
    assert redis.hget(f"rq:job:{order}", "result_ttl") == b"604800"


def test_the_list_tells_when_and_how_in_the_zone_of_the_schedule(redis: Redis) -> None:
    own = {"unit": "erp", "at": "07:30", "missed": "once"}
    room = Room(redis, {"schedule": {**NIGHTLY["schedule"], "fresh": own, "close": {"flow": "close", "at": "08:00"}}})
    room.table = schedules({"schedule": {**NIGHTLY["schedule"], "fresh": own}})
    room.wait(timedelta(hours=1), TEN)
    room.scheduler.book.pause("fresh", seoul("2026-11-26T12:00"))
    all_of_it = schedules({"schedule": {"fresh": own, "close": {"flow": "close", "at": "08:00"}}}, tuple(ALL_QUEUES))
    room.wait(timedelta(hours=4), TEN)

    found = {
        one["name"]: one
        for one in listing(all_of_it.values(), room.scheduler.book, lambda job: f"of {job}", {"erp", "control"})
    }

    assert found["fresh"] == {
        "name": "fresh",
        "what": "restart erp",
        "next": "2026-11-26T07:30:00+09:00",
        "last": None,
        "zone": "Asia/Seoul",
        "outcome": "paused",
        "missed": 0,
        "job": "",
        "paused_until": "2026-11-26T12:00:00+09:00",
    }
    backup = found["backup"]
    assert (backup["last"], backup["job"]) == ("2026-11-25T03:30:00+09:00", job(seoul("2026-11-25T03:30")))
    assert (backup["outcome"], found["close"]["outcome"], found["close"]["what"]) == (
        NO_WORKER,
        NO_WORKER,
        "flow close",
    )
    assert (found["cycle"]["outcome"], found["cycle"]["next"]) == ("", None)
