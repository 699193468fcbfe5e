"""Put back what dead children had taken: RQ itself would notice after minutes, or never."""

import contextlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq.executions import Execution, ExecutionRegistry
from rq.intermediate_queue import IntermediateQueue
from rq.queue import Queue
from rq.utils import now, utcformat
from rq.worker_registration import REDIS_WORKER_KEYS, WORKERS_BY_QUEUE_KEY, get_keys

from jikimi.queue.litter import clear_keys, clear_litter, is_litter
from jikimi.queue.port import Lease, LeaseLost, QueueAway
from jikimi.queue.worker import LIVES_S

log = structlog.get_logger()
MOST_HAND_BACKS = 5  # a job that has killed this many children is left as failed
_COUNTED_S = 24 * 3600
_LOCK_S = 899  # RQ gives its clean-up lock this life
_STALE_LOCK_S = 10
_WORKER = "rq:worker:"

# KEYS: the intermediate list, the queue, the job, RQ's note of when it was first seen in between. ARGV: the job.
# A worker that has the job in its hands takes it off the same list to begin it, so only one of the two gets it.
_RETURN = """
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('DEL', KEYS[4])
if redis.call('HGET', KEYS[3], 'status') ~= 'queued' then return 0 end
redis.call('LPUSH', KEYS[2], ARGV[1])
return 1
"""


def fence_all(leases: Iterable[Lease]) -> None:
    """Take and give back every lease, so that a token which an earlier child holds is worth nothing; never raises."""
    for lease in leases:
        with contextlib.suppress(LeaseLost, QueueAway):
            lease.take()
            lease.release()


