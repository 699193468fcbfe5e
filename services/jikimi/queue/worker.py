"""The worker: RQ's in-process one, which tells of every step, never dies with Redis, and asks it four times a job.

RQ's own asks twenty times. What it leaves out here is what our jobs never have: dependents, repeats, callbacks,
rate limits, orders by pub/sub. The records that are written are RQ's own, so every reader of them keeps working.
"""

import contextlib
import sys
import traceback
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import worker_registration
from rq.exceptions import NoSuchJobError
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.timeouts import JobTimeoutException
from rq.utils import now
from rq.worker import SimpleWorker, WorkerStatus

from jikimi.broker import AWAY, is_unable
from jikimi.clock import Clock, SystemClock
from jikimi.queue.litter import clear_litter, is_litter
from jikimi.queue.record import write_begin, write_failure, write_success
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, allow
from jikimi.queue.transition import Transitions

_TTL_S = 16  # RQ waits for a job 15 s less than this, so an idle worker tells of itself each second
LIVES_S = _TTL_S + 60  # so long a worker counts as living after its last sign; in mid-job its parent vouches for it
_SAYS_EACH_S = 0.9
_PAUSE_S = 1.0
PROBE, PROBE_LIVES_S = "jk:probe", 60  # a key that is written to see whether the server takes writes


