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
    "SimpleWorker.execute_job": "self job queue",
    "SimpleWorker.perform_job": "self job queue execution",
    "SimpleWorker.heartbeat": "self timeout pipeline",
    "SimpleWorker.set_state": "self state pipeline",
    "SimpleWorker.check_for_suspension": "self burst",
    "SimpleWorker.subscribe": "self",
    "SimpleWorker.increment_successful_job_count": "self pipeline",
    "SimpleWorker.increment_failed_job_count": "self pipeline",
    "SimpleWorker.increment_total_working_time": "self job_execution_time pipeline",
    "Job.send_webhooks": "self status exc_string",
    "Job.restore": "self raw_data",
    "Job.prepare_for_execution": "self worker_name pipeline",
    "Job._handle_success": "self result_ttl pipeline worker_name execution_id execution_started_at execution_ended_at",
    "Job._handle_failure": "self exc_string pipeline worker_name execution_id execution_started_at execution_ended_at",
    "Job.cleanup": "self ttl pipeline remove_from_queue",
    "Job.set_status": "self status pipeline",
    "Execution.create": "job ttl pipeline worker_name",
    "Execution.delete": "self job pipeline",
    "Execution.heartbeat": "self started_job_registry ttl pipeline",
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