class RqBench:
    """The work of one unit's children on one queue.

    Args:
        redis: built with a short time limit, for a parent must not wait.
        queue: as the children see it, with the allowed jobs' class and serializer.
        prefix: how the names of this unit's RQ workers begin; the process id of the child follows.
        leases: those that the children post under.
    """

    def __init__(self, redis: Redis, queue: Queue, prefix: str, leases: Sequence[Lease]) -> None:
        self._redis = redis
        self._queue = queue
        self._prefix = prefix
        self._ours = re.compile(rf"{re.escape(prefix)}\d+")  # `erp-worker-2` is no child of `erp-worker`
        self._leases = leases
        self._intermediate = IntermediateQueue(queue.key, redis)
        self._suspects: set[str] = set()
        self._return = redis.register_script(_RETURN)

    def fence(self) -> None:
        """Take and give back every lease: a token that an earlier child holds is worth nothing after that."""
        fence_all(self._leases)

    def hand_back(self) -> Sequence[str]:
        """Put back what children that are gone had taken; call it only while none is there."""
        return self._quietly(self._all_back)

    def hand_back_strays(self, living: int | None) -> Sequence[str]:
        """Vouch for the child *living*, and put back what no living worker has; call it every ten seconds or so.

        Only what looked stranded the last time as well is put back: one look could meet a worker between two
        steps, or a Redis that is just back and has forgotten workers whose parents will vouch for them in a second.
        """
        return self._quietly(lambda: self._strays(living))

    def _quietly(self, put_back: Callable[[], Sequence[str]]) -> Sequence[str]:
        """Put back, if need be once more without what nobody can read; never raise."""
        try:
            try:
                return put_back()
            except (RedisError, ValueError) as error:
                if not is_litter(error):
                    raise
                clear_litter(self._redis, self._queue)
                return put_back()
        except (RedisError, ValueError) as error:
            log.warning("jobs.not_handed_back", why=str(error))
            return []

    def _all_back(self) -> list[str]:
        clear_keys(self._redis, self._queue)  # or the next child could not even be born
        jobs = [*self._put_back(self._of_the_dead(self._held(), None)), *self._untouched()]
        members: Any = self._redis.smembers(WORKERS_BY_QUEUE_KEY % self._queue.name)
        names = [member.decode().removeprefix(_WORKER) for member in members]
        # in a container process ids come again: the next child may have the name of one that died
        self._bury(name for name in names if self._ours.fullmatch(name))
        self._clean_up_expired()
        return jobs

    def _strays(self, living: int | None) -> list[str]:
        held = self._held()
        self._vouch(living, held)
        left_over = self._of_the_dead(held, living)
        others = [execution for execution in held if not self._ours.fullmatch(execution.worker_name)]
        alive = self._alive({execution.worker_name for execution in others})
        orphans = {execution.composite_key: execution for execution in others if execution.worker_name not in alive}
        between = self._intermediate.get_job_ids()
        suspects = {*orphans, *between}
        sure, self._suspects = suspects & self._suspects, suspects
        jobs = self._put_back([*left_over, *(orphans[key] for key in orphans.keys() & sure)])
        returned = [job for job in between if job in sure and self._give_back(job)]
        if returned:
            log.warning("strays.handed_back", jobs=returned)
        self._break_stale_lock()
        self._clean_up_expired()
        return [*jobs, *returned]

    def _clean_up_expired(self) -> None:
        """Do the clean-up that another's lock, or litter, had put off."""
        if self._queue.started_job_registry.get_expired_job_ids():
            self._clean_up()

    def _held(self) -> list[Execution]:
        """Return what is written down as running; what has lost its record is left to RQ's own clean-up."""
        registry = self._queue.started_job_registry
        held = [
            Execution(execution, job, self._redis)
            for job, execution in registry.get_job_and_execution_ids(cleanup=False)
        ]
        with self._redis.pipeline() as pipeline:
            for execution in held:
                pipeline.hget(execution.key, "worker_name")
            names = pipeline.execute()
        for execution, name in zip(held, names, strict=True):
            execution.worker_name = name.decode() if name else ""
        return [execution for execution in held if execution.worker_name]

    def _of_the_dead(self, held: Sequence[Execution], living: int | None) -> list[Execution]:
        """Return what children of this unit hold that are not *living*."""
        mine = f"{self._prefix}{living}"
        return [one for one in held if self._ours.fullmatch(one.worker_name) and one.worker_name != mine]

    def _vouch(self, living: int | None, held: Sequence[Execution]) -> None:
        """Tell the others that our child lives: in mid-job it has no time to say so itself."""
        key, name = f"{_WORKER}{self._prefix}{living}", f"{self._prefix}{living}"
        if all(execution.worker_name != name for execution in held):
            return
        with self._redis.pipeline() as pipeline:
            pipeline.hset(key, mapping={"last_heartbeat": utcformat(now()), "queues": self._queue.name})
            pipeline.expire(key, LIVES_S)
            pipeline.sadd(REDIS_WORKER_KEYS, key)
            pipeline.sadd(WORKERS_BY_QUEUE_KEY % self._queue.name, key)
            pipeline.execute()

    def _alive(self, names: set[str]) -> set[str]:
        return {name for name in names if self._redis.exists(f"{_WORKER}{name}")}

    def _put_back(self, executions: Sequence[Execution]) -> list[str]:
        """Let RQ take the jobs for abandoned, and queue each again unless it has killed too many."""
        for execution in executions:
            with self._redis.pipeline() as pipeline:
                self._queue.started_job_registry.add_execution(execution, pipeline, ttl=0, xx=True)
                if self._count(execution.job_id) <= MOST_HAND_BACKS:
                    pipeline.hset(f"rq:job:{execution.job_id}", "retries_left", 1)
                ExecutionRegistry(execution.job_id, self._redis).remove(execution, pipeline)
                pipeline.delete(execution.key)
                pipeline.execute()
        jobs = [execution.job_id for execution in executions]
        workers = sorted({execution.worker_name for execution in executions})
        self._bury(workers)
        if jobs:
            self._clean_up()
            log.warning("jobs.handed_back", jobs=jobs, workers=workers)
        return jobs

    def _bury(self, workers: Iterable[str]) -> None:
        keys = [_WORKER + name for name in workers]
        if keys:
            with self._redis.pipeline() as pipeline:
                pipeline.srem(REDIS_WORKER_KEYS, *keys)
                pipeline.srem(WORKERS_BY_QUEUE_KEY % self._queue.name, *keys)
                pipeline.delete(*keys, *(f"{key}:executions" for key in keys))
                pipeline.execute()

    def _clean_up(self) -> None:
        """Let RQ put expired jobs back, under its own lock."""
        self._break_stale_lock()
        if self._queue.acquire_maintenance_lock():
            try:
                self._queue.started_job_registry.cleanup()
            finally:
                self._queue.release_maintenance_lock()

    def _break_stale_lock(self) -> None:
        """Break a clean-up lock whose holder must be dead: with it nobody cleans up for 15 minutes."""
        left_ms = self._redis.pttl(self._queue.registry_cleaning_key)
        if 0 < left_ms < (_LOCK_S - _STALE_LOCK_S) * 1000:
            self._queue.release_maintenance_lock()
            log.warning("lock.broken", held_s=round(_LOCK_S - left_ms / 1000))

    def _untouched(self) -> list[str]:
        """Put back jobs that were taken off the queue but never begun; another unit's are its own to begin."""
        names = {key.removeprefix(_WORKER) for key in get_keys(queue=self._queue)}
        ours = {name for name in names if self._ours.fullmatch(name)}
        self._bury(ours)
        if self._alive(names - ours):
            return []
        return [job for job in self._intermediate.get_job_ids() if self._give_back(job)]

    def _give_back(self, job: str) -> bool:
        first_seen = self._intermediate.get_first_seen_key(job)
        keys = [self._intermediate.key, self._queue.key, f"rq:job:{job}", first_seen]
        return bool(self._return(keys=keys, args=[job]))

    def _count(self, job: str) -> int:
        key = f"jk:handed:{job}"
        with self._redis.pipeline() as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, _COUNTED_S)
            return int(pipeline.execute()[0])
