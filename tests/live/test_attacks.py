"""Who may write to Redis may try a lot: each attack is seen to work on stock RQ, and is refused at our door."""

import contextlib
import http.server
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from redis import Redis
from redis.exceptions import ResponseError
from rq import Queue, SimpleWorker
from rq.command import send_shutdown_command
from rq.job import Job
from rq.serializers import JSONSerializer
from rq_scheduler import Scheduler

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.queue.hand_back import RqBench
from jikimi.queue.port import JobFailed
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, allow, refusals
from jikimi.queue.worker import build_queue, build_worker

OURS = SignedJson([b"k" * 32])
ID = "erp-attack-1"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


class Nothing(BaseModel):
    pass


def harmless() -> str:
    return "done"


class Touch:
    """Unpickling it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """A file that only a successful attack makes."""
    return tmp_path / "attacked"


def plant(redis: Redis, data: bytes, **fields: bytes | str) -> None:
    """Write a job's hash and its id into an empty Redis the way an attacker would, without any key."""
    redis.flushall()
    honest = {"created_at": "2026-11-24T00:00:00.000000Z", "status": "queued", "origin": "erp"}
    facts: Any = {**honest, "data": data, **fields}
    redis.hset(f"rq:job:{ID}", mapping=facts)
    redis.rpush("rq:queue:erp", ID)
    redis.sadd("rq:queues", "rq:queue:erp")


def stock_work(redis: Redis, serializer: Any = None) -> None:
    worker = SimpleWorker(
        [Queue("erp", connection=redis, serializer=serializer)], connection=redis, serializer=serializer
    )
    worker.work(burst=True, logging_level="CRITICAL")


def our_work(redis: Redis) -> None:
    worker = build_worker(redis, "erp", "erp-test", OURS, [Task("harmless", Nothing, lambda _: {"said": harmless()})])
    worker.work(burst=True, logging_level="CRITICAL")


def still_works(redis: Redis) -> bool:
    """Whether our worker takes an honest job behind the attack."""
    queue = RqQueue(redis, OURS, SystemClock())
    queue.submit("harmless", {}, "erp-harmless-1")
    our_work(redis)
    return queue.answer("erp-harmless-1", 1.0) == {"said": "done"}


def call(name: str, *arguments: object) -> bytes:
    return bytes(JSONSerializer.dumps([name, None, list(arguments), {}]))


def test_a_a_pickle_on_the_queue(redis: Redis, mark: Path) -> None:
    evil = pickle.dumps(("tests.live.test_attacks.harmless", None, (Touch(mark),), {}))
    plant(redis, evil)
    stock_work(redis)
    assert mark.exists()
    mark.unlink()

    plant(redis, evil)
    our_work(redis)

    assert not mark.exists()
    assert [item["job"] for item in refusals(redis)] == [ID]
    assert still_works(redis)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(lambda mark: call("os.mkdir", str(mark)), id="b_an_import_string"),
        pytest.param(lambda mark: call("eval", f"__import__('os').mkdir({str(mark)!r})"), id="c_a_builtin"),
    ],
)
def test_b_c_a_function_of_the_attacker_s_choice(redis: Redis, mark: Path, payload: Callable[[Path], bytes]) -> None:
    plant(redis, payload(mark))
    stock_work(redis, JSONSerializer)
    assert mark.exists()
    mark.rmdir()

    plant(redis, payload(mark))
    our_work(redis)

    assert not mark.exists()
    assert refusals(redis)[0]["job"] == ID
    assert still_works(redis)


def test_b_even_a_signed_job_with_a_name_that_is_not_on_the_list(redis: Redis, mark: Path) -> None:
    plant(redis, OURS.dumps(["os.mkdir", None, [str(mark)], {}]))

    our_work(redis)

    assert not mark.exists()
    assert refusals(redis)[0]["why"] == "unknown name"


