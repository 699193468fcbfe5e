"""A hung child leaves a note of where it stands."""

import subprocess
import sys
from pathlib import Path

import pytest

from jikimi.unit.stack_dump import StackDump
from tests.conftest import Until

_HANGS = """
import threading
lock = threading.Event()
def outer():
    print("ready", flush=True)
    lock.wait()
outer()
"""


def test_the_function_in_which_it_hangs_is_written_down(tmp_path: Path, until: Until) -> None:
    with subprocess.Popen([sys.executable, "-c", _HANGS], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            StackDump(tmp_path, "erp-worker")(child.pid)
        finally:
            child.kill()

    assert "outer" in (tmp_path / f"erp-worker-{child.pid}.stacks.txt").read_text()


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"erp-worker-{number}.stacks.txt").write_text("")
    dump = StackDump(tmp_path, "erp-worker")

    dump._prune()

    assert len(list(tmp_path.iterdir())) == 20


@pytest.mark.parametrize("pid", [0, 2**22 + 1])
def test_where_it_cannot_be_seen_nothing_is_raised(tmp_path: Path, pid: int) -> None:
    StackDump(tmp_path, "erp-worker")(pid)

    assert list(tmp_path.iterdir()) == []


def test_without_the_program_nothing_is_raised(tmp_path: Path) -> None:
    dump = StackDump(tmp_path, "erp-worker")
    dump._program = tmp_path / "nowhere"

    dump(1)
