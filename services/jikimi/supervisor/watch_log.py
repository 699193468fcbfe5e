"""Signs of life of a program whose log grows.

A log that was rotated or cut is read from its new beginning: that alone is no sign of life, what is written next is.
"""

from dataclasses import replace
from pathlib import Path

from jikimi.supervisor.events import Seen
from jikimi.supervisor.foreign_files import Piece, read_after
from jikimi.supervisor.signs import LogTail, has_content, read_on
from jikimi.supervisor.watched import Sight

_SEARCHES_EACH = 10  # looks: a folder of logs may be long


class LogWatch:
    """Reads on in the log of one unit.

    Args:
        path: its name may have a `*`, for logs that bear a date: the newest is read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._current: Path | None = None if "*" in path.name else path
        self._looks = 0
        self._piece: Piece | None = None
        self._pid: int | None = None
        self._grown = 0
        self._tail = LogTail()

    def look(self, pid: int) -> Sight:
        """Return whether the log has grown; what is there when a life is first looked at was there before it."""
        is_first, self._pid = pid != self._pid, pid
        if is_first:
            self._grown, self._tail = 0, LogTail()
        path = self._find()
        if path is not None and (piece := read_after(path, self._piece)) is not None:
            if not is_first and has_content(piece.data):
                self._grown += 1
                self._tail = read_on(self._tail, piece.data)
            self._piece = replace(piece, data=b"")
        return Sight(Seen(sign=str(self._grown or ""), is_ready=self._grown > 0, failures=self._tail.row))

    def _find(self) -> Path | None:
        if "*" in self._path.name and self._looks % _SEARCHES_EACH == 0:
            self._current = _newest(self._path) or self._current
        self._looks += 1
        return self._current


def _newest(pattern: Path) -> Path | None:
    """Return the file that was written last; None if there is none, or one was taken away just now."""
    try:
        return max(pattern.parent.glob(pattern.name), key=lambda path: path.stat().st_mtime, default=None)
    except OSError:
        return None
