"""How long the job that comes next has waited; what cannot be read has waited for no time and harms nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from rq.utils import utcformat

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.queue.redis_watch import RedisWatch
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.testing.clock import NOON, FakeClock
from tests.conftest import cut_off

QUEUE = "rq:queue:erp"


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


def wait_since(redis: Redis, job: str, seconds: float) -> None:
    """Queue a job as if it had been queued so many seconds before noon."""
    redis.hset(f"rq:job:{job}", "enqueued_at", utcformat(NOON - timedelta(seconds=seconds)))
    redis.rpush(QUEUE, job)


def oldest_s(redis: Redis) -> float:
    return RedisWatch(redis, "erp", FakeClock()).oldest_s()


def test_an_empty_queue_has_no_oldest_job(redis: Redis) -> None:
    assert oldest_s(redis) == 0.0


def test_the_job_that_comes_next_tells_how_long_it_has_waited(redis: Redis) -> None:
    wait_since(redis, "erp-a-1", 90)
    wait_since(redis, "erp-b-1", 30)

    assert oldest_s(redis) == 90.0


def test_another_queue_s_jobs_do_not_count(redis: Redis) -> None:
    wait_since(redis, "erp-a-1", 90)

    assert RedisWatch(redis, "rpa", FakeClock()).oldest_s() == 0.0


def test_it_grows_while_the_job_waits_and_falls_when_it_is_taken(redis: Redis) -> None:
    clock = FakeClock()
    watch = RedisWatch(redis, "erp", clock)
    wait_since(redis, "erp-a-1", 90)
    wait_since(redis, "erp-b-1", 30)
    said = [watch.oldest_s()]
    clock.advance(10)
    said.append(watch.oldest_s())
    redis.lpop(QUEUE)
    clock.advance(4.9)
    said.append(watch.oldest_s())
    clock.advance(0.1)
    said.append(watch.oldest_s())
    redis.delete(QUEUE)
    clock.advance(5)
    said.append(watch.oldest_s())

    assert said == [90.0, 100.0, 100.0, 45.0, 0.0]


def test_a_real_job_s_time_is_read(redis: Redis) -> None:
    RqQueue(redis, SignedJson([b"k" * 32]), SystemClock()).submit("double", {"number": 4}, "erp-double-1")
    since: Any = redis.hget("rq:job:erp-double-1", "enqueued_at")

    later = FakeClock(SystemClock().now() + timedelta(hours=1))

    assert since
    assert RedisWatch(redis, "erp", later).oldest_s() >= timedelta(hours=1).total_seconds() - 60


def test_a_job_from_a_clock_that_is_ahead_has_waited_for_no_time(redis: Redis) -> None:
    wait_since(redis, "erp-a-1", -60)

    assert oldest_s(redis) == 0.0


@pytest.mark.parametrize("since", [b"", b"yesterday", b"\xff\xfe", b"2026-11-20T03:00:00", b"9" * 50])
def test_a_time_that_cannot_be_read_says_nothing_and_the_rest_is_still_told(redis: Redis, since: bytes) -> None:
    redis.hset("rq:job:erp-a-1", "enqueued_at", since)
    redis.rpush(QUEUE, "erp-a-1")
    watch = RedisWatch(redis, "erp", FakeClock())

    assert watch.oldest_s() == 0.0

    assert (watch.waiting(), watch.refuses_writes()) == (1, False)
    assert redis.exists("jk:probe")


def test_a_job_whose_record_is_gone_has_waited_for_no_time(redis: Redis) -> None:
    redis.rpush(QUEUE, "erp-gone-1")
    watch = RedisWatch(redis, "erp", FakeClock())

    assert (watch.oldest_s(), watch.waiting()) == (0.0, 1)


def test_a_redis_that_is_away_says_nothing(redis: Redis) -> None:
    clock = FakeClock()
    watch = RedisWatch(redis, "erp", clock)
    wait_since(redis, "erp-a-1", 90)
    assert watch.oldest_s() == 90.0

    cut_off(redis)
    clock.advance(5)

    assert watch.oldest_s() == 0.0


def test_an_id_that_no_job_can_have_says_nothing_and_the_rest_is_still_told(redis: Redis) -> None:
    redis.rpush(QUEUE, b"\xff\xfe")
    watch = RedisWatch(redis, "erp", FakeClock())

    assert (watch.oldest_s(), watch.waiting(), watch.refuses_writes()) == (0.0, 1, False)


@pytest.mark.parametrize("key", ["rq:job:erp-a-1", QUEUE, "jk:due"])
def test_a_key_that_holds_something_else_is_no_server_that_takes_no_writes(redis: Redis, key: str) -> None:
    redis.rpush(QUEUE, "erp-a-1")
    redis.set(key, "x")
    watch = RedisWatch(redis, "erp", FakeClock())

    assert (watch.oldest_s(), watch.stale(), watch.refuses_writes()) == (0.0, (), False)
    assert redis.exists("jk:probe")
