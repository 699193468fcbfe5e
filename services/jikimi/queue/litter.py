"""What lies on a queue's keys and can be none of ours: thrown away and told of, so that it stops nobody for ever."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import ResponseError
from rq.queue import Queue
from rq.worker_registration import REDIS_WORKER_KEYS, WORKERS_BY_QUEUE_KEY

from jikimi.queue.task import record_refusal

log = structlog.get_logger()
WHY = "nothing of ours can have this name"
_JOB = re.compile(rb"[A-Za-z0-9_-]+")
_EXECUTION = re.compile(rb"[A-Za-z0-9_-]+:[A-Za-z0-9_-]+")
_WORKER = re.compile(rb"rq:worker:[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type of key, how what is in it is read, and how one thing is taken out."""

    name: bytes
    read: Callable[[Redis, str], Any]
    remove: Callable[[Redis, str, bytes], Any]


_LIST = _Kind(
    b"list",
    lambda redis, key: redis.lrange(key, 0, -1),
    lambda redis, key, one: redis.lrem(key, 0, one),  # type: ignore[arg-type] # bytes are what Redis takes
)
_ZSET = _Kind(b"zset", lambda redis, key: redis.zrange(key, 0, -1), lambda redis, key, one: redis.zrem(key, one))
_SET = _Kind(b"set", lambda redis, key: redis.smembers(key), lambda redis, key, one: redis.srem(key, one))


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of a queue: what the names in it look like, and the records that stand behind one."""

    key: str
    kind: _Kind
    fits: re.Pattern[bytes]
    records: Callable[[bytes], Iterable[bytes]]


def is_litter(error: Exception) -> bool:
    """Return whether *error* comes of a name that cannot be read, or of a key that holds something else than ours."""
    return isinstance(error, ValueError) or (isinstance(error, ResponseError) and "WRONGTYPE" in str(error))


def clear_litter(redis: Redis, queue: Queue) -> list[str]:
    """Throw away whatever on *queue*'s keys is no job, execution or worker; return what that was.

    It reads every one of them, so it is called only once something could not be read.

    Raises:
        RedisError: Redis is away, or takes no writes.
    """
    thrown = clear_keys(redis, queue)
    for one in _keys(queue):
        for name in one.kind.read(redis, one.key):
            if not one.fits.fullmatch(name) or not all(_holds(redis, key, b"hash") for key in one.records(name)):
                one.kind.remove(redis, one.key, name)
                thrown.append(_record(redis, _shown(name)))
    return thrown


def clear_keys(redis: Redis, queue: Queue) -> list[str]:
    """Throw away those of *queue*'s keys that hold another type than RQ's own; return their names. It costs little."""
    keys = list(_keys(queue))
    with redis.pipeline(transaction=False) as asked:
        for one in keys:
            asked.type(one.key)
        found = asked.execute()
    wrong = [one.key for one, kind in zip(keys, found, strict=True) if kind not in (one.kind.name, b"none")]
    for key in wrong:
        redis.delete(key)
        _record(redis, key)
    return wrong


def _record(redis: Redis, name: str) -> str:
    record_refusal(redis, name, "?", WHY)
    log.warning("litter.thrown_away", name=name)
    return name


def _shown(name: bytes) -> str:
    """Return *name* so that anybody can read it."""
    return name.decode("ascii", "backslashreplace")


def _keys(queue: Queue) -> Iterable[_Key]:
    for key in (queue.key, queue.intermediate_queue_key):
        yield _Key(key, _LIST, _JOB, lambda job: [b"rq:job:" + job])
    running = queue.started_job_registry.key
    yield _Key(running, _ZSET, _EXECUTION, lambda it: [b"rq:job:" + it.partition(b":")[0], b"rq:execution:" + it])
    for key in (REDIS_WORKER_KEYS, WORKERS_BY_QUEUE_KEY % queue.name):
        yield _Key(key, _SET, _WORKER, lambda worker: [worker])


def _holds(redis: Redis, key: str | bytes, kind: bytes) -> bool:
    """Return whether *key* is of this kind, or not there."""
    found: Any = redis.type(key)
    return found in (kind, b"none")
