"""Forked and spawned children keep the same contract."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jikimi.beats.beat import Mode
from jikimi.config.load import inherited
from jikimi.embedded.tryton_server import CLONE
from jikimi.unit.fork import ForkNursery, Tell
from jikimi.unit.port import Child, Nursery
from jikimi.unit.report import Report
from jikimi.unit.spawn import SpawnNursery
from tests.conftest import Until
from tests.contract.nursery_contract import LEAVES, LITTERS, NurseryContract, NurseryWard

_WITHIN_S = 20.0
_SPAWNED = """
import sys
from pathlib import Path
from jikimi.unit.spawn import report_to_parent
from tests.contract.test_nursery import live
tell = report_to_parent()
print("what is printed is no report")
live(Path(sys.argv[1]), sys.argv[2], tell)
"""


def live(folder: Path, what: str, tell: Tell) -> None:
    if what == LEAVES:
        return
    tell(Report(Mode.BUSY, 1))
    tell(Report(Mode.IDLE, 2))
    if what == LITTERS:
        left = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        (folder / "left").write_text(str(left.pid))
    threading.Event().wait()


class Forked:
    def __init__(self, folder: Path, until: Until) -> None:
        self.folder, self._until = folder, until

    def nursery(self, what: str) -> Nursery:
        return ForkNursery(lambda tell: live(self.folder, what, tell))

    def until(self, condition: Callable[[], object]) -> None:
        self._until(condition, _WITHIN_S)

    def freeze(self, child: Child) -> None:
        os.kill(child.pid, signal.SIGSTOP)


class Spawned(Forked):
    def nursery(self, what: str) -> Nursery:
        command = [sys.executable, "-c", _SPAWNED, str(self.folder), what]
        environment = {**inherited(), "PYTHONPATH": f"{CLONE / 'services'}{os.pathsep}{CLONE}"}
        return SpawnNursery(command, self.folder / "child.log", environment)


class TestForkNursery(NurseryContract):
    @pytest.fixture
    def ward(self, tmp_path: Path, until: Until) -> NurseryWard:
        return Forked(tmp_path, until)


class TestSpawnNursery(NurseryContract):
    @pytest.fixture
    def ward(self, tmp_path: Path, until: Until) -> NurseryWard:
        return Spawned(tmp_path, until)

    def test_what_a_child_prints_goes_to_its_log(self, tmp_path: Path, until: Until) -> None:
        child = Spawned(tmp_path, until).nursery("works").start()
        log = tmp_path / "child.log"

        until(lambda: log.exists() and "no report" in log.read_text(), _WITHIN_S)

        child.kill()
