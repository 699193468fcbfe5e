"""Eleven ways in which plain rq-scheduler loses, doubles or mistimes runs: each is seen there, and not on our clock."""

import sys
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import rq_scheduler.scheduler
import rq_scheduler.utils
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from rq import Queue, SimpleWorker
from rq_scheduler import Scheduler

from jikimi.broker import connect
from jikimi.schedule.book import DUE, TEMPLATE, Book
from tests.conftest import Until
from tests.live.clock_room import NIGHTLY, Room, job, seoul

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
NIGHT, DAY_S = "30 3 * * *", 86400
HALF_PAST_THREE_IN_SEOUL = 18 * 3600 + 1800  # seconds after midnight in UTC


def work() -> str:
    return "done"


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


@pytest.fixture
def stock(redis: Redis) -> Scheduler:
    return Scheduler("erp", connection=redis)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Let this process live in another zone."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def queued(redis: Redis) -> list[str]:
    found: Any = redis.lrange("rq:queue:erp", 0, -1)
    return [one.decode() for one in found]


def dues(redis: Redis) -> dict[str, float]:
    found: Any = redis.zrange(DUE, 0, -1, withscores=True)
    return {member.decode(): score for member, score in found}


def make_due(redis: Redis, late_s: float = 60) -> None:
    for member in dues(redis):
        redis.zadd(DUE, {member: time.time() - late_s})  # noqa: TID251 - stock reads the machine's own clock


def fresh(redis: Redis) -> Room:
    """Return our clock on an empty Redis, half an hour before the nightly run, which it knows."""
    redis.flushall()
    room = Room(redis)
    room.exact.tick()
    return room


def test_1_the_zone_is_that_of_whichever_process_asks(
    redis: Redis, stock: Scheduler, zone: Callable[[str], None]
) -> None:
    of_day: dict[tuple[str, bool], float] = {}
    for name in ("UTC", "Asia/Seoul"):
        zone(name)
        for local in (False, True):
            stock.cron(NIGHT, work, id="nightly", use_local_timezone=local)
            of_day[name, local] = dues(redis)["nightly"] % DAY_S
    assert of_day["UTC", True] == of_day["UTC", False] != HALF_PAST_THREE_IN_SEOUL
    assert of_day["Asia/Seoul", True] == of_day["Asia/Seoul", False] == HALF_PAST_THREE_IN_SEOUL

    for name in ("UTC", "America/New_York"):
        zone(name)
        fresh(redis)
        assert dues(redis)[f"{TEMPLATE}backup"] % DAY_S == HALF_PAST_THREE_IN_SEOUL


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="as Python 3.11 reads a local time that does not exist")
def test_2_a_time_in_the_gap_fires_at_every_look(
    redis: Redis, stock: Scheduler, zone: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    zone("America/New_York")

    class Frozen(datetime):
        at = (1, 0)

        @classmethod
        def now(cls, tz: Any = None) -> "Frozen":
            return cls(2026, 3, 8, *cls.at, tzinfo=tz)

        @classmethod
        def utcnow(cls) -> "Frozen":
            return cls(2026, 3, 8, *cls.at) + timedelta(hours=5)

    for module in (rq_scheduler.utils, rq_scheduler.scheduler):
        monkeypatch.setattr(module, "datetime", Frozen)
    stock.cron("30 2 * * *", work, id="nightly")
    Frozen.at = (1, 31)
    for _ in range(5):
        stock.enqueue_jobs()
    assert queued(redis) == ["nightly"] * 5

    redis.flushall()
    settings = {"timezone": "America/New_York", "schedule": {**NIGHTLY["schedule"], "backup": "02:30"}}
    room = Room(redis, settings, datetime.fromisoformat("2026-03-08T01:00-05:00"))
    room.exact.tick()
    room.wait(timedelta(hours=12))
    assert room.jobs() == [job(datetime.fromisoformat("2026-03-08T03:30-04:00"))]


def test_3_each_start_adds_the_schedule_again(redis: Redis) -> None:
    for _ in range(3):
        Scheduler("erp", connection=redis).cron(NIGHT, work)
    assert len(dues(redis)) == 3

    fresh(redis)
    for _ in range(3):
        Room(redis).exact.tick()
    assert len(dues(redis)) == 1


def test_4_a_start_erases_the_run_that_was_missed(redis: Redis, stock: Scheduler) -> None:
    stock.cron(NIGHT, work, id="nightly")
    make_due(redis)
    stock.cron(NIGHT, work, id="nightly")
    stock.enqueue_jobs()
    assert queued(redis) == []

    room = fresh(redis)
    room.clock.advance(3600)
    Room(redis, at=room.clock.now()).exact.tick()
    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]


