"""What runs on this machine: each process with its command line, and who is below whom."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Listed:
    """One process.

    Attributes:
        created: when it began, in seconds since 1970 as this machine reckons it.
        command: its words, as far as we may see them.
    """

    pid: int
    created: float
    command: tuple[str, ...]


def list_processes() -> Iterator[Listed]:
    """Yield every process that lives."""
    for process in psutil.process_iter():
        if listed := _listed(process):
            yield listed


def process_of(pid: int) -> Listed | None:
    """Return the process that has this id; None if none lives, be it that a dead one waits to be reaped."""
    try:
        return _listed(psutil.Process(pid))
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return None


def is_below(pid: int, ancestor: int) -> bool:
    """Return whether *pid* is *ancestor*, or was started by it or by one below it that still lives."""
    if pid == ancestor:
        return True
    try:
        return any(parent.pid == ancestor for parent in psutil.Process(pid).parents())
    except (psutil.Error, OSError, ValueError, OverflowError):
        return False


def _listed(process: psutil.Process) -> Listed | None:
    command: tuple[str, ...] = ()
    try:
        with contextlib.suppress(psutil.AccessDenied, OSError):
            command = tuple(process.cmdline())
        return None if process.status() == psutil.STATUS_ZOMBIE else Listed(process.pid, process.create_time(), command)
    except psutil.NoSuchProcess:
        return None
    except (psutil.AccessDenied, OSError):  # it is there, though we may not look at it
        return Listed(process.pid, 0.0, command)
