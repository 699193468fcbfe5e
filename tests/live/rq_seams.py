"""Print, as JSON, the signatures of what we override in RQ, and whether an honest and a forged job end as they must.

Run by `test_rq_versions.py` under our pinned RQ and under the minor before it.
"""

import inspect
import json
import sys
from importlib.metadata import version

from pydantic import BaseModel
from redis import Redis
from rq.job import Job
from rq.worker import SimpleWorker

from jikimi.clock import SystemClock
from jikimi.queue.port import JobFailed
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task, refusals
from jikimi.queue.worker import build_worker

WORKER = ("execute_job", "heartbeat", "subscribe", "maintain_heartbeats")
JOB = ("send_webhooks", "restore")
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
    methods = [(SimpleWorker, name) for name in WORKER] + [(Job, name) for name in JOB]
    seams = {name: str(inspect.signature(getattr(owner, name))) for owner, name in methods if hasattr(owner, name)}
    seams |= {name: type(inspect.getattr_static(Job, name)).__name__ for name in PROPERTIES}
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
