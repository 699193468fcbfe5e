"""Real parents and real children: stopped, mute, spinning, killed, and what they leave behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jikimi.embedded.tryton_server import CLONE
from tests.conftest import Until

WITHIN_S = 20.0
PARENT = """
import signal, subprocess, sys, threading, time
from pathlib import Path
from jikimi.beats.beat import Mode
from jikimi.clock import SystemClock
from jikimi.testing.unit import FakeBench, FakeSink
from jikimi.unit.fork import ForkNursery
from jikimi.unit.judgement import Limits
from jikimi.unit.parent import Parent
from jikimi.unit.report import Report
from jikimi.unit.run import run_parent

folder, kind = Path(sys.argv[1]), sys.argv[2]
wait = threading.Event().wait

def work(tell):
    first = not (folder / "lived").exists()
    (folder / "lived").touch()
    for token in range(1, 10_000):
        if first and kind == "mute" and token == 3:
            signal.pause()
        if first and kind in ("stall", "spin") and token == 3:
            tell(Report(Mode.BUSY, token, "posting", budget_s=1.0))
            while True:
                if kind == "stall":
                    wait(0.2)
                    tell(Report(Mode.BUSY, token, "posting", budget_s=1.0))
        if first and kind == "litter" and token == 3:
            tell(Report(Mode.BUSY, token, "posting", budget_s=30.0))
            left = subprocess.Popen(["sleep", "1000"])
            (folder / "left").write_text(str(left.pid))
        tell(Report(Mode.IDLE, token))
        wait(0.1)

run_parent(
    Parent("erp-worker", folder, SystemClock(), ForkNursery(work), sink=FakeSink(), bench=FakeBench(),
           limits=Limits(mute_s=1.0)),
)
"""


class Unit:
    """A real parent whose first child misbehaves in one way."""

    def __init__(self, folder: Path, kind: str, until: Until) -> None:
        self.folder = folder
        self.until = until
        command = [sys.executable, "-c", PARENT, str(folder), kind]
        self.process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(CLONE / "services")})  # noqa: TID251
        until(lambda: self.child, WITHIN_S)

    @property
    def child(self) -> int:
        try:
            return int(json.loads((self.folder / "erp-worker.json").read_text())["child_pid"] or 0)
        except (OSError, ValueError):
            return 0

    def wait_for_another_child(self, than: int) -> None:
        self.until(lambda: self.child not in (0, than), WITHIN_S)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def unit(tmp_path: Path, until: Until, request: pytest.FixtureRequest) -> Iterator[Unit]:
    unit = Unit(tmp_path, request.param, until)
    yield unit
    unit.close()


def kind(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("unit", [name], indirect=True)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@kind("well")
def test_a_stopped_child_is_replaced(unit: Unit) -> None:
    first = unit.child

    os.kill(first, signal.SIGSTOP)

    unit.wait_for_another_child(first)
    unit.until(lambda: is_gone(first), WITHIN_S)


@pytest.mark.parametrize("unit", ["mute", "stall", "spin"], indirect=True)
def test_a_child_that_gets_nowhere_is_replaced_and_the_next_one_works(unit: Unit) -> None:
    first = unit.child

    unit.wait_for_another_child(first)

    second = unit.child
    unit.until(lambda: json.loads((unit.folder / "erp-worker.json").read_text())["progress"] > 5, WITHIN_S)
    assert unit.child == second


@kind("well")
def test_a_killed_child_is_replaced(unit: Unit) -> None:
    first = unit.child

    os.kill(first, signal.SIGKILL)

    unit.wait_for_another_child(first)


@kind("litter")
def test_what_a_job_has_left_running_is_ended_after_it(unit: Unit) -> None:
    unit.until((unit.folder / "left").exists, WITHIN_S)
    left = int((unit.folder / "left").read_text())

    unit.until(lambda: is_gone(left), WITHIN_S)

    assert psutil.pid_exists(unit.child)


@kind("well")
def test_within_a_second_of_the_parent_s_death_nothing_of_it_lives(unit: Unit) -> None:
    child = unit.child

    unit.process.kill()

    unit.until(lambda: is_gone(child), 1.0)


@kind("well")
def test_a_parent_that_is_asked_to_end_leaves_nobody(unit: Unit) -> None:
    child = unit.child

    unit.process.terminate()

    assert unit.process.wait(WITHIN_S) == 0
    assert is_gone(child)
