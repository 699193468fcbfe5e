"""Whoever runs flows may take its own jobs, beat and put back what a dead child had; the books' queue is shut to it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import NoPermissionError

from jikimi.beats.beat import Beat
from jikimi.clock import SystemClock
from jikimi.queue.hand_back import RqBench
from jikimi.queue.redis_sink import RedisSink, leave_order
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, refusals
from jikimi.queue.worker import build_queue, build_worker
from jikimi.rpa.flow import QUEUE
from jikimi.rpa.item import Item
from jikimi.rpa.store import ItemStore
from jikimi.rpa.tasks import ItemArguments, submit_due
from jikimi.unit.port import Order
from tests.conftest import Until
from tests.contract.test_queue import Number, double
from tests.live.redis_users import Users

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes the list of users")
KEY, STRANGER = SignedJson([b"k" * 32]), SignedJson([b"x" * 32])
UNIT, JOB = "rpa-worker", "rpa-double-1"


@pytest.fixture
def users(tmp_path: Path, until: Until) -> Iterator[Users]:
    users = Users(tmp_path, until)
    yield users
    users.close()


def worker(users: Users, name: str, *more: Task) -> Any:
    return build_worker(users.client(UNIT), QUEUE, name, KEY, [Task("double", Number, double), *more])


def submit(users: Users, key: SignedJson = KEY, user: str = UNIT, job: str = JOB) -> RqQueue:
    queue = RqQueue(users.client(user), key, SystemClock())
    assert queue.submit("double", {"number": 4}, job)
    return queue


def test_it_queues_its_own_jobs_does_them_and_hands_back_those_of_a_dead_child(users: Users) -> None:
    queue = submit(users)
    assert (queue.waiting(QUEUE), queue.submit("double", {"number": 5}, JOB)) == (1, False)
    dying = worker(users, "rpa-rpa-worker-1")
    dying.wait_until_able()
    dying.register_birth()
    taken = dying.dequeue_job_and_maintain_ttl(None)
    assert taken is not None
    assert dying.begin(*taken) is not None
    redis = users.client(UNIT)
    bench = RqBench(redis, build_queue(redis, QUEUE, KEY), "rpa-rpa-worker-", ())

    bench.fence()
    assert bench.hand_back() == [JOB]
    assert bench.hand_back_strays(None) == []

    ours = worker(users, "rpa-rpa-worker-2")
    ours.run_maintenance_tasks()
    ours.work(burst=True, max_jobs=1, logging_level="CRITICAL")
    assert queue.answer(JOB, 1.0) == {"number": 8}


def test_items_that_are_due_are_queued_by_it_and_a_person_s_order_by_the_supervisor(
    users: Users, tmp_path: Path
) -> None:
    done = list[str]()

    def noted(asked: ItemArguments) -> Mapping[str, str]:
        done.append(asked.key)
        return {"outcome": "done"}

    store = ItemStore(tmp_path / "items.sqlite")
    store.put(Item("voucher", "A-1", {}))
    assert submit_due(store, RqQueue(users.client(UNIT), KEY, SystemClock()), 0.0) == 1
    store.close()
    queue = submit(users, user="supervisor")

    worker(users, "rpa-rpa-worker-1", Task("item", ItemArguments, noted)).work(burst=True, logging_level="CRITICAL")

    assert done == ["A-1"]
    assert queue.answer(JOB, 1.0) == {"number": 8}


def test_it_beats_takes_its_orders_and_leaves(users: Users) -> None:
    sink, watcher = RedisSink(users.client(UNIT)), users.client("supervisor")
    leave_order(watcher, UNIT, Order.DRAIN)

    assert sink.send(Beat(unit=UNIT, pid=1, seq=1, at="")) is Order.DRAIN
    assert watcher.zrange("jk:due", 0, -1) == [UNIT.encode()]

    sink.leave(UNIT)
    assert not watcher.exists("jk:due")


def test_what_nobody_of_ours_has_signed_is_refused_and_written_down(users: Users) -> None:
    submit(users, key=STRANGER, user="supervisor")

    worker(users, "rpa-rpa-worker-1").work(burst=True, logging_level="CRITICAL")

    assert len(refusals(users.client("supervisor"))) == 1


@pytest.mark.parametrize("job", ["erp-double-1", "backup-double-1", "control-cli-1", "ui-double-1"])
def test_it_can_put_nothing_on_another_queue(users: Users, job: str) -> None:
    with pytest.raises(NoPermissionError):
        submit(users, job=job)


@pytest.mark.parametrize(
    "words",
    [
        "LMOVE rq:queue:erp rq:queue:erp:intermediate LEFT RIGHT",
        "DEL rq:job:erp-cycle-1",
        "ZADD rq:wip:erp 1 x",
        "SET jk:lease:company x",
        "SET jk:handed:erp-1 1",
        "HSET jk:sched:backup at 1",
        "RESTORE x 0 y",
        "PSYNC ? -1",
        "EVAL return(redis.call('get',KEYS[1])) 1 jk:lease:company",
        "EVAL return(redis.call('set',KEYS[1],1)) 1 rq:job:erp-job-1",
        "EVAL return(redis.call('lpush','rq:queue:erp','x')) 0",
    ],
)
def test_it_can_change_nothing_of_the_books_queue_and_their_lease(users: Users, words: str) -> None:
    users.client("supervisor").rpush("rq:queue:erp", "erp-cycle-1")
    client: Any = users.client(UNIT)

    with pytest.raises(Exception, match=r"(?i)permission|acl failure"):
        client.execute_command(*words.split(" "))

    assert users.client("supervisor").lrange("rq:queue:erp", 0, -1) == [b"erp-cycle-1"]
