"""Children as programs of their own, on every system: slower to start than forked ones, with nothing of ours inside.

What the child prints first is its pipe to the parent: it keeps its standard output for reports and lets
everything else go to standard error.
"""

import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import IO

import psutil

from jikimi.unit.dies_with_parent import die_with_parent, take_along
from jikimi.unit.port import Life
from jikimi.unit.process_tree import MARK, end_below, end_marked, end_tree
from jikimi.unit.report import Report, parse
from jikimi.unit.spare import GO

_WINDOWS = sys.platform == "win32"


class SpawnNursery:
    """Starts *command* anew for each child; it must call `report_to_parent` before anything else.

    Args:
        command: how it is started, or what says so anew for each.
        log: where its standard error goes.
        environment: all that it gets, and a mark by which everything is found that it has started.
        owns_tree: what the child starts is its own and ends with it; what a keeper starts outlives it.
        waits: the child gets ready and then waits for `go`, see `jikimi.unit.spare`; what it has got ready, such as a
            browser, is no leftover, and ends with the one job that it does.
    """

    def __init__(
        self,
        command: Sequence[str] | Callable[[], Sequence[str]],
        log: Path,
        environment: Mapping[str, str],
        *,
        owns_tree: bool = True,
        waits: bool = False,
    ) -> None:
        self._command, self._log, self._environment = command, log, dict(environment)
        self._owns_tree, self._waits = owns_tree, waits

    def start(self) -> "SpawnedChild":
        """Start a fresh child."""
        mark = secrets.token_hex(8) if self._owns_tree else ""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                list(self._command() if callable(self._command) else self._command),
                stdin=subprocess.PIPE if self._waits else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**self._environment, MARK: mark},
                start_new_session=not _WINDOWS,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        if self._owns_tree:
            take_along(process.pid)
        return SpawnedChild(process, mark, ends_with_its_job=self._waits)

    def prepare(self) -> None:
        """Nothing: a child that is started when it is needed has none behind it."""


class SpawnedChild:
    """One child and the pipe to it, read in a thread: no system's pipes wait alike."""

    def __init__(self, process: "subprocess.Popen[bytes]", mark: str, *, ends_with_its_job: bool = False) -> None:
        self.pid = process.pid
        self._mark, self._owns_tree, self._ends_with_its_job = mark, bool(mark), ends_with_its_job
        self._process = process
        self._said: SimpleQueue[Report] = SimpleQueue()
        self._news = Event()
        assert process.stdout is not None  # noqa: S101 - asked for above
        self._reader = Thread(target=self._hear, args=(process.stdout,), name="child", daemon=True)
        self._reader.start()

    def _hear(self, pipe: IO[bytes]) -> None:
        with pipe, contextlib.suppress(ValueError, OSError):
            for line in pipe:
                if (report := parse(line)) is not None:
                    self._said.put(report)
                    self._news.set()
        self._news.set()

    def reports(self) -> Sequence[Report]:
        """Return what it has told since the last call."""
        found = []
        with contextlib.suppress(Empty):
            while True:
                found.append(self._said.get_nowait())
        return found

    def wait(self, seconds: float) -> None:
        """Return once its reader has something new, or has come to the end."""
        self._news.wait(seconds)
        self._news.clear()

    def life(self) -> Life:
        """Return how the system sees it."""
        if self._process.poll() is not None:
            return Life.EXITED
        with contextlib.suppress(psutil.Error):
            if psutil.Process(self.pid).status() == psutil.STATUS_STOPPED:
                return Life.STOPPED
        return Life.RUNNING

    def ask_to_end(self) -> None:
        """Send SIGTERM; Windows has no such request, and ends it."""
        if self._process.poll() is None:
            self._process.terminate()

    def end_leftovers(self) -> int:
        """End what its last job has left running below it."""
        return end_below(self.pid) if self._owns_tree and not self._ends_with_its_job else 0

    def go(self) -> None:
        """Let a child that waits begin; one that is gone meanwhile is seen to be so by whoever judges it."""
        with contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None  # noqa: S101 - asked for by `waits`
            self._process.stdin.write(GO)
            self._process.stdin.close()

    def kill(self) -> None:
        """End it and everything below it that is its own, and reap it."""
        if self._process.poll() is None and self._owns_tree:
            end_tree(self.pid)
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if self._owns_tree:
            end_marked(MARK, self._mark)  # what had lost its parent before, such as a browser of a killed child
        self._reader.join(1.0)


def report_to_parent() -> Callable[[Report], None]:
    """Be a spawned child: take standard output for the reports, and return what sends one.

    From here on whatever is printed goes to standard error. The child ends with its parent.
    """
    parent = os.getppid()
    die_with_parent(parent)
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)

    def tell(report: Report) -> None:
        if os.getppid() != parent:
            os._exit(1)
        try:
            pipe.write(report.line())
        except OSError:
            os._exit(1)  # nobody listens any more

    return tell
