"""The queue of the real world: RQ on Redis."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import JobStatus
from rq.queue import Queue

from jikimi.broker import AWAY
from jikimi.clock import Clock
from jikimi.queue.port import KEPT_S, JobFailed, Json, NoAnswer, QueueAway
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import allow

NO_LIMIT = -1  # a limit bounds one phase of a job, never the job
_FAILURE_TTL_S = 7 * 24 * 3600
_POLL_S = 0.05
_OVER = (JobStatus.FAILED, JobStatus.CANCELED, JobStatus.STOPPED)


class RqQueue:
    """Submits jobs as signed JSON and reads their answers."""

    def __init__(self, redis: Redis, serializer: SignedJson, clock: Clock) -> None:
        self._redis = redis
        self._serializer = serializer
        self._clock = clock
        self._job_class = allow(())

    def submit(self, task: str, arguments: Json, job_id: str, *, kept_s: int = KEPT_S) -> bool:
        """Queue the job unless one with *job_id* is there already."""
        queue = self._queue(job_id.partition("-")[0])
        with away():
            try:
                queue.enqueue_call(
                    task,
                    kwargs=dict(arguments),
                    job_id=job_id,
                    unique=True,
                    timeout=NO_LIMIT,
                    result_ttl=kept_s,
                    failure_ttl=_FAILURE_TTL_S,
                    description=job_id,
                )
            except DuplicateJobError:
                return False
        return True

    def waiting(self, queue: str) -> int:
        """Return how many jobs wait on *queue*."""
        with away():
            return int(self._queue(queue).count)

    def answer(self, job_id: str, seconds: float) -> Json:
        """Return the answer of a job, waiting at most *seconds* for it."""
        give_up_at = self._clock.ticks() + seconds
        while self._clock.ticks() < give_up_at:
            with away():
                found = self._ended(job_id)
            if found is not None:
                return found
            self._clock.wait(_POLL_S)
        raise NoAnswer(seconds=round(seconds), job=job_id)

    def outcome(self, job_id: str) -> str:
        """Return how a job stands, or what its answer says of it."""
        with away():
            try:
                job = self._job_class.fetch(job_id, connection=self._redis, serializer=self._serializer)
            except NoSuchJobError:
                return "gone"
            if job.is_finished:
                result = job.latest_result()
                return outcome_of(dict(result.return_value or {}) if result else {})
            status = job.get_status(refresh=False)
        return "failed" if status in _OVER else "running" if status is JobStatus.STARTED else "waiting"

    def _ended(self, job_id: str) -> Json | None:
        try:
            job = self._job_class.fetch(job_id, connection=self._redis, serializer=self._serializer)
        except NoSuchJobError:
            raise JobFailed(error=f"{job_id} is gone") from None
        result = job.latest_result()
        if job.get_status() in _OVER:
            said = (result.exc_string or "") if result else ""
            raise JobFailed(error=said.strip().rpartition("\n")[2] or job_id)
        return dict(result.return_value or {}) if job.is_finished and result else None

    def _queue(self, name: str) -> Queue:
        return Queue(name, connection=self._redis, job_class=self._job_class, serializer=self._serializer)


def outcome_of(answer: Json) -> str:
    """Return the outcome in a job's answer."""
    return str(answer.get("outcome", "done" if answer.get("accepted", True) else "refused"))


@contextmanager
def away() -> Iterator[None]:
    """Turn what Redis's client raises when nobody answers into `QueueAway`."""
    try:
        yield
    except AWAY as error:
        raise QueueAway(answer=str(error)) from None
