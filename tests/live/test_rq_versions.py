"""What we override in RQ is pinned: its shape in our version, and that all still works in the minor before it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jikimi.embedded.tryton_server import CLONE
from tests.conftest import missing

SEAMS = Path(__file__).with_name("rq_seams.py")
PREVIOUS = "2.12"
_WITHIN_S = 240
OLD_TOO = ("Job.func", "Job.func_name", "Job.restore", "SimpleWorker.execute_job")
# A change here means: read what RQ changed, see that our override still fits, then write the new shape down.
PINNED = {
    "SimpleWorker.execute_job": "(self, job: 'Job', queue: 'Queue')",
    "SimpleWorker.perform_job": "(self, job: 'Job', queue: 'Queue', execution: 'Execution') -> 'bool'",
    "SimpleWorker.dequeue_job_and_maintain_ttl": (
        "(self, timeout: 'int | None', max_idle_time: 'int | None' = None) -> 'tuple[Job, Queue] | None'"
    ),
    "SimpleWorker.heartbeat": "(self, timeout: 'int | None' = None, pipeline: 'Pipeline | None' = None)",
    "SimpleWorker.check_for_suspension": "(self, burst: 'bool')",
    "SimpleWorker.subscribe": "(self)",
    "SimpleWorker.handle_exception": "(self, job: 'Job', *exc_info)",
    "SimpleWorker.serialize": "(self) -> 'dict'",
    "SimpleWorker.run_maintenance_tasks": "(self)",
    "SimpleWorker.get_state": "(self) -> 'str'",
    "SimpleWorker._shutdown": "(self)",
    "SimpleWorker.increment_successful_job_count": "(self, pipeline: 'Pipeline | None' = None)",
    "SimpleWorker.increment_failed_job_count": "(self, pipeline: 'Pipeline | None' = None)",
    "SimpleWorker.increment_total_working_time": "(self, job_execution_time: 'timedelta', pipeline: 'Pipeline')",
    "Job.send_webhooks": "(self, status: 'str | JobStatus', *, exc_string: 'str | None' = None) -> 'None'",
    "Job.restore": "(self, raw_data) -> 'Any'",
    "Job.fetch": "(id: 'str', connection: 'Redis | None' = None, serializer=None) -> 'Job'",
    "Job.perform": "(self) -> 'Any'",
    "Job.prepare_for_execution": "(self, worker_name: 'str', pipeline: 'Pipeline') -> 'None'",
    "Job.get_result_ttl": "(self, default_ttl: 'int') -> 'int'",
    "Job.cleanup": (
        "(self, ttl: 'int | None' = None, pipeline: 'Pipeline | None' = None, remove_from_queue: 'bool' = True)"
    ),
    "Job.set_status": "(self, status: 'JobStatus', pipeline: 'Pipeline | None' = None) -> 'None'",
    "Job.retry": "(self, queue: 'Queue', pipeline: 'Pipeline')",
    "Job._handle_failure": (
        "(self, exc_string: 'str', pipeline: 'Pipeline', worker_name: 'str' = '', execution_id: 'str | None' "
        "= None, execution_started_at: 'datetime | None' = None, execution_ended_at: 'datetime | None' = "
        "None)"
    ),
    "Execution.create": "(job: 'Job', ttl: 'int', pipeline: 'Pipeline', worker_name: 'str' = '') -> 'Execution'",
    "Execution.delete": "(self, job: 'Job', pipeline: 'Pipeline')",
    "ExecutionRegistry.remove": "(self, execution: 'Execution', pipeline: 'Pipeline') -> 'Any'",
    "Result.create": (
        "(job, type, ttl, return_value=None, exc_string=None, worker_name='', pipeline=None, execution_id: "
        "'str | None' = None, execution_started_at: 'datetime | None' = None, execution_ended_at: 'datetime "
        "| None' = None) -> 'Result'"
    ),
    "StartedJobRegistry.add_execution": (
        "(self, execution: 'Execution', pipeline: 'Pipeline', ttl: 'int' = 0, xx: 'bool' = False) -> 'int'"
    ),
    "StartedJobRegistry.get_job_and_execution_ids": (
        "(self, start: 'int' = 0, end: 'int' = -1, desc: 'bool' = False, cleanup: 'bool' = True) -> "
        "'list[tuple[str, str]]'"
    ),
    "StartedJobRegistry.get_expired_job_ids": "(self, timestamp: 'float | None' = None)",
    "StartedJobRegistry.cleanup": "(self, timestamp: 'float | None' = None, exception_handlers: 'list | None' = None)",
    "FinishedJobRegistry.add": (
        "(self, job: 'Job', ttl: 'int' = 0, pipeline: 'Pipeline | None' = None, xx: 'bool' = False) -> 'int'"
    ),
    "Queue.acquire_maintenance_lock": "(self) -> 'bool'",
    "Queue.release_maintenance_lock": "(self)",
    "IntermediateQueue.get_job_ids": "(self) -> 'list[str]'",
    "IntermediateQueue.get_first_seen_key": "(self, job_id: 'str') -> 'str'",
    "Job.func": "property",
    "Job.func_name": "property",
    "Job.success_callback": "property",
    "Job.failure_callback": "property",
    "Job.stopped_callback": "property",
}


def look(command: list[str], address: str) -> dict[str, Any]:
    """Run the seams' script by *command* with our package on its path."""
    socket = address.removeprefix("unix://")
    environment = {**os.environ, "PYTHONPATH": str(CLONE / "services")}  # noqa: TID251 - for a child of the test
    done = subprocess.run(
        [*command, str(SEAMS), socket], capture_output=True, text=True, env=environment, timeout=_WITHIN_S, check=False
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return document


def test_what_we_override_has_the_shape_that_we_read(redis_address: str) -> None:
    document = look([sys.executable], redis_address)

    assert document["rq"].startswith("3.0.")
    assert document["seams"] == PINNED
    assert (document["answer"], document["forged"], document["refused"]) == ({"number": 42}, "refused", 1)


def test_our_door_works_with_the_minor_before_as_well(redis_address: str) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        missing("uv")
    wanted = [f"rq=={PREVIOUS}.*", "redis>=8.1,<9", "pydantic", "structlog", "click"]
    packages = [word for package in wanted for word in ("--with", package)]
    run = [str(uv), "run", "--quiet", "--no-project", "--python", sys.executable, *packages, "python"]

    document = look(run, redis_address)

    assert document["rq"].startswith(f"{PREVIOUS}.")
    assert {name: document["seams"].get(name) for name in OLD_TOO} == {name: PINNED[name] for name in OLD_TOO}
    assert (document["answer"], document["forged"], document["refused"]) == ({"number": 42}, "refused", 1)


pytestmark = pytest.mark.timeout(_WITHIN_S + 30)
