"""Each service's own user in Redis may do all that it needs, and nothing else."""

import os
import signal
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import AuthenticationError, ResponseError

from jikimi.beats.beat import Beat
from jikimi.clock import SystemClock
from jikimi.queue.control import CONTROL, ControlQueue, Verifier
from jikimi.queue.hand_back import RqBench, fence_all
from jikimi.queue.port import JobFailed, LeaseLost
from jikimi.queue.redis_lease import RedisLease
from jikimi.queue.redis_sink import RedisSink, leave_order, stale_units
from jikimi.queue.redis_watch import RedisWatch
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, refusals
from jikimi.queue.worker import build_queue, build_worker
from jikimi.supervisor.events import Asked, Op
from jikimi.supervisor.reception import ALLOWED, Reception
from jikimi.testing.clock import FakeClock
from jikimi.unit.port import Order
from tests.conftest import Until
from tests.contract.test_queue import Number, double
from tests.live.redis_users import Users

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes the list of users")
KEY, STRANGER = SignedJson([b"k" * 32]), SignedJson([b"x" * 32])
KEYS = {actor: SignedJson([actor.encode() * 32]) for actor in ALLOWED}
SERVICES = ("supervisor", "erp-worker", "rpa-worker", "scheduler", "backup")
JOB, WORKER = "erp-double-1", "erp-erp-worker-1"
LEASE = timedelta(seconds=30)


@pytest.fixture
def users(tmp_path: Path, until: Until) -> Iterator[Users]:
    users = Users(tmp_path, until)
    yield users
    users.close()


def submit(users: Users, job: str = JOB, key: SignedJson = KEY) -> RqQueue:
    queue = RqQueue(users.client("scheduler"), key, SystemClock())
    assert queue.submit("double", {"number": 4}, job)
    return queue


def worker(users: Users, name: str = WORKER) -> Any:
    return build_worker(users.client("erp-worker"), "erp", name, KEY, [Task("double", Number, double)])


def bench(users: Users) -> RqBench:
    redis = users.client("erp-worker")
    leases = [RedisLease(redis, "company", "erp-worker", LEASE)]
    return RqBench(redis, build_queue(redis, "erp", KEY), "erp-erp-worker-", leases)


def die_in_mid_job(users: Users) -> None:
    dying = worker(users)
    dying.register_birth()
    taken = dying.dequeue_job_and_maintain_ttl(None)
    assert dying.begin(*taken) is not None


def test_what_the_scheduler_has_queued_the_worker_waits_for_runs_and_answers(users: Users) -> None:
    queue = submit(users)
    assert (queue.waiting("erp"), queue.submit("double", {"number": 5}, JOB)) == (1, False)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def last(asked: Number) -> Mapping[str, int]:
        signal.raise_signal(signal.SIGTERM)
        return double(asked)

    ours = build_worker(users.client("erp-worker"), "erp", WORKER, KEY, [Task("double", Number, last)])
    ours.work(logging_level="CRITICAL")

    for number, handler in before.items():
        signal.signal(number, handler)
    assert queue.answer(JOB, 1.0) == {"number": 8}


def test_a_worker_s_whole_maintenance_is_allowed(users: Users) -> None:
    submit(users)
    watcher, ours = users.client("supervisor"), worker(users)
    expired = {"rq:finished:erp": "erp-old-1", "rq:failed:erp": "erp-old-2", "rq:wip:erp": "erp-old-3:execution"}
    gone = {"rq:workers": "rq:worker:erp-gone-1", "rq:workers:erp": "rq:worker:erp-gone-1", "rq:groups": "gone"}
    for key, member in expired.items():
        watcher.zadd(key, {member: 1})
    for key, member in gone.items():
        watcher.sadd(key, member)
    watcher.rpush("rq:queue:erp:intermediate", "erp-old-4")

    ours.run_maintenance_tasks()

    assert [key for key in (*expired, *gone, "rq:queue:erp:intermediate") if watcher.exists(key)] == []
    assert watcher.ttl("rq:clean_groups") > 0


