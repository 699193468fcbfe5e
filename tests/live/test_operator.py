"""What an operator asks for is done, seen to be done, and written down with who and why."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Until
from tests.live.stack import LiveStack


@pytest.fixture
def stack(erp_template: Path, tmp_path: Path, until: Until) -> Iterator[LiveStack]:
    stack = LiveStack(tmp_path / "home", until)
    stack.start()
    yield stack
    stack.close()


def test_a_day_of_an_operator(stack: LiveStack, until: Until) -> None:
    worker = stack.unit("erp-worker")["pid"]

    assert stack.run("restart", "erp-worker", "--note", "new driver").returncode == 0
    assert stack.unit("erp-worker")["pid"] != worker

    assert stack.run("stop", "scheduler").returncode == 0
    assert stack.unit("scheduler")["state"] == "stopped"
    assert "stopped by a person: scheduler" in stack.run("status").stdout
    assert stack.run("start", "scheduler").returncode == 0

    assert stack.run("pause", "--for", "30m").returncode == 0
    stack.drop_lines(3)
    assert stack.unit("erp-worker")["state"] == "paused"
    assert stack.run("resume").returncode == 0
    stack.wait_for_file("card.csv")
    assert sorted(stack.posted().values()) == [1] * 3

    stack.signal("redis", signal.SIGSTOP)
    assert stack.run("restart", "erp-worker").returncode == 0

    lines = [json.loads(line) for line in (stack.root / "outputs/watchdog_log.jsonl").read_text().splitlines()]
    asked = [(line["op"], line["by"]) for line in lines if line["step"] == "asked"]
    assert asked == [(op, "cli") for op in ("restart", "stop", "start", "pause", "resume", "restart")]
    assert any("new driver" in line["why"] for line in lines if line["step"] == "asked")
    assert [line["unit"] for line in lines if line["step"] == "began"] == ["redis"]
    assert [incident["unit"] for incident in stack.document("incidents")["incidents"]] == ["redis"]


def test_in_a_maintenance_window_the_dead_stay_dead(stack: LiveStack, until: Until) -> None:
    stack.run("maintenance", "--for", "1h")
    stack.signal("scheduler", signal.SIGKILL)
    until(lambda: stack.unit("scheduler")["state"] != "healthy", 10.0)

    assert "maintenance" in stack.run("status").stdout
    assert stack.run("incidents").stdout.strip() == "no incidents."

    stack.run("resume")
    until(lambda: stack.unit("scheduler")["state"] == "healthy", 10.0)


def test_a_unit_that_there_is_not_is_wrong_use(stack: LiveStack) -> None:
    done = stack.run("restart", "erp-wroker")

    assert done.returncode == 64
    assert "erp-worker" in done.stderr
