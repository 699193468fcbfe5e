"""Children ahead, as real processes."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jikimi.beats.beat import Mode
from jikimi.config.load import inherited
from jikimi.embedded.tryton_server import CLONE
from jikimi.unit.fork import ForkedChild, ForkNursery, Tell
from jikimi.unit.port import Life
from jikimi.unit.process_tree import MARK
from jikimi.unit.report import Report
from jikimi.unit.spare import SpareNursery, wait_for_go
from jikimi.unit.spawn import SpawnedChild, SpawnNursery
from tests.conftest import Until

CHILD = """
import sys
from pathlib import Path
from jikimi.unit.spawn import report_to_parent
from tests.unit.unit.test_spare import live
live(Path(sys.argv[1]), report_to_parent())
"""
_WITHIN_S = 20.0


def live(folder: Path, tell: Tell) -> None:
    with (folder / "ready").open("a") as file:
        file.write(".")
    wait_for_go()
    left = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    (folder / "left").write_text(str(left.pid))
    tell(Report(Mode.BUSY, 1))
    threading.Event().wait()


def spawning(folder: Path) -> SpawnNursery:
    environment = {**inherited(), "PYTHONPATH": f"{CLONE / 'services'}{os.pathsep}{CLONE}"}
    return SpawnNursery([sys.executable, "-c", CHILD, str(folder)], folder / "log", environment, waits=True)


def forking(folder: Path) -> ForkNursery:
    return ForkNursery(lambda tell: live(folder, tell), waits=True)


@pytest.fixture(params=[spawning, forking])
def nursery(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SpareNursery]:
    spare = SpareNursery(request.param(tmp_path))
    yield spare
    spare.close()


def ready(folder: Path) -> int:
    file = folder / "ready"
    return len(file.read_text()) if file.exists() else 0


def test_the_next_child_gets_ready_while_the_first_works_and_begins_only_when_it_is_its_turn(
    nursery: SpareNursery, tmp_path: Path, until: Until
) -> None:
    first = nursery.start()
    nursery.prepare()
    until(first.reports, _WITHIN_S)
    until(lambda: ready(tmp_path) == 2, _WITHIN_S)
    (tmp_path / "left").unlink()

    second = nursery.start()
    nursery.prepare()

    until(second.reports, _WITHIN_S)
    assert second.pid != first.pid
    until(lambda: ready(tmp_path) == 3, _WITHIN_S)
    first.kill()
    second.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_spare_child_that_is_of_no_use_any_more_is_left_out(
    nursery: SpareNursery, tmp_path: Path, until: Until, number: int
) -> None:
    first = nursery.start()
    nursery.prepare()
    until(lambda: ready(tmp_path) == 2, _WITHIN_S)
    assert nursery._spare is not None
    spare = nursery._spare
    os.kill(spare.pid, number)
    until(lambda: spare.life() is not Life.RUNNING, _WITHIN_S)

    second = nursery.start()

    until(second.reports, _WITHIN_S)
    assert second.pid != spare.pid
    assert not psutil.pid_exists(spare.pid)
    first.kill()
    second.kill()


def test_what_a_killed_child_had_started_in_a_session_of_its_own_is_ended_with_it(
    nursery: SpareNursery, tmp_path: Path, until: Until
) -> None:
    child = nursery.start()
    until(child.reports, _WITHIN_S)
    left = int((tmp_path / "left").read_text())
    os.kill(child.pid, signal.SIGKILL)  # by somebody else, so nobody could look below it before
    until(lambda: child.life() is Life.EXITED, _WITHIN_S)
    assert psutil.pid_exists(left)

    child.kill()

    until(lambda: not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE, _WITHIN_S)


def test_a_mark_of_another_ends_nobody(nursery: SpareNursery, until: Until) -> None:
    bystander = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.pause()"], env={**inherited(), MARK: "somebody-else"}
    )
    child = nursery.start()
    until(child.reports, _WITHIN_S)

    child.kill()

    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_spare_child_ends_when_nobody_will_ever_call_it(nursery: SpareNursery, tmp_path: Path, until: Until) -> None:
    first = nursery.start()
    nursery.prepare()
    until(lambda: ready(tmp_path) == 2, _WITHIN_S)
    spare = nursery._spare
    if isinstance(spare, ForkedChild):
        spare._close_going()
    else:
        assert isinstance(spare, SpawnedChild)
        assert spare._process.stdin is not None
        spare._process.stdin.close()

    until(lambda: spare.life() is Life.EXITED, _WITHIN_S)
    first.kill()


def test_at_rest_there_is_no_spare_child(nursery: SpareNursery) -> None:
    child = nursery.start()

    assert nursery._spare is None
    child.kill()
