"""What is not on the list, or does not fit, is refused and told of, and nothing a job smuggles in is looked at."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel
from redis import Redis
from rq.exceptions import NoSuchJobError
from rq.job import Job

from jikimi.broker import connect
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import REFUSED, UNREADABLE, DoorJob, NotOnTheList, Task, allow, refusals

OURS = SignedJson([b"k" * 32])
THEIRS = SignedJson([b"x" * 32])


class Number(BaseModel):
    number: int


def double(asked: Number) -> Mapping[str, int]:
    return {"number": 2 * asked.number}


Allowed = allow([Task("double", Number, double)])


@pytest.fixture
def redis(redis_address: str) -> Iterator[Redis]:
    with connect(redis_address, retries=0) as redis:
        yield redis


def a_job(redis: Redis, payload: Any, serializer: Any = OURS, kind: type[DoorJob] = Allowed, **fields: Any) -> DoorJob:
    """Return a job as a worker finds it in Redis."""
    facts: Any = {
        "created_at": "2026-11-24T00:00:00.000000Z",
        "origin": "erp",
        "data": serializer.dumps(payload),
        **fields,
    }
    redis.hset("rq:job:erp-1", mapping=facts)
    found = kind.fetch("erp-1", connection=redis, serializer=OURS)
    assert isinstance(found, DoorJob)
    return found


def test_a_task_on_the_list_runs_with_its_arguments(redis: Redis) -> None:
    job = a_job(redis, ["double", None, [], {"number": 21}])

    assert job.func(**job.kwargs) == {"number": 42}
    assert refusals(redis) == []


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (["os.system", None, [], {}], "unknown name"),
        (["double", None, [1], {}], "positional arguments"),
        (["double", "self", [], {}], "positional arguments"),
    ],
)
def test_a_job_that_is_not_one_of_ours_is_refused_and_told_of(redis: Redis, payload: list[Any], why: str) -> None:
    job = a_job(redis, payload)

    with pytest.raises(NotOnTheList, match=why):
        _ = job.func

    assert refusals(redis) == [{"job": "erp-1", "name": payload[0], "why": why}]


@pytest.mark.parametrize("arguments", [{}, {"number": "many"}])
def test_arguments_that_do_not_fit_are_refused_before_anything_runs(redis: Redis, arguments: dict[str, Any]) -> None:
    job = a_job(redis, ["double", None, [], arguments])

    with pytest.raises(NotOnTheList):
        job.func(**arguments)

    assert [found["name"] for found in refusals(redis)] == ["double"]


def test_a_class_without_tasks_runs_nothing(redis: Redis) -> None:
    job = a_job(redis, ["double", None, [], {"number": 1}], kind=allow([]))

    with pytest.raises(NotOnTheList):
        _ = job.func


def test_a_payload_that_nobody_of_us_signed_has_no_name_and_no_arguments(redis: Redis) -> None:
    job = a_job(redis, ["double", None, [], {"number": 1}], THEIRS)

    assert job.func_name == UNREADABLE
    assert (job.args, job.kwargs, job.instance) == ((), {}, None)
    with pytest.raises(NotOnTheList):
        _ = job.func
    assert [found["why"] for found in refusals(redis)] == ["a job without a valid signature was refused: wrong key"]


def test_what_a_refusal_tells_is_short(redis: Redis) -> None:
    job = a_job(redis, ["x" * 1000, None, [], {}])

    with pytest.raises(NotOnTheList):
        _ = job.func

    (found,) = refusals(redis)
    assert found["name"] == "x" * 200


def test_refusals_do_not_grow_without_end(redis: Redis) -> None:
    job = a_job(redis, ["no", None, [], {}])
    for _ in range(1500):
        job._refused("no", "why")

    assert redis.xlen(REFUSED) <= 1100


def test_no_callback_and_no_webhook_of_a_job_is_looked_at(redis: Redis) -> None:
    callbacks: dict[str, Any] = dict.fromkeys(
        ("success_callback_name", "failure_callback_name", "stopped_callback_name"), "os.getcwd"
    )
    job = a_job(redis, ["double", None, [], {"number": 1}], **callbacks)

    assert job.success_callback is job.failure_callback is job.stopped_callback is None
    job.send_webhooks("anything")


def test_a_hash_that_cannot_be_read_is_a_job_that_is_not_there(redis: Redis) -> None:
    with pytest.raises(NoSuchJobError, match="erp-1 cannot be read"):
        a_job(redis, ["double", None, [], {}], created_at="\udcff".encode("utf-8", "surrogateescape"))

    assert refusals(redis)[0]["why"].startswith("unreadable: ")


def test_a_job_that_is_not_there_is_no_refusal(redis: Redis) -> None:
    with pytest.raises(NoSuchJobError):
        Allowed.fetch("erp-1", connection=redis, serializer=OURS)

    assert refusals(redis) == []


def test_a_name_that_is_set_is_written_anew() -> None:
    job = Job.create.__func__(Allowed, "double", kwargs={"number": 2}, connection=Redis(), serializer=OURS)  # type: ignore[attr-defined]
    before = job.data

    job.func_name = "other"

    assert job.data != before
    assert OURS.loads(job.data)[0] == "other"


def test_once_it_is_forbidden_nothing_can_be_unpickled() -> None:
    program = """
import pickle
from jikimi.queue.task import NotOnTheList, forbid_pickle
data = pickle.dumps(print)
assert pickle.loads(data) is print
forbid_pickle()
try:
    pickle.loads(data)
except NotOnTheList:
    print("refused")
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert found.stdout == "refused\n"