def test_a_job_that_fails_is_written_down_as_failed(users: Users) -> None:
    queue = submit(users)
    broken = Task("double", Number, lambda _: {"number": 1 // 0})

    build_worker(users.client("erp-worker"), "erp", WORKER, KEY, [broken]).work(burst=True, logging_level="CRITICAL")

    with pytest.raises(JobFailed):
        queue.answer(JOB, 1.0)


def test_a_job_that_nobody_of_ours_has_signed_is_refused_and_recorded(users: Users) -> None:
    submit(users, key=STRANGER)

    worker(users).work(burst=True, logging_level="CRITICAL")

    assert len(refusals(users.client("supervisor"))) > 0


def test_a_dead_worker_s_job_is_put_back_and_runs_again(users: Users) -> None:
    queue = submit(users)
    die_in_mid_job(users)

    assert bench(users).hand_back() == [JOB]

    worker(users, "erp-erp-worker-2").work(burst=True, logging_level="CRITICAL")
    assert queue.answer(JOB, 1.0) == {"number": 8}


def test_a_job_between_two_lists_is_put_back_and_a_living_child_is_vouched_for(users: Users) -> None:
    queue, keeper = submit(users), bench(users)
    die_in_mid_job(users)
    submit(users, "erp-double-2")
    users.client("erp-worker").lmove("rq:queue:erp", "rq:queue:erp:intermediate", "LEFT", "RIGHT")

    assert keeper.hand_back_strays(1) == []
    assert keeper.hand_back_strays(1) == ["erp-double-2"]

    assert queue.waiting("erp") == 1
    assert users.client("supervisor").ttl(f"rq:worker:{WORKER}") > 0


def test_a_clean_up_lock_of_a_dead_one_is_broken(users: Users) -> None:
    submit(users)
    die_in_mid_job(users)
    users.client("erp-worker").set("rq:clean_registries:erp", 1, ex=880)

    assert bench(users).hand_back() == [JOB]


def test_the_worker_s_lease_is_taken_prolonged_and_given_back_and_its_parent_may_fence_it(users: Users) -> None:
    mine = RedisLease(users.client("erp-worker"), "company", "erp-worker", LEASE)
    mine.take()
    mine.check()

    bench(users).fence()

    with pytest.raises(LeaseLost):
        mine.check()
    mine.take()
    mine.release()
    assert not users.client("supervisor").exists("jk:lease:company")


@pytest.mark.parametrize("service", ["erp-worker", "rpa-worker", "scheduler", "backup"])
def test_a_service_beats_takes_its_orders_and_leaves(users: Users, service: str) -> None:
    sink, watcher = RedisSink(users.client(service)), users.client("supervisor")
    leave_order(watcher, service, Order.DRAIN)

    assert sink.send(Beat(unit=service, pid=1, seq=1, at="")) is Order.DRAIN
    assert watcher.zrange("jk:due", 0, -1) == [service.encode()]

    sink.leave(service)
    assert not watcher.exists("jk:due")


def test_the_supervisor_sees_the_queue_the_silent_units_and_whether_writes_are_taken(users: Users) -> None:
    submit(users)
    watcher = users.client("supervisor")
    watcher.zadd("jk:due", {"erp-worker": SystemClock().now().timestamp() * 1000 - 1})
    watch = RedisWatch(watcher, "erp", FakeClock())

    assert (watch.waiting(), watch.stale(), watch.refuses_writes()) == (1, ("erp-worker",), False)
    assert watcher.exists("jk:probe")
    assert stale_units(watcher) == ["erp-worker"]


def test_the_supervisor_may_fence_the_worker(users: Users) -> None:
    held = RedisLease(users.client("erp-worker"), "company", "erp-worker", LEASE)
    held.take()

    fence_all([RedisLease(users.client("supervisor"), "company", "erp-worker", LEASE)])

    with pytest.raises(LeaseLost):
        held.check()


def test_the_supervisor_takes_answers_and_refuses_orders(users: Users) -> None:
    clock, redis = SystemClock(), users.client("supervisor")
    verifier = Verifier(KEYS, ALLOWED, clock)
    reception = Reception(ControlQueue(redis, verifier, clock), verifier, KEYS, SERVICES)
    mine, forged = RqQueue(redis, KEYS["cli"], clock), RqQueue(users.client("scheduler"), STRANGER, clock)
    wish = {"at": clock.now().isoformat(), "units": ["scheduler"]}
    forged.submit("stop", wish, f"{CONTROL}-x-1")
    mine.submit("restart", wish, f"{CONTROL}-cli-1")

    assert reception.orders() == [Asked(Op.RESTART, "cli", ("scheduler",))]

    assert mine.answer(f"{CONTROL}-cli-1", 1.0)["accepted"] is True
    assert [refused["why"] for refused in refusals(redis)] == ["nobody of ours has signed it"]


NOBODY_NEEDS = (
    *("FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "KEYS *", "SORT a STORE b", "MONITOR", "PUBLISH rq:pubsub:erp stop"),
    *("CONFIG GET dir", "CONFIG SET dir /tmp", "ACL LIST", "ACL SETUSER health on +@all", "MODULE LIST"),
    *("SHUTDOWN NOSAVE", "DEBUG SLEEP 0", "SAVE", "REPLICAOF localhost 1", "CLIENT KILL ID 1", "CLIENT PAUSE 1"),
)
FOREIGN = {
    "erp-worker": (
        *("SET rq:job:control-cli-1 x", "LPUSH rq:queue:control control-cli-1", "DEL rq:queue:control"),
        *("LPUSH rq:queue:rpa rpa-job-1", "SADD somewhere x"),
        "EVAL return(redis.call('set',KEYS[1],'x')) 1 rq:job:rpa-job-1",
    ),
    "scheduler": (
        *("GET jk:lease:company", "DEL jk:lease:company", "INCR jk:generation:erp-worker", "GET somewhere"),
        *("SET jk:schedule 1", "HSET jk:u:erp-worker order stop", "SET jk:probe 1", "CLIENT LIST"),
        "EVAL return(redis.call('del',KEYS[1])) 1 jk:lease:company",
        "EVAL return(redis.call('del','jk:lease:company')) 0",
    ),
    "rpa-worker": (
        *(
            "GET jk:lease:company",
            "INCR jk:generation:erp-worker",
            "SET rq:job:erp-x-1 x",
            "LPUSH rq:queue:erp erp-x-1",
        ),
        *("SET rq:job:control-cli-1 x", "LPUSH rq:queue:control control-cli-1", "HSET jk:u:erp-worker order stop"),
    ),
    "backup": (
        *("GET jk:lease:company", "DEL jk:lease:company", "SET rq:job:erp-x-1 x", "LPUSH rq:queue:erp erp-x-1"),
        *("SET rq:job:control-cli-1 x", "HSET jk:sched:backup at 1", "RESTORE x 0 y", "UNLINK somewhere", "PSYNC ? -1"),
    ),
    "health": ("GET jk:due", "SET x 1", "INFO", "CLIENT LIST", "EVAL return(1) 0"),
}
REFUSED = ("permission", "acl failure", "debug command not allowed")  # by whom depends on where it is looked at


def passed(users: Users, user: str, commands: tuple[str, ...]) -> list[str]:
    """Return the commands that were not refused."""
    client, done = users.client(user, "none" if user == "health" else ""), []
    for words in commands:
        try:
            client.execute_command(*words.split(" "))  # type: ignore[no-untyped-call]
            done.append(words)
        except ResponseError as error:
            done += [] if any(word in str(error).lower() for word in REFUSED) else [words]
    return done


@pytest.mark.parametrize("user", [*SERVICES, "health"])
def test_a_command_that_nobody_needs_is_refused_to_everybody(users: Users, user: str) -> None:
    users.client("supervisor").set("there", "still")

    assert passed(users, user, NOBODY_NEEDS) == []

    assert users.client("supervisor").get("there") == b"still"


@pytest.mark.parametrize("user", FOREIGN)
def test_what_belongs_to_another_service_is_refused(users: Users, user: str) -> None:
    assert passed(users, user, FOREIGN[user]) == []


@pytest.mark.parametrize("user", ["supervisor", "erp-worker", "default", "nobody"])
def test_nobody_is_let_in_with_the_password_of_another(users: Users, tmp_path: Path, user: str) -> None:
    with pytest.raises(AuthenticationError):
        users.client(user, (tmp_path / "keys/scheduler/redis").read_text()).ping()


def test_the_worker_s_parent_may_throw_away_what_is_none_of_ours(users: Users) -> None:
    scheduler = users.client("scheduler")
    scheduler.rpush("rq:queue:erp:intermediate", b"\xff\xfe")
    scheduler.set("rq:wip:erp", "x")

    bench(users).hand_back()

    assert (scheduler.llen("rq:queue:erp:intermediate"), scheduler.type("rq:wip:erp")) == (0, b"none")
    assert [one["job"] for one in refusals(users.client("supervisor"))] == ["rq:wip:erp", "\\xff\\xfe"]


@pytest.mark.parametrize("user", SERVICES)
@pytest.mark.parametrize("words", [("SCRIPT", "FLUSH"), ("FUNCTION", "FLUSH"), ("SCRIPT", "KILL"), ("FLUSHALL",)])
def test_nobody_may_take_the_scripts_of_all_away(users: Users, user: str, words: tuple[str, ...]) -> None:
    client: Any = users.client(user)

    with pytest.raises(ResponseError, match=r"NOPERM|no permissions"):
        client.execute_command(*words)
