"""Units as processes of this machine."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import psutil

from jikimi.config.load import inherited
from jikimi.runtime.port import Circumstances, NotStarted, Priority, Running, UnitSpec, Usage

_WINDOWS = sys.platform == "win32"
_SAME_S = 0.01
_GONE_WITHIN_S = 5.0
_NICENESS = {Priority.NORMAL: 0, Priority.LOW: 10, Priority.IDLE: 19}
MARK = "JIKIMI_UNIT"  # in the environment of every unit, so that the next keeper finds those of this one


class ProcessRuntime:
    """Starts units as children in groups of their own, so that Ctrl-C reaches only the one who stops them in order.

    Args:
        stack: tells this stack's units from those of every other one on the machine.
    """

    def __init__(self, stack: str = "") -> None:
        self._stack = stack
        self._environment = inherited()
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._gone: set[int] = set()

    def start(self, spec: UnitSpec) -> Running:
        """Start the unit; its output goes to its log."""
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with spec.log.open("ab") as out:
                child = subprocess.Popen(
                    list(spec.command),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    cwd=spec.folder,
                    env={**self._environment, **spec.environment, MARK: self._mark(spec.name)},
                    start_new_session=not _WINDOWS,
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                )
        except OSError as error:
            raise NotStarted(unit=spec.name, why=str(error)) from None
        self._children[child.pid] = child
        self._gone.discard(child.pid)
        process = psutil.Process(child.pid)
        with contextlib.suppress(psutil.Error, OSError):
            _limit(process, spec)
        return Running(spec.name, child.pid, process.create_time())

    def find(self, names: Sequence[str]) -> Mapping[str, Running]:
        """Return the topmost process of each unit that carries our mark, the oldest if there are several."""
        marks = {self._mark(name): name for name in names}
        found: dict[str, Running] = {}
        processes = [process for process in psutil.process_iter() if _mark_of(process) in marks]
        ids = {process.pid: _mark_of(process) for process in processes}
        for process in processes:
            with contextlib.suppress(psutil.Error):
                mark, born = ids[process.pid], process.create_time()
                if ids.get(process.ppid()) == mark or process.status() == psutil.STATUS_ZOMBIE:
                    continue  # it has inherited the mark
                name = marks[mark]
                if name not in found or born < found[name].created:
                    found[name] = Running(name, process.pid, born)
        return found

    def is_running(self, running: Running) -> bool:
        """Return whether that very process lives; one that only waits to be reaped does not."""
        child = self._children.get(running.pid)
        is_there = (child is None or child.poll() is None) and _same(running) is not None
        (self._gone.discard if is_there else self._gone.add)(running.pid)
        return is_there

    def has_ended(self, running: Running) -> bool:
        """Return whether it was there when last asked for, and is no more."""
        if running.pid in self._gone:
            return False
        child = self._children.get(running.pid)
        is_there = child.poll() is None if child else psutil.pid_exists(running.pid)
        return not is_there

    def is_frozen(self, running: Running) -> bool:
        """Return whether it is stopped, as by SIGSTOP or a debugger."""
        process = _same(running)
        with contextlib.suppress(psutil.Error):
            return process is not None and process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
        return False

    def usage(self, running: Running) -> Usage:
        """Return what it and everything below it uses."""
        process = _same(running)
        total = Usage()
        for each in [process, *_descendants(process)] if process else []:
            with contextlib.suppress(psutil.Error):
                times = each.cpu_times()
                total = Usage(total.rss_bytes + each.memory_info().rss, total.cpu_s + times.user + times.system)
        return total

    def exit_code(self, running: Running) -> int | None:
        """Return how a child has ended."""
        child = self._children.get(running.pid)
        return child.poll() if child else None

    def circumstances(self, unit: str) -> Circumstances:  # noqa: ARG002 - of none
        """Return nothing: of a process no more is known."""
        return Circumstances()

    def appeared(self) -> Mapping[str, Running]:
        """Return nothing: it would take a look at every process of the machine."""
        return {}

    def restart(self, running: Running, spec: UnitSpec, grace_s: float, prepare: Callable[[], None]) -> Running:
        """Stop the unit, prepare, and start it."""
        self.stop(running, grace_s)
        prepare()
        return self.start(spec)

    def stop(self, running: Running, grace_s: float) -> None:
        """Ask it to end, wait for *grace_s*, then end it and every descendant that is left.

        One that is gone already may have left a group of its own behind: that is ended as well.
        """
        process = _same(running)
        if process is not None:
            family = [*_descendants(process), process]
            if grace_s > 0:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.terminate()
                psutil.wait_procs([process], timeout=grace_s)
            for left in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    left.kill()
            psutil.wait_procs(family, timeout=_GONE_WITHIN_S)
        child = self._children.get(running.pid)
        if child is not None and (process is not None or child.poll() is not None):
            del self._children[running.pid]
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_GONE_WITHIN_S)
        _end_group(running.pid)

    def _mark(self, unit: str) -> str:
        return f"{self._stack}/{unit}"


def _limit(process: psutil.Process, spec: UnitSpec) -> None:
    """Set what the system shall allow it; a system that cannot allows all."""
    if _WINDOWS:
        below = {Priority.LOW: "BELOW_NORMAL_PRIORITY_CLASS", Priority.IDLE: "IDLE_PRIORITY_CLASS"}
        if name := below.get(spec.priority):
            process.nice(getattr(psutil, name))
        return
    if niceness := _NICENESS[spec.priority]:
        process.nice(niceness)
    if spec.memory_mb and hasattr(process, "rlimit"):
        most = spec.memory_mb * 1_000_000
        process.rlimit(psutil.RLIMIT_AS, (most, most))


def _same(running: Running) -> psutil.Process | None:
    """Return the process, unless its id belongs to another one by now or it is a zombie."""
    try:
        process = psutil.Process(running.pid)
        if abs(process.create_time() - running.created) < _SAME_S and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except psutil.NoSuchProcess:
        pass
    return None


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _mark_of(process: psutil.Process) -> str:
    try:
        return process.environ().get(MARK, "")
    except (psutil.Error, OSError):
        return ""


def _end_group(leader: int) -> None:
    """End what a dead unit has left in its group; an id that is in use again is nobody's group of ours."""
    if _WINDOWS or psutil.pid_exists(leader):
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
