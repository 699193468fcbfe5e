"""Lock files that a dead program has left: removed before it is started again, once its death is proved.

Nothing here ends a process.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import structlog

from jikimi.runtime.port import Running
from jikimi.runtime.process_list import Listed
from jikimi.supervisor.foreign_files import read_whole
from jikimi.supervisor.old_watchdogs import program_of
from jikimi.supervisor.signs import pid_in

log = structlog.get_logger()
_MOST_BYTES = 4096  # a larger file is something else, named by mistake
_LATER_S = 2.0  # file systems keep times as coarsely as this


class Leftovers:
    """Clears what the last life of a unit has left.

    Args:
        locks: the lock files of each unit. commands: how each is run.
        last: the last process of a unit that was started or found here; None if there was none.
        is_running: whether that very process lives.
        process_of: what runs under a process id. processes: all that run.
    """

    def __init__(
        self,
        locks: Mapping[str, Sequence[Path]],
        commands: Mapping[str, Sequence[str]],
        *,
        last: Callable[[str], Running | None],
        is_running: Callable[[Running], bool],
        process_of: Callable[[int], Listed | None],
        processes: Callable[[], Iterable[Listed]],
    ) -> None:
        self._locks, self._commands = locks, commands
        self._last, self._is_running = last, is_running
        self._process_of, self._processes = process_of, processes

    def before_start(self, name: str) -> None:
        """Remove the locks of the unit *name* whose holders are proved dead; call it while the unit does not run."""
        for lock in self._locks.get(name, ()):
            if not lock.is_symlink() and not lock.exists():
                continue
            if holder := self._holder(name, lock):
                log.warning("lock.kept", unit=name, file=str(lock), holder=holder)
                continue
            try:
                lock.unlink(missing_ok=True)
            except OSError as error:
                log.warning("lock.kept", unit=name, file=str(lock), holder=str(error))
            else:
                log.info("lock.cleared", unit=name, file=str(lock))

    def _holder(self, name: str, lock: Path) -> str:
        """Return what may still hold *lock*; "" if nothing can."""
        data = read_whole(lock)
        if data is None or len(data) > _MOST_BYTES:
            return "not a lock file that we could read"
        if (pid := pid_in(data)) is not None:
            process = self._process_of(pid)
            return "" if process is None or self._is_another(name, process, lock) else f"process {process.pid}"
        return self._holder_without_id(name)

    def _is_another(self, name: str, process: Listed, lock: Path) -> bool:
        """Whether the id in *lock* belongs to a later process that has nothing to do with the unit.

        Neither fact alone would do: a clock that was set moves the one, a helper of the unit may have another name.
        """
        program = program_of(self._commands[name])
        is_stranger = bool(process.command) and not any(program in word for word in process.command)
        try:
            return is_stranger and process.created > lock.stat().st_mtime + _LATER_S
        except OSError:
            return False

    def _holder_without_id(self, name: str) -> str:
        """The unit's last process is known to be dead, and no other one of this program runs."""
        last = self._last(name)
        if last is None:
            return "unknown: it names no process, and none was started here"
        if self._is_running(last):
            return f"process {last.pid}"
        program = program_of(self._commands[name])
        others = [each.pid for each in self._processes() if any(program in word for word in each.command)]
        return f"process {others[0]}" if others else ""
