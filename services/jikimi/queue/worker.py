"""The worker: RQ's in-process one, which tells of every step, never dies with Redis, and asks it four times a job.

RQ's own asks twenty times. What it leaves out here is what our jobs never have: dependents, repeats, callbacks,
rate limits, orders by pub/sub. The records that are written are RQ's own, so every reader of them keeps working.
"""

import traceback
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from redis import Redis
from redis.client import Pipeline
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.utils import now
from rq.worker import SimpleWorker

from jikimi.broker import AWAY
from jikimi.clock import Clock, SystemClock
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, allow

_TTL_S = 16  # RQ waits for a job 15 s less than this, so an idle worker tells of itself each second
_SAYS_EACH_S = 0.9
_TOUCHES_EACH_S = 60.0
LIVES_S = 3600  # twice what one phase may take: a job whose worker has not touched it for so long is stranded


class QueueWorker(SimpleWorker):
    """Runs the allowed tasks of one queue, one after the other, in this process.

    Attributes:
        on_idle: called each second while there is no job.
        on_job: called with a job's id before it begins.
    """

    on_idle: Callable[[], None] = staticmethod(lambda: None)
    on_job: Callable[[str], None] = staticmethod(lambda _job: None)
    clock: Clock = SystemClock()
    _is_told = False  # that there is no job now
    _running: tuple[Job, Execution] | None = None
    _said_at = _touched_at = _asked_at = float("-inf")

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job, and tell of it before and after."""
        self._is_told = False
        self.on_job(job.id)
        execution = self.begin(job, queue)
        self._running, self._touched_at = (job, execution), self.clock.ticks()
        try:
            self.perform_job(job, queue, execution)
        finally:
            self._running = None

    def begin(self, job: Job, queue: Queue) -> Execution:
        """Write down all at once that the job is ours and has begun."""
        with self.connection.pipeline() as pipeline:
            self._prolong(LIVES_S, pipeline)
            execution = Execution.create(job, LIVES_S, pipeline, self.name)
            job.prepare_for_execution(self.name, pipeline=pipeline)
            pipeline.persist(job.key)
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.execute()
        self.execution = execution
        return execution

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:  # noqa: ARG002 - RQ's signature
        """Run the job's task and write down how it ended; Redis is waited for if it is away."""
        try:
            job.perform()
            self._end(job, execution, partial(self._succeeded, job, job.get_result_ttl(self.default_result_ttl)))
        except Exception:  # noqa: BLE001 - whatever a task raises is its job's failure, and never the worker's
            self._end(job, execution, partial(self._failed, job, traceback.format_exc()))
            return False
        return True

    def _end(self, job: Job, execution: Execution, record: Callable[..., None]) -> None:
        """Write down all at once that the job has ended, and how."""
        job.ended_at = now()
        with self.connection.pipeline() as pipeline:
            record(
                pipeline=pipeline,
                worker_name=self.name,
                execution_id=execution.id,
                execution_started_at=execution.created_at,
                execution_ended_at=job.ended_at,
            )
            if job.started_at:
                self.increment_total_working_time(job.ended_at - job.started_at, pipeline)
            execution.delete(job=job, pipeline=pipeline)
            pipeline.execute()
        self.execution = None

    def _succeeded(self, job: Job, ttl: int, pipeline: Pipeline, **record: Any) -> None:
        self.increment_successful_job_count(pipeline=pipeline)
        job._handle_success(ttl, pipeline=pipeline, **record)  # noqa: SLF001 - the only way to RQ's own record
        job.cleanup(ttl, pipeline=pipeline, remove_from_queue=False)

    def _failed(self, job: Job, told: str, pipeline: Pipeline, **record: Any) -> None:
        self.increment_failed_job_count(pipeline)
        job.set_status(JobStatus.FAILED, pipeline=pipeline)
        job._handle_failure(told, pipeline=pipeline, **record)  # noqa: SLF001 - the only way to RQ's own record

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell that the worker lives, once a second; one that cannot reach Redis lives all the same."""
        if pipeline is not None:
            self._prolong(timeout or self.worker_ttl + 60, pipeline)
            return
        is_due = self.clock.ticks() - self._said_at >= _SAYS_EACH_S
        if self._running is None and (is_due or not self._is_told):
            self._is_told = True
            self.on_idle()
        if not is_due:
            return
        self._said_at = self.clock.ticks()
        try:
            with self.connection.pipeline() as own:
                self._prolong(timeout or self.worker_ttl + 60, own)
                own.execute()
        except AWAY:
            self.log.warning("worker.heartbeat_missed")

    def touch(self) -> None:
        """Tell now and then that the running job moves, so that nobody takes it for stranded."""
        if self._running is None or self.clock.ticks() - self._touched_at < _TOUCHES_EACH_S:
            return
        self._touched_at = self.clock.ticks()
        job, execution = self._running
        try:
            with self.connection.pipeline() as pipeline:
                self._prolong(LIVES_S, pipeline)
                execution.heartbeat(job.started_job_registry, LIVES_S, pipeline=pipeline)
                pipeline.execute()
        except AWAY:
            self.log.warning("worker.heartbeat_missed")

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        """Keep the state; Redis gets it with the next heartbeat."""
        if pipeline is None:
            self._state = state
        else:
            super().set_state(state, pipeline)

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 - RQ's signature
        """Look once a second whether the queue's workers are suspended."""
        if self.clock.ticks() - self._asked_at >= _SAYS_EACH_S:
            self._asked_at = self.clock.ticks()
            super().check_for_suspension(burst)

    def subscribe(self) -> None:
        """Listen to nobody: whoever may publish could end the worker or its job that way."""

    @property
    def stopping(self) -> bool:
        """Whether the worker was asked to end after the running job."""
        return bool(self._stop_requested)

    def _prolong(self, seconds: int, pipeline: Pipeline) -> None:
        super().heartbeat(seconds, pipeline=pipeline)
        pipeline.hset(self.key, "state", self._state)


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
