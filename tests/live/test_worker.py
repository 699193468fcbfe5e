"""What our worker does its own way: limits, retries, signals, records, and a Redis that is away or asked twice."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from redis import Redis
from rq import Retry
from rq.job import Job
from rq.queue import Queue
from rq.timeouts import JobTimeoutException
from rq.worker import SimpleWorker

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.config import load
from jikimi.embedded.redis_server import redis_part, redis_url
from jikimi.queue.port import Json
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, allow
from jikimi.queue.worker import QueueWorker, build_worker
from jikimi.runtime.process import ProcessRuntime
from tests.conftest import Until

KEY = SignedJson([b"k" * 32])
ID = "erp-task-1"
NEXT = "erp-task-2"
ROUND_TRIPS = 4
Run = Callable[[Any], Json]


class Nothing(BaseModel):
    pass


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """RQ's worker sets handlers of its own."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def worker(redis: Redis, run: Run) -> QueueWorker:
    return build_worker(redis, "erp", "erp-test-1", KEY, [Task("task", Nothing, run)])


def submit(redis: Redis, *ids: str) -> RqQueue:
    queue = RqQueue(redis, KEY, SystemClock())
    for job in ids:
        queue.submit("task", {}, job)
    return queue


def enqueue(redis: Redis, **terms: Any) -> Job:
    """Queue a job with terms of RQ's own, which our door never sets."""
    queue = Queue("erp", connection=redis, job_class=allow(()), serializer=KEY)
    return queue.enqueue_call("task", kwargs={}, job_id=ID, **terms)


def fetch(redis: Redis) -> Job:
    return allow(()).fetch(ID, connection=redis, serializer=KEY)


def test_a_job_costs_four_round_trips(redis: Redis) -> None:
    def asked() -> int:
        return int(redis.info("stats")["total_reads_processed"])

    jobs = 100
    submit(redis, *(f"erp-task-{number}" for number in range(jobs)))
    ours = worker(redis, lambda _: {})
    began = asked()

    ours.work(burst=True, logging_level="CRITICAL")

    assert asked() - began < (ROUND_TRIPS + 1) * jobs


def test_a_worker_that_is_told_to_end_in_mid_job_ends_after_the_job(redis: Redis) -> None:
    queue = submit(redis, ID, NEXT)

    def told_to_end(_: object) -> Json:
        signal.raise_signal(signal.SIGTERM)
        return {"done": True}

    ours = worker(redis, told_to_end)
    ours.work(logging_level="CRITICAL")

    assert ours.stopping
    assert queue.answer(ID, 1.0) == {"done": True}
    assert queue.waiting("erp") == 1


def test_a_job_with_a_limit_is_ended_by_it(redis: Redis) -> None:
    enqueue(redis, timeout=1)

    def too_long(_: object) -> Json:
        SystemClock().wait(30)
        return {}

    worker(redis, too_long).work(burst=True, logging_level="CRITICAL")

    result = fetch(redis).latest_result()
    assert result is not None
    assert JobTimeoutException.__name__ in str(result.exc_string)


def test_a_job_with_a_retry_left_is_tried_again(redis: Redis) -> None:
    enqueue(redis, retry=Retry(max=1))
    tries: list[int] = []

    def fails_once(_: object) -> Json:
        tries.append(1)
        return {"tries": 1 // (len(tries) - 1)}

    worker(redis, fails_once).work(burst=True, logging_level="CRITICAL")

    result = fetch(redis).latest_result()
    assert result is not None
    assert result.return_value == {"tries": 1}


class StockWorker(SimpleWorker):
    """RQ's own, with our name."""

    def subscribe(self) -> None:
        pass


def traces(redis: Redis, run: Run, *, stock: bool) -> Mapping[str, object]:
    """Let one job run and return all that is in Redis afterwards, the values of times and random ids left out."""
    redis.flushall()
    enqueue(redis, result_ttl=500, failure_ttl=500)
    if stock:
        theirs = allow([Task("task", Nothing, run)])
        queue = Queue("erp", connection=redis, job_class=theirs, serializer=KEY)
        stock_worker = StockWorker([queue], "erp-test-1", connection=redis, job_class=theirs, serializer=KEY)
        stock_worker.work(burst=True, logging_level="CRITICAL")
    else:
        worker(redis, run).work(burst=True, logging_level="CRITICAL")
    found: dict[str, object] = {}
    names: Any = redis.keys()
    for key in sorted(name.decode() for name in names):
        kind = redis.type(key)
        expires = redis.ttl(key) > 0
        if kind == b"hash":
            fields: Any = redis.hgetall(key)
            found[key] = sorted(fields), fields.get(b"status"), fields.get(b"worker_name"), expires
        elif kind == b"zset":
            found[key] = redis.zrange(key, 0, -1), expires
        elif kind == b"stream":
            entries: Any = redis.xrange(key)
            found[key] = [(sorted(entry), entry[b"type"]) for _, entry in entries], expires
        else:
            found[key] = kind, expires
    return found


@pytest.mark.parametrize("run", [lambda _: {"number": 1}, lambda _: {"number": 1 // 0}], ids=["success", "failure"])
def test_the_records_are_those_that_rqs_own_worker_writes(redis: Redis, run: Run) -> None:
    ours, theirs = traces(redis, run, stock=False), traces(redis, run, stock=True)

    assert ours == theirs


def test_what_is_sent_twice_because_an_answer_was_lost_is_done_once(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = submit(redis, ID)
    ours = worker(redis, lambda _: {"done": True})
    ours.register_birth()
    taken = ours.dequeue_job_and_maintain_ttl(None)
    assert taken is not None
    once = redis.evalsha

    def twice(*words: Any) -> object:
        once(*words)
        return once(*words)

    monkeypatch.setattr(redis, "evalsha", twice)

    ours.execute_job(*taken)

    assert queue.answer(ID, 1.0) == {"done": True}
    assert len(fetch(redis).results()) == 1
    assert redis.hget("rq:worker:erp-test-1", "successful_job_count") == b"1"


def test_the_outcome_of_a_job_that_was_handed_back_meanwhile_is_not_written_over_anothers(redis: Redis) -> None:
    queue = submit(redis, ID)

    def handed_back(_: object) -> Json:
        redis.delete("rq:wip:erp")
        return {"by": "zombie"}

    worker(redis, handed_back).work(burst=True, logging_level="CRITICAL")

    assert fetch(redis).latest_result() is None
    assert queue.waiting("erp") == 0


def test_a_job_that_ends_while_redis_is_away_is_told_of_once_when_redis_is_back(tmp_path: Path, until: Until) -> None:
    home = load(tmp_path / "home", {}).home
    home.make()
    part, runtime = redis_part(home), ProcessRuntime()
    servers = [runtime.start(part.spec)]
    until(lambda: part.ready(servers[-1].pid), 20.0)
    patient = connect(redis_url(home), retries=1000)
    ends: list[int] = []

    def while_redis_is_away(_: object) -> Json:
        os.kill(servers[-1].pid, signal.SIGKILL)
        until(lambda: not runtime.is_running(servers[-1]), 10.0)
        servers.append(runtime.start(part.spec))  # it is not ready before the job has ended
        ends.append(1)
        return {"ends": len(ends)}

    try:
        queue = submit(patient, ID)
        worker(patient, while_redis_is_away).work(burst=True, logging_level="CRITICAL")

        assert queue.answer(ID, 5.0) == {"ends": 1}
        assert len(fetch(patient).results()) == 1
        assert ends == [1]
    finally:
        patient.close()
        for server in servers:
            runtime.stop(server, 5)
