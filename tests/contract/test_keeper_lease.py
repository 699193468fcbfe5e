"""Of several keepers on one Redis one may act, and without Redis each may: the lock on its home decides then."""

from collections.abc import Iterator

import pytest
from redis import Redis

from jikimi.broker import connect
from jikimi.queue.keeper_lease import KeeperLease
from jikimi.testing.clock import FakeClock
from tests.conftest import cut_off


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_the_first_one_acts_and_the_second_hears_whose_turn_it_is(redis: Redis, clock: FakeClock) -> None:
    first, second = KeeperLease(redis, "one", clock), KeeperLease(redis, "two", clock)

    assert [first.other(), second.other()] == ["", "one"]
    clock.advance(3)
    assert [second.other(), first.other()] == ["one", ""]


def test_the_next_life_of_the_same_keeper_acts_at_once(redis: Redis, clock: FakeClock) -> None:
    assert KeeperLease(redis, "one", clock).other() == ""
    assert KeeperLease(redis, "one", clock).other() == ""


def test_when_the_first_one_is_gone_the_second_takes_its_place(redis: Redis, clock: FakeClock) -> None:
    KeeperLease(redis, "one", clock).other()
    second = KeeperLease(redis, "two", clock)
    assert second.other() == "one"
    assert 14_000 < int(str(redis.pttl("jk:lease:keeper"))) <= 15_000
    redis.delete("jk:lease:keeper")

    assert second.other() == "one", "not asked again so soon"
    clock.advance(3)
    assert second.other() == ""


def test_a_lease_that_redis_has_lost_is_taken_again(redis: Redis, clock: FakeClock) -> None:
    lease = KeeperLease(redis, "one", clock)
    lease.other()
    redis.flushall()
    clock.advance(3)

    assert lease.other() == ""
    assert redis.exists("jk:lease:keeper")


def test_without_redis_nobody_is_held_by_it(redis: Redis, clock: FakeClock) -> None:
    KeeperLease(redis, "one", clock).other()
    second = KeeperLease(redis, "two", clock)
    assert second.other() == "one"

    cut_off(redis)
    clock.advance(3)

    assert second.other() == ""
