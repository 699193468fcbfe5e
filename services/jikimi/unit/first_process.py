"""What the first process of a container owes the others: it reaps whoever lost its parent, and its child wakes it."""

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger()
FIRST = 1
_LOOKS_EACH_S = 0.5
_STATE = Path(f"/proc/{FIRST}/stat")


def reap_orphans(child: int | None) -> int:
    """Reap every ended process but *child*, which its parent reaps itself; return how many there were."""
    count = 0
    with suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid == child:
                break  # it hides those behind it until its parent has looked, a tenth of a second later
            os.waitpid(found.si_pid, os.WNOHANG)
            count += 1
    return count


def wake_when_stopped() -> None:
    """Watch the first process from a thread: somebody may stop it from outside, and nobody below it could restart it.

    It posts nothing itself, so it may go on without being fenced.
    """
    threading.Thread(target=_watch, name="waker", daemon=True).start()


def _watch() -> None:
    pause = threading.Event()
    while not pause.wait(_LOOKS_EACH_S):
        if is_stopped(_STATE):
            log.warning("parent.woken")
            os.kill(FIRST, signal.SIGCONT)


def is_stopped(stat: Path) -> bool:
    """Return whether the process of this `/proc/<pid>/stat` is stopped by a signal."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "T"
    except (OSError, IndexError):
        return False
