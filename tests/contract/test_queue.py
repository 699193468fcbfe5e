"""The fake queue and RQ keep the same contract."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.queue.port import Json
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task
from jikimi.queue.worker import build_worker
from jikimi.testing.queue import FakeQueue
from tests.conftest import cut_off
from tests.contract.queue_contract import Floor, QueueContract

KEY = b"k" * 32


class Number(BaseModel):
    number: int


class Said(BaseModel):
    answer: dict[str, Any]


def double(asked: Number) -> Mapping[str, int]:
    return {"number": 2 * asked.number}


def fitted(arguments: Json) -> Json:
    return double(Number.model_validate(arguments))


class FakeFloor:
    def __init__(self) -> None:
        self.queue = FakeQueue({"double": fitted, "say": lambda arguments: dict(arguments["answer"])})

    def work(self) -> None:
        self.queue.work()

    def go_away(self) -> None:
        self.queue.is_away = True


class RqFloor:
    def __init__(self, address: str) -> None:
        self._redis = connect(address, retries=0)
        self.queue = RqQueue(self._redis, SignedJson([KEY]), SystemClock())

    def work(self) -> None:
        tasks = [Task("double", Number, double), Task("say", Said, lambda said: said.answer)]
        worker = build_worker(self._redis, "erp", "erp-test", SignedJson([KEY]), tasks)
        worker.work(burst=True, logging_level="CRITICAL")

    def go_away(self) -> None:
        cut_off(self._redis)

    def close(self) -> None:
        self._redis.close()


class TestFakeQueue(QueueContract):
    @pytest.fixture
    def floor(self) -> Floor:
        return FakeFloor()


class TestRqQueue(QueueContract):
    @pytest.fixture
    def floor(self, redis_address: str) -> Iterator[Floor]:
        floor = RqFloor(redis_address)
        yield floor
        floor.close()

    def test_a_job_is_seen_to_run(self, redis_address: str) -> None:
        with connect(redis_address, retries=0) as redis:
            queue = RqQueue(redis, SignedJson([KEY]), SystemClock())
            tasks = [
                Task("double", Number, lambda _: {"number": 1, "outcome": f"seen {queue.outcome('erp-double-1')}"})
            ]
            queue.submit("double", {"number": 1}, "erp-double-1")
            build_worker(redis, "erp", "erp-test", SignedJson([KEY]), tasks).work(burst=True, logging_level="CRITICAL")

            assert queue.outcome("erp-double-1") == "seen running"
