"""What the supervisor asks Redis every few seconds."""

from collections.abc import Iterator

import pytest
from redis import Redis

from jikimi.beats.beat import Beat
from jikimi.broker import connect
from jikimi.queue.redis_sink import RedisSink
from jikimi.queue.redis_watch import RedisWatch
from jikimi.testing.clock import FakeClock
from jikimi.unit.port import BeatNotSent
from tests.conftest import cut_off


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis
    with connect(redis_address, retries=0) as another:  # the test may have cut the first one off
        another.config_set("min-replicas-to-write", 0)


def test_waiting_jobs_are_counted_every_five_seconds(redis: Redis) -> None:
    clock = FakeClock()
    watch = RedisWatch(redis, "erp", clock)
    assert watch.waiting() == 0
    redis.rpush("rq:queue:erp", "a", "b")

    clock.advance(4.9)
    assert watch.waiting() == 0
    clock.advance(0.1)

    assert watch.waiting() == 2


def test_a_server_that_takes_no_writes_is_not_one_that_is_away(redis: Redis, redis_address: str) -> None:
    clock = FakeClock()
    watch = RedisWatch(redis, "erp", clock)
    assert not watch.refuses_writes()

    redis.config_set("min-replicas-to-write", 1)
    clock.advance(5)

    assert watch.refuses_writes()
    with connect(redis_address, retries=0) as another, pytest.raises(BeatNotSent):
        RedisSink(another).send(Beat(unit="erp-worker", pid=1, seq=1, at=""))

    cut_off(redis)
    clock.advance(5)
    assert not watch.refuses_writes()
    assert (watch.waiting(), watch.stale()) == (0, ())
