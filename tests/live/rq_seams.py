"""Print, as JSON, the signatures of what we override in RQ, and whether an honest and a forged job end as they must.

Run by `test_rq_versions.py` under our pinned RQ and under the minor before it.
"""

import inspect
import json
import sys
from importlib.metadata import version

from pydantic import BaseModel
from redis import Redis
from rq.executions import Execution
from rq.job import Job
from rq.worker import SimpleWorker

from jikimi.clock import SystemClock
from jikimi.queue.port import JobFailed
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, refusals
from jikimi.queue.worker import build_worker

WORKER = ("execute_job", "perform_job", "heartbeat", "set_state", "check_for_suspension", "subscribe")
USED = ("increment_successful_job_count", "increment_failed_job_count", "increment_total_working_time")
JOB = (
    "send_webhooks",
    "restore",
    "prepare_for_execution",
    "_handle_success",
    "_handle_failure",
    "cleanup",
    "set_status",
)
EXECUTION = ("create", "delete", "heartbeat")
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
    owners = {SimpleWorker: WORKER + USED, Job: JOB, Execution: EXECUTION}
    seams = {
        f"{owner.__name__}.{name}": " ".join(inspect.signature(getattr(owner, name)).parameters)
        for owner, names in owners.items()
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
