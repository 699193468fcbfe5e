"""The fake lease and the one in Redis keep the same contract."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from jikimi.broker import connect
from jikimi.queue.hand_back import fence_all
from jikimi.queue.port import Lease, QueueAway
from jikimi.queue.redis_lease import RedisLease
from jikimi.testing.queue import FakeLeases
from tests.conftest import cut_off
from tests.contract.lease_contract import LeaseContract, Office


class FakeOffice(FakeLeases):
    def go_away(self) -> None:
        self.is_away = True


class RedisOffice:
    def __init__(self, address: str) -> None:
        self._redis = connect(address, retries=0)

    def lease(self, ledger: str, unit: str) -> Lease:
        return RedisLease(self._redis, ledger, unit, timedelta(seconds=30))

    def expire(self, ledger: str) -> None:
        self._redis.delete(f"jk:lease:{ledger}")

    def go_away(self) -> None:
        cut_off(self._redis)

    def refuse_writes(self) -> None:
        self._redis.config_set("min-replicas-to-write", 1)

    def take_writes(self) -> None:
        self._redis.config_set("min-replicas-to-write", 0)

    def close(self) -> None:
        self._redis.close()


class TestFakeLease(LeaseContract):
    @pytest.fixture
    def office(self) -> Office:
        return FakeOffice()


class TestRedisLease(LeaseContract):
    @pytest.fixture
    def office(self, redis_address: str) -> Iterator[RedisOffice]:
        office = RedisOffice(redis_address)
        yield office
        office.close()

    def test_a_server_that_takes_no_writes_is_as_good_as_away(self, office: RedisOffice) -> None:
        office.refuse_writes()
        try:
            with pytest.raises(QueueAway):
                office.lease("company", "erp-worker").take()
            fence_all([office.lease("company", "erp-worker")])
        finally:
            office.take_writes()
