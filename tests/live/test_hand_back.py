"""What a dead child had taken is put back at once: begun, not yet begun, or behind a lock that a dead one holds."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq.registry import StartedJobRegistry

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.config.model import Ledger
from jikimi.queue.hand_back import MOST_HAND_BACKS, RqBench
from jikimi.queue.port import JobFailed, LeaseLost
from jikimi.queue.redis_lease import RedisLease
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task
from jikimi.queue.worker import LIVES_S, QueueWorker, build_queue, build_worker
from tests.conftest import cut_off
from tests.contract.test_queue import Number, double

KEY = SignedJson([b"k" * 32])
UNIT = "erp-erp-worker-"
JOB = "erp-double-1"
CHILD = 3
STRANGER = "erp-another-7"


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


@pytest.fixture
def queue(redis: Redis) -> RqQueue:
    queue = RqQueue(redis, KEY, SystemClock())
    queue.submit("double", {"number": 4}, JOB)
    return queue


def bench(redis: Redis, *leases: RedisLease) -> RqBench:
    return RqBench(redis, build_queue(redis, "erp", KEY), UNIT, leases)


def worker(redis: Redis, name: str = f"{UNIT}1") -> QueueWorker:
    return build_worker(redis, "erp", name, KEY, [Task("double", Number, double)])


def die_in_mid_job(redis: Redis, name: str = f"{UNIT}1") -> None:
    """Take a job and begin it, as a worker does up to the moment at which it is killed."""
    dying = worker(redis, name)
    dying.register_birth()
    taken = dying.dequeue_job_and_maintain_ttl(None)
    assert taken is not None
    assert dying.begin(*taken) is not None


def test_a_job_of_a_dead_child_runs_again_within_a_fifth_of_a_second(redis: Redis, queue: RqQueue) -> None:
    die_in_mid_job(redis)
    assert queue.waiting("erp") == 0
    clock = SystemClock()
    began = clock.ticks()

    assert bench(redis).hand_back() == [JOB]

    print(f"\nhanded back after {1000 * (clock.ticks() - began):.0f} ms")  # noqa: T201 - a figure for the log
    worker(redis, f"{UNIT}2").work(burst=True, logging_level="CRITICAL")
    assert queue.answer(JOB, 1.0) == {"number": 8}


def test_a_job_that_was_taken_but_never_begun_is_put_back_in_front(redis: Redis, queue: RqQueue) -> None:
    queue.submit("double", {"number": 5}, "erp-double-2")
    redis.lmove("rq:queue:erp", "rq:queue:erp:intermediate", "LEFT", "RIGHT")

    assert bench(redis).hand_back() == [JOB]
    assert bench(redis).hand_back() == []

    assert redis.lrange("rq:queue:erp", 0, -1) == [JOB.encode(), b"erp-double-2"]


def test_what_a_living_worker_of_another_unit_has_just_taken_is_left_to_it(redis: Redis, queue: RqQueue) -> None:
    worker(redis, "erp-erp-worker-2-9").register_birth()
    redis.lmove("rq:queue:erp", "rq:queue:erp:intermediate", "LEFT", "RIGHT")

    assert bench(redis).hand_back() == []

    assert queue.waiting("erp") == 0


def test_a_job_that_is_between_two_lists_at_two_looks_is_put_back_while_children_work(
    redis: Redis, queue: RqQueue
) -> None:
    keeper = bench(redis)
    redis.lmove("rq:queue:erp", "rq:queue:erp:intermediate", "LEFT", "RIGHT")

    assert keeper.hand_back_strays(CHILD) == []
    assert keeper.hand_back_strays(CHILD) == [JOB]
    assert keeper.hand_back_strays(CHILD) == []

    assert queue.waiting("erp") == 1


def test_a_job_that_is_put_back_while_a_slow_worker_has_it_in_its_hands_runs_once(redis: Redis, queue: RqQueue) -> None:
    keeper, slow = bench(redis), worker(redis, f"{UNIT}{CHILD}")
    slow.register_birth()
    taken = slow.dequeue_job_and_maintain_ttl(None)
    assert taken is not None
    keeper.hand_back_strays(CHILD)
    assert keeper.hand_back_strays(CHILD) == [JOB]

    assert slow.begin(*taken) is None

    assert queue.waiting("erp") == 1
    assert StartedJobRegistry(queue=build_queue(redis, "erp", KEY)).get_job_and_execution_ids(cleanup=False) == []


def test_what_cannot_be_a_job_any_more_is_not_put_back_for_ever(redis: Redis, queue: RqQueue) -> None:
    keeper = bench(redis)
    redis.lmove("rq:queue:erp", "rq:queue:erp:intermediate", "LEFT", "RIGHT")
    redis.delete(f"rq:job:{JOB}")

    assert [list(keeper.hand_back_strays(CHILD)) for _ in range(3)] == [[], [], []]

    assert redis.llen("rq:queue:erp:intermediate") == 0
    assert queue.waiting("erp") == 0


def test_a_job_of_a_worker_that_is_gone_for_two_looks_is_put_back_while_children_work(
    redis: Redis, queue: RqQueue
) -> None:
    die_in_mid_job(redis, STRANGER)
    keeper = bench(redis)
    assert keeper.hand_back_strays(CHILD) == []
    redis.delete(f"rq:worker:{STRANGER}")

    assert keeper.hand_back_strays(CHILD) == []
    assert keeper.hand_back_strays(CHILD) == [JOB]

    worker(redis, f"{UNIT}2").work(burst=True, logging_level="CRITICAL")
    assert queue.answer(JOB, 1.0) == {"number": 8}
    assert keeper.hand_back_strays(CHILD) == []
    assert redis.keys("rq:execution*") == []


def test_what_a_living_worker_runs_is_no_stray(redis: Redis, queue: RqQueue) -> None:
    die_in_mid_job(redis, STRANGER)
    keeper = bench(redis)

    assert [list(keeper.hand_back_strays(CHILD)) for _ in range(3)] == [[], [], []]


def test_a_redis_that_forgot_every_worker_makes_no_stray_of_what_their_parents_vouch_for(
    redis: Redis, queue: RqQueue
) -> None:
    die_in_mid_job(redis, STRANGER)
    keeper, other = bench(redis), RqBench(redis, build_queue(redis, "erp", KEY), "erp-another-", [])
    redis.delete(f"rq:worker:{STRANGER}", "rq:workers", "rq:workers:erp")

    for _ in range(3):
        assert keeper.hand_back_strays(CHILD) == []
        assert other.hand_back_strays(7) == []

    assert redis.smembers("rq:workers:erp") == {f"rq:worker:{STRANGER}".encode()}
    assert 0 < redis.ttl(f"rq:worker:{STRANGER}") <= LIVES_S


def test_what_an_earlier_child_left_while_redis_was_away_is_put_back_at_the_first_look(
    redis: Redis, queue: RqQueue
) -> None:
    die_in_mid_job(redis, f"{UNIT}1")

    assert bench(redis).hand_back_strays(CHILD) == [JOB]


def test_a_job_whose_worker_record_has_expired_overnight_is_put_back_at_the_start(redis: Redis, queue: RqQueue) -> None:
    die_in_mid_job(redis)
    redis.delete(f"rq:worker:{UNIT}1", f"rq:worker:{UNIT}1:executions")

    assert bench(redis).hand_back() == [JOB]

    assert queue.waiting("erp") == 1


def test_a_clean_up_lock_is_broken_while_children_work_and_what_it_had_kept_back_is_queued(
    redis: Redis, queue: RqQueue
) -> None:
    die_in_mid_job(redis)
    redis.set("rq:clean_registries:erp", 1, ex=899)
    bench(redis).hand_back()
    assert queue.waiting("erp") == 0

    redis.expire("rq:clean_registries:erp", 880)
    bench(redis).hand_back_strays(CHILD)

    assert queue.waiting("erp") == 1


def test_strays_are_left_while_redis_is_away(redis: Redis, queue: RqQueue) -> None:
    keeper = bench(redis)
    cut_off(redis)

    assert keeper.hand_back_strays(CHILD) == []


def test_a_clean_up_lock_that_a_dead_worker_holds_is_broken(redis: Redis, queue: RqQueue) -> None:
    die_in_mid_job(redis)
    redis.set("rq:clean_registries:erp", 1, ex=880)

    assert bench(redis).hand_back() == [JOB]

    assert queue.waiting("erp") == 1


def test_a_clean_up_lock_that_is_young_is_respected(redis: Redis, queue: RqQueue) -> None:
    die_in_mid_job(redis)
    redis.set("rq:clean_registries:erp", 1, ex=899)

    bench(redis).hand_back()

    assert queue.waiting("erp") == 0


def test_a_job_that_kills_every_child_is_given_up_and_said_to_have_failed(redis: Redis, queue: RqQueue) -> None:
    for _ in range(MOST_HAND_BACKS + 1):
        die_in_mid_job(redis)
        bench(redis).hand_back()

    assert queue.waiting("erp") == 0
    with pytest.raises(JobFailed):
        queue.answer(JOB, 1.0)


def test_nothing_of_a_dead_worker_is_left_in_redis(redis: Redis, queue: RqQueue) -> None:
    die_in_mid_job(redis)

    bench(redis).hand_back()

    registry = StartedJobRegistry(queue=build_queue(redis, "erp", KEY))
    assert registry.get_job_and_execution_ids(cleanup=False) == []
    assert redis.smembers("rq:workers") == set()


def test_fencing_makes_the_token_of_an_earlier_child_worthless(redis: Redis) -> None:
    lease = RedisLease(redis, Ledger.COMPANY.value, "erp-worker", timedelta(seconds=30))
    lease.take()
    parent = RedisLease(redis, Ledger.COMPANY.value, "erp-worker", timedelta(seconds=30))

    bench(redis, parent).fence()

    with pytest.raises(LeaseLost):
        lease.check()


def test_a_redis_that_is_away_is_no_error_for_a_parent(tmp_path: Path) -> None:
    away = connect(f"unix://{tmp_path}/redis.sock", retries=0, timeout_s=0.3)

    assert bench(away, RedisLease(away, "company", "erp-worker", timedelta(seconds=30))).hand_back() == []
