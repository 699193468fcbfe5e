"""Put back what dead children had taken: RQ itself would notice after minutes, or never."""

import contextlib
import re
from collections.abc import Iterable, Sequence

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq.executions import Execution
from rq.intermediate_queue import IntermediateQueue
from rq.queue import Queue
from rq.worker import BaseWorker

from jikimi.queue.port import Lease, LeaseLost, QueueAway

log = structlog.get_logger()
MOST_HAND_BACKS = 5  # a job that has killed this many children is left as failed
_COUNTED_S = 24 * 3600
_LOCK_S = 899  # RQ gives its clean-up lock this life
_STALE_LOCK_S = 10

# KEYS: the intermediate list, the queue. ARGV: the job. Moved once, however many try.
_RETURN = "if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 1 then return redis.call('LPUSH', KEYS[2], ARGV[1]) end"


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
        self._ours = re.compile(rf"{re.escape(prefix)}\d+")  # `erp-worker-2` is no child of `erp-worker`
        self._leases = leases
        self._intermediate = IntermediateQueue(queue.key, redis)
        self._between: set[str] = set()
        self._return = redis.register_script(_RETURN)

    def fence(self) -> None:
        """Take and give back every lease: a token that an earlier child holds is worth nothing after that."""
        fence_all(self._leases)

    def hand_back(self) -> Sequence[str]:
        """Put back what children that are gone had taken; call it only while none is there."""
        try:
            return [*self._abandoned(), *self._in_between()]
        except RedisError as error:
            log.warning("jobs.not_handed_back", why=str(error))
            return []

    def hand_back_strays(self) -> Sequence[str]:
        """Put back what no living worker has: call it every ten seconds or so, while children work."""
        try:
            between = set(self._intermediate.get_job_ids())
            twice, self._between = between & self._between, between  # one look could meet a worker in mid-step
            lost = [job for job in sorted(twice) if self._status(job) == "queued" and self._put_back(job)]
            jobs = [*self._vanished(), *lost]
        except RedisError as error:
            log.warning("jobs.not_handed_back", why=str(error))
            return []
        if jobs:
            log.warning("strays.handed_back", jobs=jobs)
        return jobs

    def _vanished(self) -> list[str]:
        """Put back the jobs that run under a worker which is no more."""
        registry = self._queue.started_job_registry
        strays = []
        for job, execution_id in registry.get_job_and_execution_ids():
            execution = Execution(execution_id, job, self._redis)
            with contextlib.suppress(ValueError):  # its record is gone as well: RQ's clean-up sees to that
                execution.refresh()
                if not self._redis.exists(f"rq:worker:{execution.worker_name}"):
                    strays.append(execution)
        for execution in strays:
            self._abandon(execution)
        if strays:
            self._clean_up()
        return [execution.job_id for execution in strays]

    def _abandon(self, execution: Execution) -> None:
        """Let RQ's clean-up take the job for abandoned, and queue it again unless it has killed too many."""
        with self._redis.pipeline() as pipeline:
            self._queue.started_job_registry.add_execution(execution, pipeline, ttl=0, xx=True)
            if self._count(execution.job_id) <= MOST_HAND_BACKS:
                pipeline.hset(f"rq:job:{execution.job_id}", "retries_left", 1)
            pipeline.execute()

    def _abandoned(self) -> list[str]:
        """Put back the jobs that RQ holds for running under a worker of ours."""
        workers = BaseWorker.all(queue=self._queue, job_class=self._queue.job_class, serializer=self._queue.serializer)
        dead = [worker for worker in workers if self._ours.fullmatch(worker.name)]
        jobs = []
        for worker in dead:
            for execution in worker.get_current_executions(refresh=True):
                self._abandon(execution)
                jobs.append(execution.job_id)
            worker.register_death()
        if jobs:
            self._clean_up()
            log.warning("jobs.handed_back", jobs=jobs, workers=[worker.name for worker in dead])
        return jobs

    def _clean_up(self) -> None:
        """Let RQ put expired jobs back, under its own lock; a lock whose holder must be dead is broken."""
        left_ms = self._redis.pttl(self._queue.registry_cleaning_key)
        if 0 < left_ms < (_LOCK_S - _STALE_LOCK_S) * 1000:
            self._queue.release_maintenance_lock()
            log.warning("lock.broken", held_s=round(_LOCK_S - left_ms / 1000))
        if self._queue.acquire_maintenance_lock():
            try:
                self._queue.started_job_registry.cleanup()
            finally:
                self._queue.release_maintenance_lock()

    def _in_between(self) -> list[str]:
        """Put back jobs that were taken off the queue but never begun; another unit's are its own to begin."""
        workers = BaseWorker.all(queue=self._queue, job_class=self._queue.job_class, serializer=self._queue.serializer)
        if any(not self._ours.fullmatch(worker.name) for worker in workers):
            return []
        jobs = [job for job in self._intermediate.get_job_ids() if self._status(job) == "queued"]
        return [job for job in jobs if self._put_back(job)]

    def _put_back(self, job: str) -> bool:
        return bool(self._return(keys=[self._intermediate.key, self._queue.key], args=[job]))

    def _status(self, job: str) -> str:
        status = self._redis.hget(f"rq:job:{job}", "status")
        return status.decode() if isinstance(status, bytes) else ""

    def _count(self, job: str) -> int:
        key = f"jk:handed:{job}"
        with self._redis.pipeline() as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, _COUNTED_S)
            return int(pipeline.execute()[0])
