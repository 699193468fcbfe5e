"""Print, as JSON, the signatures of what we override in RQ, and whether an honest and a forged job end as they must.

Run by `test_rq_versions.py` under our pinned RQ and under the minor before it.
"""

import inspect
import json
import sys
from importlib.metadata import version

from pydantic import BaseModel
from redis import Redis
from rq.executions import Execution, ExecutionRegistry
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job
from rq.queue import Queue
from rq.registry import FinishedJobRegistry, StartedJobRegistry
from rq.results import Result
from rq.worker import SimpleWorker

from jikimi.clock import SystemClock
from jikimi.queue.port import JobFailed
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, refusals
from jikimi.queue.worker import build_worker

# What we override or call: of the worker, of a job and its records, and of what `hand_back.py` looks through.
SEAMS: dict[type, tuple[str, ...]] = {
    SimpleWorker: (
        *("execute_job", "perform_job", "dequeue_job_and_maintain_ttl", "heartbeat", "check_for_suspension"),
        *("subscribe", "handle_exception", "serialize", "run_maintenance_tasks", "get_state", "_shutdown"),
        *("increment_successful_job_count", "increment_failed_job_count", "increment_total_working_time"),
    ),
    Job: (
        *("send_webhooks", "restore", "fetch", "perform", "prepare_for_execution", "get_result_ttl", "cleanup"),
        *("set_status", "retry", "_handle_failure"),
    ),
    Execution: ("create", "delete"),
    ExecutionRegistry: ("remove",),
    Result: ("create",),
    StartedJobRegistry: ("add_execution", "get_job_and_execution_ids", "get_expired_job_ids", "cleanup"),
    FinishedJobRegistry: ("add",),
    Queue: ("acquire_maintenance_lock", "release_maintenance_lock"),
    IntermediateQueue: ("get_job_ids", "get_first_seen_key"),
}
PROPERTIES = ("func", "func_name", "success_callback", "failure_callback", "stopped_callback")
KEY = SignedJson([b"k" * 32])


class Number(BaseModel):
    number: int


def main() -> None:
    """Look, try, print."""
    redis = Redis(unix_socket_path=sys.argv[1])
    redis.flushall()
    queue = RqQueue(redis, KEY, SystemClock())
    queue.submit("double", {"number": 21}, "erp-double-1")
    RqQueue(redis, SignedJson([b"x" * 32]), SystemClock()).submit("double", {"number": 1}, "erp-forged-1")
    tasks = [Task("double", Number, lambda asked: {"number": 2 * asked.number})]
    build_worker(redis, "erp", "erp-test", KEY, tasks).work(burst=True, logging_level="CRITICAL")
    try:
        forged = str(queue.answer("erp-forged-1", 1.0))
    except JobFailed:
        forged = "refused"
    seams = {
        f"{owner.__name__}.{name}": str(inspect.signature(getattr(owner, name)))
        for owner, names in SEAMS.items()
        for name in names
        if hasattr(owner, name)
    }
    seams |= {f"Job.{name}": type(inspect.getattr_static(Job, name)).__name__ for name in PROPERTIES}
    answer = queue.answer("erp-double-1", 1.0)
    document = {
        "rq": version("rq"),
        "seams": seams,
        "answer": answer,
        "forged": forged,
        "refused": len(refusals(redis)),
    }
    sys.stdout.write(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
