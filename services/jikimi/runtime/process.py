"""Units as processes of this machine."""

import contextlib
import subprocess
import sys
from collections.abc import Iterable

import psutil

from jikimi.runtime.port import Running, UnitSpec

_WINDOWS = sys.platform == "win32"
_SAME_S = 0.01


class ProcessRuntime:
    """Starts units as children in groups of their own, so that Ctrl-C reaches only the one who stops them in order."""

    def __init__(self) -> None:
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, spec: UnitSpec) -> Running:
        """Start the unit; its output goes to its log."""
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        with spec.log.open("ab") as out:
            child = subprocess.Popen(
                list(spec.command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(spec.environment) or None,
                start_new_session=not _WINDOWS,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        self._children[child.pid] = child
        return Running(spec.name, child.pid, psutil.Process(child.pid).create_time())

    def is_running(self, running: Running) -> bool:
        """Return whether that very process lives; one that only waits to be reaped does not."""
        child = self._children.get(running.pid)
        if child is not None and child.poll() is not None:
            return False
        return _same(running) is not None

    def exit_code(self, running: Running) -> int | None:
        """Return how a child has ended."""
        child = self._children.get(running.pid)
        return child.poll() if child else None

    def stop(self, running: Running, grace_s: float) -> None:
        """Ask it to end, wait for *grace_s*, then end it and every descendant that is left."""
        process = _same(running)
        if process is None:
            return
        family = [*_descendants(process), process]
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
        _, alive = psutil.wait_procs([process], timeout=grace_s)
        for left in family if alive else family[:-1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
        psutil.wait_procs(family, timeout=grace_s)
        if child := self._children.pop(running.pid, None):
            child.wait()


def _same(running: Running) -> psutil.Process | None:
    """Return the process, unless its id belongs to another one by now or it is a zombie."""
    try:
        process = psutil.Process(running.pid)
        if abs(process.create_time() - running.created) < _SAME_S and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except psutil.NoSuchProcess:
        pass
    return None


def _descendants(process: psutil.Process) -> Iterable[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
