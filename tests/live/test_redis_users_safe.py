"""Whoever saves may take its own jobs and is sent all that Redis has, as a replica is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jikimi.backup.redis_dump import dump_redis
from jikimi.clock import SystemClock
from jikimi.queue.hand_back import RqBench
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, refusals
from jikimi.queue.worker import build_queue, build_worker
from tests.conftest import Until
from tests.contract.test_queue import Number, double
from tests.live.redis_users import Users

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes the list of users")
KEY, STRANGER = SignedJson([b"k" * 32]), SignedJson([b"x" * 32])
JOB = "backup-double-1"


@pytest.fixture
def users(tmp_path: Path, until: Until) -> Iterator[Users]:
    users = Users(tmp_path, until)
    yield users
    users.close()


def test_whoever_saves_takes_its_own_jobs_and_is_sent_all_that_redis_has(users: Users, tmp_path: Path) -> None:
    redis = users.client("backup")
    queue = RqQueue(users.client("scheduler"), KEY, SystemClock())
    assert queue.submit("double", {"number": 4}, JOB)
    dying = build_worker(redis, "backup", "backup-backup-1", KEY, [Task("double", Number, double)])
    dying.wait_until_able()
    dying.register_birth()
    taken = dying.dequeue_job_and_maintain_ttl(None)
    assert taken is not None
    assert dying.begin(*taken) is not None
    assert RqBench(redis, build_queue(redis, "backup", KEY), "backup-backup-", ()).hand_back() == [JOB]

    ours = build_worker(redis, "backup", "backup-backup-2", KEY, [Task("double", Number, double)])
    ours.run_maintenance_tasks()
    ours.work(burst=True, logging_level="CRITICAL")

    assert queue.answer(JOB, 1.0) == {"number": 8}
    password = (tmp_path / "keys/backup/redis").read_text()
    assert dump_redis(users.address("backup", password), tmp_path / "dump.rdb") > 0
    assert JOB.encode() in (tmp_path / "dump.rdb").read_bytes()


def test_what_nobody_of_ours_has_signed_whoever_saves_refuses_too(users: Users) -> None:
    RqQueue(users.client("scheduler"), STRANGER, SystemClock()).submit("double", {"number": 4}, JOB)
    redis = users.client("backup")

    build_worker(redis, "backup", "backup-backup-1", KEY, [Task("double", Number, double)]).work(
        burst=True, logging_level="CRITICAL"
    )

    assert len(refusals(users.client("supervisor"))) > 0
