"""The first process of a container reaps whoever lost its parent, and is woken when somebody stops it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jikimi.unit.first_process import is_stopped
from tests.conftest import Until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc here")
WITHIN_S = 20.0
ODD = ["python", "odd) T 1 (", ") T", "((T))", "T", "a b"]
# each script runs in a process of its own, for it reaps children
_CHILDREN = """
import os, signal
from jikimi.unit.first_process import reap_orphans

def child(*, ends=True):
    pid = os.fork()
    if pid == 0:
        if not ends:
            signal.pause()
        os._exit(7)
    if ends:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid

def is_there(pid):
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:
        return False
"""
_WAKES = """
import os, signal
from pathlib import Path
from jikimi.unit import first_process

pid = os.fork()
if pid == 0:
    signal.pause()
first_process.FIRST, first_process._STATE = pid, Path(f"/proc/{pid}/stat")
first_process.wake_when_stopped()
for _ in range(2):
    os.kill(pid, signal.SIGSTOP)
    os.waitpid(pid, os.WUNTRACED)
    _, status = os.waitpid(pid, os.WCONTINUED)
    print("woken" if os.WIFCONTINUED(status) else status)
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
"""


def said(script: str) -> str:
    """Return what the script printed."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=WITHIN_S, check=False, env=_paths()
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _paths() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture(params=ODD)
def process(request: pytest.FixtureRequest) -> Iterator[int]:
    """A process that waits for ever, under an odd name."""
    named = "import signal, sys; open('/proc/self/comm', 'w').write(sys.argv[1]); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-IS", "-c", named, request.param], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert Path(f"/proc/{child.pid}/comm").read_text().strip() == request.param
        yield child.pid
        child.kill()


def test_a_process_is_stopped_from_its_stop_to_its_continuation_whatever_its_name(process: int, until: Until) -> None:
    stat = Path(f"/proc/{process}/stat")
    assert not is_stopped(stat)

    os.kill(process, signal.SIGSTOP)
    until(lambda: is_stopped(stat), WITHIN_S)

    os.kill(process, signal.SIGCONT)
    until(lambda: not is_stopped(stat), WITHIN_S)


@pytest.mark.parametrize(
    ("text", "stopped"),
    [
        ("1 (jikimi) T 0 1 1", True),
        ("1 (a) T (b) S 0 1 1", False),
        ("1 (a) S (b) T 0 1 1", True),
        ("1 (jikimi) t 0 1 1", False),
        ("1 (jikimi) Z 0 1 1", False),
        ("", False),
        ("1 (jikimi)", False),
    ],
)
def test_the_state_is_what_stands_behind_the_last_parenthesis(
    tmp_path: Path,
    text: str,
    stopped: bool,  # noqa: FBT001
) -> None:
    (tmp_path / "stat").write_text(text)

    assert is_stopped(tmp_path / "stat") is stopped


def test_a_process_that_is_gone_is_not_stopped(tmp_path: Path) -> None:
    assert not is_stopped(tmp_path / "none")


def test_every_ended_child_is_reaped_and_those_that_live_are_left() -> None:
    script = f"""{_CHILDREN}
ended, lives = [child() for _ in range(3)], child(ends=False)
print(reap_orphans(None), reap_orphans(None), [is_there(pid) for pid in ended])
os.kill(lives, signal.SIGKILL)
print(os.waitpid(lives, 0) == (lives, signal.SIGKILL))
"""

    assert said(script).split("\n")[:2] == ["3 0 [False, False, False]", "True"]


def test_the_one_that_is_named_is_left_to_its_parent_with_its_exit_code() -> None:
    script = f"""{_CHILDREN}
others, named = [child() for _ in range(2)], child()
count = reap_orphans(named)
left = os.waitpid(named, os.WNOHANG)
print(count + reap_orphans(named), left[0] == named, os.waitstatus_to_exitcode(left[1]))
print([is_there(pid) for pid in others])
"""

    assert said(script).split("\n")[:2] == ["2 True 7", "[False, False]"]


def test_one_that_hides_the_others_hides_them_only_until_its_parent_has_looked() -> None:
    script = f"""{_CHILDREN}
named, others = child(), [child() for _ in range(2)]
first = reap_orphans(named)
print(is_there(named), os.waitpid(named, 0)[0] == named)
print(first + reap_orphans(named), [is_there(pid) for pid in others])
"""

    assert said(script).split("\n")[:2] == ["True True", "2 [False, False]"]


def test_whoever_has_no_child_reaps_none() -> None:
    assert said(f"{_CHILDREN}\nprint(reap_orphans(None), reap_orphans(417))") == "0 0\n"


def test_orphans_of_a_dead_child_are_reaped_as_well() -> None:
    script = f"""{_CHILDREN}
import ctypes
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans come to us, as they come to the first process
read, write = os.pipe()
middle = os.fork()
if middle == 0:
    os.write(write, str(child()).encode())
    os._exit(0)
os.waitpid(middle, 0)
orphan = int(os.read(read, 9))
os.waitid(os.P_PID, orphan, os.WEXITED | os.WNOWAIT)
print(reap_orphans(None), is_there(orphan))
"""

    assert said(script) == "1 False\n"


def test_a_stopped_first_process_is_woken_each_time() -> None:
    assert [line for line in said(_WAKES).split("\n") if line == "woken"] == ["woken", "woken"]
