"""What RQ's readers find of a job that our worker runs: the same records as RQ's own worker writes."""

from redis.client import Pipeline
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.results import Result
from rq.utils import now, utcformat

HELD_S = 7 * 24 * 3600  # RQ's own clocks judge no job of ours before that: a unit's parent does, also after a weekend


def write_begin(job: Job, worker: str, changes: Pipeline) -> Execution:
    """Put into *changes* that *worker* has begun *job*, and return the execution."""
    execution = Execution.create(job, HELD_S, changes, worker)
    job.prepare_for_execution(worker, changes)
    changes.persist(job.key)
    return execution


def write_success(job: Job, execution: Execution, ttl: int, changes: Pipeline) -> None:
    """Put into *changes* that *job* has ended with the answer that it holds, which is kept for *ttl* seconds.

    RQ would write the whole job anew; only what has changed is written here.
    """
    ended_at = job.ended_at = now()
    changes.hset(job.key, mapping={"status": JobStatus.FINISHED, "ended_at": utcformat(ended_at)})
    if ttl:
        Result.create(
            job,
            Result.Type.SUCCESSFUL,
            ttl,
            job._result,  # noqa: SLF001 - the public property asks Redis for it
            worker_name=execution.worker_name,
            pipeline=changes,
            execution_id=execution.id,
            execution_started_at=execution.created_at,
            execution_ended_at=ended_at,
        )
        job.finished_job_registry.add(job, ttl, changes)
    job.cleanup(ttl, changes, remove_from_queue=False)
    execution.delete(job, changes)


def write_failure(job: Job, queue: Queue, execution: Execution, told: str, changes: Pipeline) -> None:
    """Put into *changes* that *job* has failed, and *told* of why; one with retries left goes back on *queue*."""
    ended_at = job.ended_at = now()
    execution.delete(job, changes)
    if job.should_retry:
        job.retry(queue, changes)
        return
    job.set_status(JobStatus.FAILED, changes)
    job._handle_failure(  # noqa: SLF001 - the only way to RQ's own record of a failure
        told,
        changes,
        worker_name=execution.worker_name,
        execution_id=execution.id,
        execution_started_at=execution.created_at,
        execution_ended_at=ended_at,
    )
    changes.hset(job.key, "ended_at", utcformat(ended_at))