def test_5_a_schedule_whose_job_is_gone_vanishes_without_a_word(redis: Redis, stock: Scheduler, until: Until) -> None:
    stock.cron(NIGHT, work, id="nightly", result_ttl=1)
    make_due(redis)
    stock.enqueue_jobs()
    SimpleWorker([Queue("erp", connection=redis)], connection=redis).work(burst=True, logging_level="CRITICAL")
    until(lambda: not redis.exists("rq:job:nightly"), 5)
    make_due(redis)
    stock.enqueue_jobs()
    assert dues(redis) == {}

    room = fresh(redis)
    assert redis.ttl(f"rq:job:{TEMPLATE}backup") == -1
    redis.delete(f"rq:job:{TEMPLATE}backup")
    room.wait(timedelta(minutes=31))
    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]
    assert [line["why"] for line in room.missed()] == ["vanished"]


def test_6_every_fire_is_the_same_job(redis: Redis, stock: Scheduler) -> None:
    stock.cron(NIGHT, work, id="nightly")
    for _ in range(3):
        make_due(redis)
        stock.enqueue_jobs()
    assert queued(redis) == ["nightly"] * 3

    room = fresh(redis)
    room.wait(timedelta(days=2, hours=1), timedelta(minutes=10))
    assert len(set(room.jobs())) == len(room.jobs()) == 3


def test_7_one_that_was_stopped_fires_again_and_takes_the_lock_of_another(redis: Redis, stock: Scheduler) -> None:
    other = Scheduler("erp", connection=redis)
    stock.cron(NIGHT, work, id="nightly")
    make_due(redis)
    stock.acquire_lock()
    (found,) = list(stock.get_jobs_to_queue())
    redis.delete(Scheduler.scheduler_lock_key)  # it is stopped, and the lock's time runs out
    other.acquire_lock()
    other.enqueue_jobs()
    stock.enqueue_job(found)
    stock.remove_lock()
    assert queued(redis) == ["nightly"] * 2
    assert not redis.exists(Scheduler.scheduler_lock_key)

    room = fresh(redis)
    room.clock.advance(3600)
    (found,) = list(room.scheduler.get_jobs_to_queue())
    Room(redis, at=room.clock.now()).exact.tick()
    room.scheduler.enqueue_job(found)
    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]


def die_in(monkeypatch: pytest.MonkeyPatch, owner: object, method: str, do: Callable[[], object]) -> None:
    """Have *do* end at the point where it calls *method*."""

    def crash(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(owner, method, crash)
        with pytest.raises(SystemExit):
            do()


def test_8a_a_crash_after_the_push_doubles_it(redis: Redis, stock: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    stock.cron(NIGHT, work, id="nightly")
    make_due(redis)
    die_in(monkeypatch, redis, "zrem", stock.enqueue_jobs)
    stock.enqueue_jobs()
    assert queued(redis) == ["nightly"] * 2

    room = fresh(redis)
    room.clock.advance(3600)
    die_in(monkeypatch, Book, "settle", room.exact.tick)
    Room(redis, at=room.clock.now()).exact.tick()
    assert room.jobs() == [job(seoul("2026-11-25T03:30"))]


def test_8b_a_crash_before_it_is_armed_again_loses_the_schedule(
    redis: Redis, stock: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.cron(NIGHT, work, id="nightly")
    make_due(redis)
    die_in(monkeypatch, redis, "zadd", stock.enqueue_jobs)
    assert dues(redis) == {}

    room = fresh(redis)
    room.clock.advance(3600)
    die_in(monkeypatch, Book, "settle", room.exact.tick)
    assert room.due() == seoul("2026-11-25T03:30")


def test_9_a_name_is_blocked_by_one_that_was_killed(redis: Redis) -> None:
    Scheduler("erp", connection=redis, name="the-one").register_birth()
    with pytest.raises(ValueError, match="already an active"):
        Scheduler("erp", connection=redis, name="the-one").register_birth()

    room = fresh(redis)
    room.wait(timedelta(hours=1))
    after = Room(redis, at=room.clock.now())
    after.wait(timedelta(days=1), timedelta(minutes=10))
    assert len({room.scheduler.name, after.scheduler.name}) == 2
    assert len(room.jobs()) == 2


def test_10_its_jobs_are_pickles(redis: Redis, stock: Scheduler) -> None:
    planned = stock.cron(NIGHT, work, id="nightly")
    with pytest.raises(TypeError):
        stock.cron(NIGHT, work, serializer=object())
    assert payload(redis, planned.id).startswith(b"\x80")

    room = fresh(redis)
    room.wait(timedelta(hours=1))
    for made in (f"{TEMPLATE}backup", *room.jobs()):
        assert payload(redis, made).startswith(b"1.")


def payload(redis: Redis, job_id: str) -> bytes:
    packed: Any = redis.hget(f"rq:job:{job_id}", "data")
    return zlib.decompress(packed)


def test_11_without_redis_it_dies() -> None:
    with connect("unix:///nowhere/redis.sock", retries=0) as nowhere:
        with pytest.raises(RedisConnectionError):
            Scheduler("erp", connection=nowhere).run(burst=True)
        with pytest.raises(RedisConnectionError):
            Scheduler("erp", connection=nowhere).enqueue_jobs()

        Room(nowhere).wait(timedelta(minutes=10))