class QueueWorker(SimpleWorker):
    """Runs the allowed tasks of one queue, one after the other, in this process.

    Attributes:
        on_idle: called each second while there is no job.
        on_job: called with a job's id before it begins.
    """

    on_idle: Callable[[], None] = staticmethod(lambda: None)
    on_job: Callable[[str], None] = staticmethod(lambda _job: None)
    clock: Clock = SystemClock()
    _said_at = float("-inf")

    def wait_until_able(self) -> None:
        """Return once the server takes writes; until then the worker is idle, for nothing of it is broken."""
        while True:
            try:
                self.connection.set(PROBE, "1", ex=PROBE_LIVES_S)
            except RedisError as error:
                if not is_unable(error):
                    raise
                self.on_idle()
                self.clock.wait(_PAUSE_S)
            else:
                return

    def dequeue_job_and_maintain_ttl(
        self,
        timeout: int | None,
        max_idle_time: int | None = None,  # noqa: ARG002 - a worker of ours is idle for as long as it takes
    ) -> tuple[Job, Queue] | None:
        """Return the next job, once there is one; without a *timeout*, none if there is none now."""
        self._state = WorkerStatus.IDLE
        queue = self.queues[0]
        while True:
            self.on_idle()
            self.heartbeat()
            try:
                if self.should_run_maintenance_tasks:
                    self.run_maintenance_tasks()
                found = self._take(queue, timeout)
                if found is None and timeout is None:
                    return None
                if found is not None and (job := self._fetch(queue, found.decode())) is not None:
                    return job, queue
            except (RedisError, ValueError) as error:
                if not self._clears_litter(error, queue):
                    self.clock.wait(_PAUSE_S)

    def _take(self, queue: Queue, timeout: int | None) -> Any:
        """Move a job's id to the intermediate list, where it is not lost if this process dies."""
        lists = queue.key, queue.intermediate_queue_key
        return self.connection.blmove(*lists, timeout) if timeout else self.connection.lmove(*lists)

    def _fetch(self, queue: Queue, job_id: str) -> Job | None:
        """Return the job, or none when it is gone or cannot be read; its id is thrown away then."""
        try:
            return self.job_class.fetch(job_id, self.connection, self.serializer)
        except NoSuchJobError:
            self.connection.lrem(queue.intermediate_queue_key, 1, job_id)
            return None

    def _clears_litter(self, error: Exception, queue: Queue) -> bool:
        """Return whether *error* came of what could be no job and is gone now; not when Redis is away.

        Raises:
            Exception: it is neither.
        """
        if is_litter(error):
            with contextlib.suppress(*AWAY):
                return bool(clear_litter(self.connection, queue))
        elif not (isinstance(error, RedisError) and is_unable(error)):
            raise error
        self.log.warning("worker.queue_away")
        return False

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job, and tell of it before; one that was put back meanwhile is another's."""
        self._state = WorkerStatus.BUSY  # from now on SIGTERM waits for the end of the job
        self.on_job(job.id)
        execution = self.begin(job, queue)
        if execution is not None:
            self.perform_job(job, queue, execution)
        self._state = WorkerStatus.IDLE

    def begin(self, job: Job, queue: Queue) -> Execution | None:
        """Write down that the job is ours and has begun; return none if it is not on the intermediate list."""
        with self.connection.pipeline() as changes:
            execution = write_begin(job, self.name, changes)
            self._show(WorkerStatus.BUSY, changes)
            is_ours = self._transitions.begin(job, queue, execution, changes)
        if not is_ours:
            self.log.warning("job.taken_back")
            return None
        self.execution = execution
        return execution

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run the job's task and write down how it ended; return whether it succeeded."""
        told = ""
        try:
            with self.death_penalty_class(job.timeout or queue.DEFAULT_TIMEOUT, JobTimeoutException, job_id=job.id):
                job.perform()
        except BaseException:  # noqa: BLE001 - whatever a task raises is its job's failure, and never the worker's
            told = traceback.format_exc()
            self.handle_exception(job, *sys.exc_info())
        self._end(job, queue, execution, told)
        return not told

    def _end(self, job: Job, queue: Queue, execution: Execution, told: str) -> None:
        """Write down that the job has ended, and how; Redis is waited for if it is away."""
        with self.connection.pipeline() as changes:
            if told:
                write_failure(job, queue, execution, told, changes)
                self.increment_failed_job_count(changes)
            else:
                write_success(job, execution, job.get_result_ttl(self.default_result_ttl), changes)
                self.increment_successful_job_count(changes)
            self.increment_total_working_time(now() - execution.created_at, changes)
            self._show(WorkerStatus.IDLE, changes)
            if not self._transitions.end(queue, execution, changes):
                self.log.warning("job.ended_for_nobody")
        self.execution = None

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell that the worker lives, at most once a second; one that cannot reach Redis lives all the same."""
        if pipeline is not None:  # RQ asks so whether the workers are suspended, and that may last
            self.on_idle()
            self._tell(timeout or LIVES_S, pipeline)
        elif self._is_due():
            try:
                with self.connection.pipeline() as own:
                    self._tell(timeout or LIVES_S, own)
                    own.execute()
            except RedisError as error:
                if not is_unable(error):
                    raise
                self.log.warning("worker.heartbeat_missed")

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 - RQ's signature
        """Look once a second, with the heartbeat, whether the queue's workers are suspended."""
        if self._is_due():
            super().check_for_suspension(burst)

    def subscribe(self) -> None:
        """Listen to nobody: whoever may publish could end the worker or its job that way."""

    @property
    def stopping(self) -> bool:
        """Whether the worker was asked to end after the running job."""
        return bool(self._stop_requested)

    @cached_property
    def _transitions(self) -> Transitions:
        return Transitions(self.connection)

    def _is_due(self) -> bool:
        return self.clock.ticks() - self._said_at >= _SAYS_EACH_S

    def _tell(self, seconds: int, pipeline: Pipeline) -> None:
        """Write down all of the worker anew: Redis may have forgotten it."""
        self._said_at = self.clock.ticks()
        super().heartbeat(seconds, pipeline)
        pipeline.hset(self.key, mapping={**self.serialize(), "state": self._state})
        worker_registration.register(self, pipeline)

    def _show(self, state: WorkerStatus, changes: Pipeline) -> None:
        """Write down *state*, and never so that a dead worker's record stays for ever."""
        changes.hset(self.key, "state", state)
        changes.expire(self.key, LIVES_S)


def build_queue(redis: Redis, name: str, serializer: SignedJson) -> Queue:
    """Return a queue for who looks after it: it knows no task, so it can run none."""
    return Queue(name, connection=redis, job_class=allow(()), serializer=serializer)


def build_worker(redis: Redis, queue: str, name: str, serializer: SignedJson, tasks: Iterable[Task]) -> QueueWorker:
    """Return a worker for the one *queue*: with more than one, RQ takes jobs in a way that can lose them."""
    job_class = allow(tasks)
    only = Queue(queue, connection=redis, job_class=job_class, serializer=serializer)
    return QueueWorker(
        [only], name=name, connection=redis, job_class=job_class, serializer=serializer, worker_ttl=_TTL_S
    )
