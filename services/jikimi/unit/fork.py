"""Children forked from a warm parent, on POSIX: a fresh one works within milliseconds."""

import contextlib
import os
import secrets
import select
import signal
import sys
import traceback
from collections.abc import Callable, Sequence

from jikimi.unit.dies_with_parent import die_with_parent
from jikimi.unit.first_process import FIRST, wake_when_stopped
from jikimi.unit.port import Life
from jikimi.unit.process_tree import MARK, end_below, end_marked, end_tree
from jikimi.unit.report import Report, parse
from jikimi.unit.spare import GO

_CHUNK = 65536
Tell = Callable[[Report], None]


class ForkNursery:
    """Forks a child that calls *run* with the way to tell its parent, and leaves when that returns.

    The parent must have one thread only, and the child opens every connection anew.

    Args:
        owns_tree: what the child starts is its own and ends with it; what a keeper starts outlives it.
        waits: the child gets ready and then waits for `go`, as one that is spawned may.
    """

    def __init__(self, run: Callable[[Tell], None], *, owns_tree: bool = True, waits: bool = False) -> None:
        self._run, self._owns_tree, self._waits = run, owns_tree, waits

    def start(self) -> "ForkedChild":
        """Fork; only the parent returns."""
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        reading, writing = os.pipe()
        hearing, going = os.pipe() if self._waits else (-1, -1)
        mark = secrets.token_hex(8) if self._waits else ""
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            if self._waits:
                os.close(going)
                os.dup2(hearing, 0)
                os.environ[MARK] = mark  # noqa: TID251 - written for what it starts, not read
            self._live(parent, writing)
        os.close(writing)
        if self._waits:
            os.close(hearing)
        os.set_blocking(reading, False)
        return ForkedChild(pid, reading, owns_tree=self._owns_tree, going=going, mark=mark)

    def prepare(self) -> None:
        """Nothing: to fork takes no time."""

    def _live(self, parent: int, writing: int) -> None:
        """Be the child, to its end; an error goes to the log, and the parent sees the exit code."""
        code = 1
        try:
            os.setpgid(0, 0)
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, signal.SIG_DFL)
            die_with_parent(parent)
            if parent == FIRST:
                wake_when_stopped()
            self._run(lambda report: _tell(parent, writing, report))
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0
        except BaseException:  # noqa: BLE001 - nothing of the parent's may run in the child
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


def _tell(parent: int, writing: int, report: Report) -> None:
    """Send a report; without a parent there is nobody to work for."""
    if os.getppid() != parent:
        os._exit(1)
    try:
        os.write(writing, report.line())
    except BrokenPipeError:
        os._exit(1)


class ForkedChild:
    """One child and the pipe to it."""

    def __init__(self, pid: int, reading: int, *, owns_tree: bool = True, going: int = -1, mark: str = "") -> None:
        self.pid = pid
        self._owns_tree, self._going, self._mark = owns_tree, going, mark
        self._reading = reading
        self._rest = b""
        self._life = Life.RUNNING
        self._has_hung_up = False

    def reports(self) -> Sequence[Report]:
        """Return what it has told since the last call."""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._reading, _CHUNK):
                self._rest += chunk
            self._has_hung_up = True
        *lines, self._rest = self._rest.split(b"\n")
        return [report for line in lines if (report := parse(line)) is not None]

    def wait(self, seconds: float) -> None:
        """Return once there is something in the pipe; an end of it that was seen is no news."""
        select.select([] if self._has_hung_up else [self._reading], [], [], seconds)

    def life(self) -> Life:
        """Return how the system sees it; one that has exited is reaped here."""
        if self._life is not Life.EXITED:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            except ChildProcessError:  # the first process of a container reaps whoever has ended
                self._life = Life.EXITED
            else:
                self._life = _life_of(status) if pid else self._life
        return self._life

    def ask_to_end(self) -> None:
        """Send SIGTERM; RQ ends after the running job."""
        if self._life is not Life.EXITED:
            os.kill(self.pid, signal.SIGTERM)

    def end_leftovers(self) -> int:
        """End what its last job has left running below it."""
        return end_below(self.pid) if self._owns_tree and not self._mark else 0

    def go(self) -> None:
        """Let a child that waits begin; one that is gone meanwhile is seen to be so by whoever judges it."""
        with contextlib.suppress(OSError):
            os.write(self._going, GO)
        self._close_going()

    def _close_going(self) -> None:
        if self._going >= 0:
            os.close(self._going)
            self._going = -1

    def kill(self) -> None:
        """End it and everything below it that is its own, and reap it."""
        if self._life is not Life.EXITED:
            if self._owns_tree:
                end_tree(self.pid)
            else:
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self._life = Life.EXITED
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # what had lost its parent is still in the group
        if self._mark:
            end_marked(MARK, self._mark)  # or in one of its own, as a browser is
        self._close_going()
        os.close(self._reading)


def _life_of(status: int) -> Life:
    if os.WIFSTOPPED(status):
        return Life.STOPPED
    return Life.RUNNING if os.WIFCONTINUED(status) else Life.EXITED
