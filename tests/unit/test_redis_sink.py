"""Beats: how they go to Redis, and when the parent that sends them loses patience with its child."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from jikimi.beats.beat import Beat
from jikimi.broker import connect
from jikimi.queue.redis_sink import RedisSink, leave_order, stale_units
from jikimi.unit.port import BeatNotSent, Order

BEAT = Beat(unit="erp-worker", pid=1, seq=7, at="2026-11-20", phase="기표")


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


def test_a_beat_is_kept_whole_and_due_again_in_five_seconds(redis: Redis) -> None:
    seconds, micros = redis.time()

    assert RedisSink(redis).send(BEAT) is None

    kept = redis.hget("jk:u:erp-worker", "beat")
    assert isinstance(kept, bytes)
    assert '"seq": 7' in kept.decode()
    assert '"phase": "기표"' in kept.decode()
    due = redis.zscore("jk:due", "erp-worker")
    assert isinstance(due, float)
    assert 5000 <= due - (seconds * 1000 + micros // 1000) < 10_000


@pytest.mark.parametrize("order", Order)
def test_an_order_is_given_once_to_the_unit_it_is_for(redis: Redis, order: Order) -> None:
    leave_order(redis, "another", Order.STOP)
    leave_order(redis, "erp-worker", order)
    sink = RedisSink(redis)

    assert [sink.send(BEAT), sink.send(BEAT)] == [order, None]
    assert redis.hget("jk:u:another", "order") == b"stop"


def test_an_order_that_this_version_does_not_know_is_taken_and_ignored(redis: Redis) -> None:
    redis.hset("jk:u:erp-worker", "order", "dance")

    assert RedisSink(redis).send(BEAT) is None
    assert not redis.hexists("jk:u:erp-worker", "order")


def test_a_redis_that_is_away_is_told_at_once() -> None:
    with connect("unix:///nowhere/redis.sock", retries=0) as away, pytest.raises(BeatNotSent):
        RedisSink(away).send(BEAT)


def test_who_is_overdue_is_found_among_many_and_who_left_is_not_missed(redis: Redis) -> None:
    seconds, _ = redis.time()
    sink = RedisSink(redis)
    for number in range(50):
        sink.send(replace(BEAT, unit=f"unit-{number}"))
    overdue = {"late": seconds * 1000 - 10, "later": seconds * 1000 - 5000, "gone": seconds * 1000 - 90_000_000}
    redis.zadd("jk:due", {"left": 1.0, **overdue})
    sink.leave("left")

    assert stale_units(redis) == ["later", "late"]
    assert stale_units(redis, most=1) == ["later"]
    assert redis.zscore("jk:due", "gone") is None


def test_leaving_a_redis_that_is_away_is_no_error() -> None:
    with connect("unix:///nowhere/redis.sock", retries=0) as away:
        RedisSink(away).leave("erp-worker")
