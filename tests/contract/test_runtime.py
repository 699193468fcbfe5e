"""The fake runtime and processes keep the same contract."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from jikimi.runtime.port import Running, UnitSpec
from jikimi.runtime.process import ProcessRuntime
from jikimi.testing.runtime import FakeRuntime
from tests.conftest import Until
from tests.contract.runtime_contract import Floor, RuntimeContract

_WAITS = "import signal; signal.pause()"
_STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({mark!r}, 'w').close(); signal.pause()"
_WITH_CHILD = """
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
open({mark!r}, "w").write(str(child.pid))
signal.pause()
"""
_WITHIN_S = 20.0


class FakeFloor:
    def __init__(self) -> None:
        self.runtime = FakeRuntime()

    def unit(self, name: str, *, stubborn: bool = False) -> UnitSpec:
        return UnitSpec(name, [name], Path("unused"))

    def kill(self, running: Running) -> None:
        self.runtime.kill(running)

    def until(self, condition: Callable[[], object]) -> None:
        assert condition()


class ProcessFloor:
    def __init__(self, folder: Path, until: Until) -> None:
        self.runtime = ProcessRuntime()
        self._folder = folder
        self._until = until

    def unit(self, name: str, *, stubborn: bool = False) -> UnitSpec:
        code = _STUBBORN.format(mark=str(self._folder / "mark")) if stubborn else _WAITS
        return UnitSpec(name, [sys.executable, "-c", code], self._folder / f"{name}.log")

    def kill(self, running: Running) -> None:
        os.kill(running.pid, signal.SIGKILL)

    def until(self, condition: Callable[[], object]) -> None:
        self._until(condition, _WITHIN_S)


@pytest.fixture
def processes(tmp_path: Path, until: Until) -> Iterator[ProcessFloor]:
    floor = ProcessFloor(tmp_path, until)
    yield floor
    for child in floor.runtime._children.values():
        child.kill()
        child.wait()


class TestFakeRuntime(RuntimeContract):
    @pytest.fixture
    def floor(self) -> Floor:
        return FakeFloor()


class TestProcessRuntime(RuntimeContract):
    @pytest.fixture
    def floor(self, processes: ProcessFloor) -> Floor:
        return processes

    def test_a_killed_unit_leaves_no_child_of_its_own_when_it_is_stopped(
        self, processes: ProcessFloor, tmp_path: Path
    ) -> None:
        mark = tmp_path / "child"
        spec = UnitSpec("erp", [sys.executable, "-c", _WITH_CHILD.format(mark=str(mark))], tmp_path / "erp.log")
        running = processes.runtime.start(spec)
        processes.until(lambda: mark.exists() and mark.read_text())

        processes.runtime.stop(running, 5.0)

        processes.until(lambda: not psutil.pid_exists(int(mark.read_text())))
