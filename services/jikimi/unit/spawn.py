"""Children as programs of their own, on every system: slower to start than forked ones, with nothing of ours inside.

What the child prints first is its pipe to the parent: it keeps its standard output for reports and lets
everything else go to standard error.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO

import psutil

from jikimi.unit.dies_with_parent import die_with_parent, take_along
from jikimi.unit.port import Life
from jikimi.unit.process_tree import end_below, end_tree
from jikimi.unit.report import Report, parse

_WINDOWS = sys.platform == "win32"


class SpawnNursery:
    """Starts *command* anew for each child; it must call `report_to_parent` before anything else.

    Args:
        log: where its standard error goes.
        environment: all that it gets.
        owns_tree: what the child starts is its own and ends with it; what a keeper starts outlives it.
    """

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str], *, owns_tree: bool = True
    ) -> None:
        self._command, self._log, self._environment = list(command), log, dict(environment)
        self._owns_tree = owns_tree

    def start(self) -> "SpawnedChild":
        """Start a fresh child."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment,
                start_new_session=not _WINDOWS,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        if self._owns_tree:
            take_along(process.pid)
        return SpawnedChild(process, owns_tree=self._owns_tree)


class SpawnedChild:
    """One child and the pipe to it, read in a thread: no system's pipes wait alike."""

    def __init__(self, process: "subprocess.Popen[bytes]", *, owns_tree: bool) -> None:
        self.pid = process.pid
        self._owns_tree = owns_tree
        self._process = process
        self._said: SimpleQueue[Report] = SimpleQueue()
        assert process.stdout is not None  # noqa: S101 - asked for above
        self._reader = Thread(target=self._hear, args=(process.stdout,), name="child", daemon=True)
        self._reader.start()

    def _hear(self, pipe: IO[bytes]) -> None:
        with pipe, contextlib.suppress(ValueError, OSError):
            for line in pipe:
                if (report := parse(line)) is not None:
                    self._said.put(report)

    def reports(self) -> Sequence[Report]:
        """Return what it has told since the last call."""
        found = []
        with contextlib.suppress(Empty):
            while True:
                found.append(self._said.get_nowait())
        return found

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
        return end_below(self.pid) if self._owns_tree else 0

    def kill(self) -> None:
        """End it and everything below it that is its own, and reap it."""
        if self._process.poll() is None and self._owns_tree:
            end_tree(self.pid)
        self._process.kill()
        self._process.wait()
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