def test_d_a_callback(redis: Redis, mark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil_module.py").write_text(f"open({str(mark)!r}, 'w').close()\ndef done(*_): pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    plant(redis, call("tests.live.test_attacks.harmless"), success_callback_name="evil_module.done")
    stock_work(redis, JSONSerializer)
    assert mark.exists()
    mark.unlink()

    (tmp_path / "evil_twin.py").write_text(f"open({str(mark)!r}, 'w').close()\ndef done(*_): pass\n")
    plant(redis, OURS.dumps(["harmless", None, [], {}]), success_callback_name="evil_twin.done")
    our_work(redis)

    assert not mark.exists()


def test_e_f_a_pickle_in_what_only_readers_look_at(redis: Redis, mark: Path) -> None:
    evil = pickle.dumps(Touch(mark))
    plant(redis, call("harmless"), meta=evil, result=evil)
    redis.zadd("rq:scheduler:scheduled_jobs", {ID: 0})
    Job.fetch(ID, connection=redis)
    assert mark.exists()
    mark.unlink()
    list(Scheduler(connection=redis).get_jobs())
    assert mark.exists()
    mark.unlink()

    allow(()).fetch(ID, connection=redis, serializer=OURS)
    queue = RqQueue(redis, OURS, SystemClock())
    queue.waiting("erp")
    our_work(redis)
    with pytest.raises(JobFailed):
        queue.answer(ID, 1.0)

    assert not mark.exists()


def test_g_a_webhook_to_any_address(redis: Redis) -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hook = f'[{{"url": "http://127.0.0.1:{server.server_port}/", "job_status": "finished"}}]'
        plant(redis, call("tests.live.test_attacks.harmless"), webhooks=hook)
        stock_work(redis, JSONSerializer)
        assert asked == ["/"]

        plant(redis, OURS.dumps(["harmless", None, [], {}]), webhooks=hook)
        our_work(redis)
        server.shutdown()

    assert asked == ["/"]


def test_h_a_command_to_end_the_worker(redis: Redis) -> None:
    redis.flushall()
    stock = SimpleWorker([Queue("erp", connection=redis)], connection=redis, name="stock")
    stock.subscribe()
    ours = build_worker(redis, "erp", "erp-test", OURS, [])
    ours.subscribe()

    listening = redis.pubsub_channels("rq:pubsub:*")
    send_shutdown_command(redis, "erp-test")
    stock.unsubscribe()

    assert listening == [b"rq:pubsub:stock"]
    assert still_works(redis)


def test_i_a_hash_that_ends_a_stock_worker(redis: Redis) -> None:
    queue = Queue("erp", connection=redis, serializer=JSONSerializer)
    plant(redis, call("tests.live.test_attacks.harmless"), status="nonsense")
    behind = queue.enqueue(harmless)
    stock_work(redis, JSONSerializer)
    assert not behind.is_finished

    redis.flushall()
    plant(redis, OURS.dumps(["harmless", None, [], {}]), status="nonsense")

    assert still_works(redis)
    assert "unreadable" in refusals(redis)[0]["why"]


def test_a_payload_that_is_too_large_or_garbled_is_refused(redis: Redis) -> None:
    for data in (b"", b"1.", b"\x80\x04garbage", b"1." + b"0" * 64 + b"." + b"[" * 300_000, OURS.dumps([1])):
        plant(redis, data)
        our_work(redis)
        assert len(refusals(redis)) == 1
        assert still_works(redis)


def test_the_stream_of_refusals_cannot_grow_without_end(redis: Redis) -> None:
    job = allow(())(ID, connection=redis, serializer=OURS)
    for _ in range(3000):
        job._refused("x", "y" * 10_000)

    assert redis.xlen("jk:refused") < 1200
    assert len(refusals(redis)[0]["why"]) == 200


def plant_id(redis: Redis, name: bytes, *, key: bytes = b"") -> None:
    """Put an id on the queue that can be no job's, or one whose key holds something else."""
    redis.flushall()
    redis.rpush("rq:queue:erp", name)
    if key:
        redis.set(key, "x")


ODD_IDS = [(b"\xff\xfe", b""), (b"erp odd 1", b""), (b"erp-a-1", b"rq:job:erp-a-1")]


@pytest.mark.parametrize(("name", "key"), ODD_IDS)
def test_an_id_that_no_job_can_have_ends_a_stock_worker_and_not_ours(redis: Redis, name: bytes, key: bytes) -> None:
    plant_id(redis, name, key=key)
    behind = Queue("erp", connection=redis, serializer=JSONSerializer).enqueue(harmless)
    with contextlib.suppress(ValueError, ResponseError):
        stock_work(redis, JSONSerializer)
    assert not behind.is_finished

    plant_id(redis, name, key=key)

    assert still_works(redis)
    assert [one["job"] for one in refusals(redis)] == [name.decode("ascii", "backslashreplace")]
    assert redis.llen("rq:queue:erp:intermediate") == 0


@pytest.mark.parametrize(
    "key", ["rq:queue:erp", "rq:queue:erp:intermediate", "rq:wip:erp", "rq:workers", "rq:workers:erp"]
)
def test_a_key_of_the_queue_that_holds_something_else_is_made_anew(redis: Redis, key: str) -> None:
    redis.flushall()
    redis.set(key, "x")
    bench = RqBench(redis, build_queue(redis, "erp", OURS), "erp-erp-worker-", ())

    assert [*bench.hand_back(), *bench.hand_back_strays(1), *bench.hand_back_strays(1)] == []

    assert still_works(redis)
    assert [one["job"] for one in refusals(redis)] == [key]


@pytest.mark.parametrize("member", [b"\xff:\xfe", b"no colon", b"a:b:c", b"erp-a-1:x"])
def test_a_running_job_that_cannot_be_read_keeps_no_other_from_being_handed_back(redis: Redis, member: bytes) -> None:
    redis.flushall()
    redis.set("rq:job:erp-a-1", "x")
    dying = build_worker(redis, "erp", "erp-erp-worker-7", OURS, [])
    dying.register_birth()
    RqQueue(redis, OURS, SystemClock()).submit("harmless", {}, "erp-harmless-1")
    taken = dying.dequeue_job_and_maintain_ttl(None)
    assert taken is not None
    assert dying.begin(*taken) is not None
    redis.zadd("rq:wip:erp", {member: 1})
    redis.hset(b"rq:execution:" + member, "worker_name", "erp-erp-worker-7")
    bench = RqBench(redis, build_queue(redis, "erp", OURS), "erp-erp-worker-", ())

    bench.hand_back()

    assert redis.lrange("rq:queue:erp", 0, -1) == [b"erp-harmless-1"]
    assert still_works(redis)
