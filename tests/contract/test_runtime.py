"""The fake runtime and processes keep the same contract."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from jikimi.runtime.port import Priority, Running, UnitSpec
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

    def missing_unit(self, name: str) -> UnitSpec:
        self.runtime.missing.add(name)
        return self.unit(name)

    def another_runtime(self) -> FakeRuntime:
        return self.runtime

    def kill(self, running: Running) -> None:
        self.runtime.kill(running)

    def freeze(self, running: Running) -> None:
        self.runtime.frozen.add(running.pid)

    def until(self, condition: Callable[[], object]) -> None:
        assert condition()


class ProcessFloor:
    def __init__(self, folder: Path, until: Until) -> None:
        self.runtime = ProcessRuntime(str(folder))
        self._folder = folder
        self._until = until

    def unit(self, name: str, *, stubborn: bool = False) -> UnitSpec:
        code = _STUBBORN.format(mark=str(self._folder / "mark")) if stubborn else _WAITS
        return UnitSpec(name, [sys.executable, "-c", code], self._folder / f"{name}.log")

    def missing_unit(self, name: str) -> UnitSpec:
        return UnitSpec(name, ["/nowhere/at-all"], self._folder / f"{name}.log")

    def another_runtime(self) -> ProcessRuntime:
        return ProcessRuntime(str(self._folder))

    def kill(self, running: Running) -> None:
        os.kill(running.pid, signal.SIGKILL)

    def freeze(self, running: Running) -> None:
        os.kill(running.pid, signal.SIGSTOP)

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

    def test_what_a_unit_left_behind_in_its_group_is_ended_with_it(
        self, processes: ProcessFloor, tmp_path: Path
    ) -> None:
        mark = tmp_path / "child"
        spec = UnitSpec("erp", [sys.executable, "-c", _WITH_CHILD.format(mark=str(mark))], tmp_path / "erp.log")
        running = processes.runtime.start(spec)
        processes.until(lambda: mark.exists() and mark.read_text())
        processes.kill(running)
        processes.until(lambda: not processes.runtime.is_running(running))
        assert psutil.pid_exists(int(mark.read_text()))

        processes.runtime.stop(running, 5.0)

        processes.until(lambda: not _runs(int(mark.read_text())))

    def test_a_unit_gets_its_folder_its_environment_and_its_priority(
        self, processes: ProcessFloor, tmp_path: Path
    ) -> None:
        code = "import os; print(os.getcwd(), os.environ['COLOUR'], os.nice(0), flush=True); " + _WAITS
        log = tmp_path / "out.log"
        spec = UnitSpec(
            "own",
            [sys.executable, "-c", code],
            log,
            environment={"COLOUR": "blue"},
            folder=tmp_path,
            priority=Priority.LOW,
        )
        processes.runtime.start(spec)

        processes.until(lambda: log.read_text().endswith("\n"))
        assert log.read_text().split()[:2] == [str(tmp_path), "blue"]

    def test_more_memory_than_allowed_is_not_given(self, processes: ProcessFloor, tmp_path: Path) -> None:
        code = "import signal, sys; sys.stdin.read(0); b = bytearray(400_000_000); print('had it', flush=True)"
        spec = UnitSpec("own", [sys.executable, "-c", "import time; " + code], tmp_path / "out.log", memory_mb=200)
        running = processes.runtime.start(spec)

        processes.until(lambda: not processes.runtime.is_running(running))
        assert "had it" not in spec.log.read_text()


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
