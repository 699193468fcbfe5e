"""Signs of life of a program that rewrites a heartbeat file, such as the three lines time, `PID: n`, `Stats: {…}`.

Its content counts, not its time: a file that was only touched says nothing, and so does what an earlier life left.
"""

from collections.abc import Callable
from pathlib import Path

from jikimi.supervisor.events import Seen
from jikimi.supervisor.foreign_files import read_whole
from jikimi.supervisor.signs import Heartbeat, Tally, parse_heartbeat, tallied
from jikimi.supervisor.watched import Sight

_MOST_SHOWN = 200


class HeartbeatFileWatch:
    """Reads the heartbeat file of one unit.

    Args:
        is_below: whether the process of the first id is the second one, or below it.
    """

    def __init__(self, path: Path, is_below: Callable[[int, int], bool]) -> None:
        self._path = path
        self._is_below = is_below
        self._pid: int | None = None
        self._data: bytes | None = None
        self._reset()

    def _reset(self) -> None:
        self._shape = (False, False, False)
        self._beats = self._moves = 0
        self._stats = ""
        self._tally = Tally()

    def look(self, pid: int) -> Sight:
        """Return whether this life has written since the last look."""
        is_first, self._pid = pid != self._pid, pid
        if is_first:
            self._reset()
        data = read_whole(self._path)
        if data and data != self._data:
            self._data = data
            if (found := parse_heartbeat(data)) and self._is_ours(found, pid, is_first=is_first):
                self._take(found)
        sign = str(self._beats or "")
        seen = Seen(sign=sign, is_ready=self._beats > 0, token=self._moves, failures=self._tally.row)
        return Sight(seen, {"phase": self._stats[:_MOST_SHOWN]} if self._stats else {})

    def _is_ours(self, found: Heartbeat, pid: int, *, is_first: bool) -> bool:
        """Whether this life wrote it, and wrote it whole: what it said before in this life it must say again."""
        if any(before and not now for before, now in zip(self._shape, found.shape, strict=True)):
            return False
        if found.pid is None:
            return not is_first  # it may have been there before
        return self._is_below(found.pid, pid)

    def _take(self, found: Heartbeat) -> None:
        self._beats += 1
        self._tally = tallied(self._tally, found.stats)
        self._moves += found.stats != self._stats and not self._tally.row  # to fail once more is no work
        self._shape, self._stats = found.shape, found.stats
