"""The worker: RQ's in-process one, which tells of every step and never dies with Redis."""

from collections.abc import Callable, Iterable
from typing import Any

from redis import Redis
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.worker import SimpleWorker

from jikimi.broker import AWAY
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, allow

_TTL_S = 16  # RQ waits for a job 15 s less than this, so an idle worker tells of itself each second


class QueueWorker(SimpleWorker):
    """Runs the allowed tasks of one queue, one after the other, in this process.

    Attributes:
        on_idle: called each second while there is no job.
        on_job: called with a job's id before it begins.
    """

    on_idle: Callable[[], None] = staticmethod(lambda: None)
    on_job: Callable[[str], None] = staticmethod(lambda _job: None)
    _in_job = False

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job, and tell of it before and after."""
        self._in_job = True
        self.on_job(job.id)
        try:
            super().execute_job(job, queue)
        finally:
            self._in_job = False

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Tell that the worker lives; one that cannot reach Redis lives all the same."""
        if not self._in_job:
            self.on_idle()
        try:
            super().heartbeat(*args, **kwargs)
        except AWAY:
            self.log.warning("worker.heartbeat_missed")

    def subscribe(self) -> None:
        """Listen to nobody: whoever may publish could end the worker or its job that way."""

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Prolong the job's life; stock RQ would end the whole process while Redis is away."""
        try:
            super().maintain_heartbeats(job, execution)
        except AWAY:
            self.log.warning("worker.heartbeat_missed")

    @property
    def stopping(self) -> bool:
        """Whether the worker was asked to end after the running job."""
        return bool(self._stop_requested)


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
