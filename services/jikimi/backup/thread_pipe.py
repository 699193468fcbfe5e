"""What one thread writes, another reads: a pipe in memory, which costs no copy and no call of the system."""

from queue import Queue


class ReaderGone(Exception):
    """Nobody reads any more: whoever writes may stop."""


class Behind(Exception):
    """What was asked for was read already; nothing is kept."""


class ThreadPipe:
    """One thread writes, and calls `end` whatever happens; one reads, and calls `leave` whatever happens.

    Args:
        most: pieces that lie in it at once; the writer waits when there are as many.
    """

    def __init__(self, most: int) -> None:
        self._pieces: Queue[bytes] = Queue(most)
        self._piece, self._at, self._before = b"", 0, 0
        self._gone = self.ended = False  # ended: it was read to its end

    def write(self, piece: bytes) -> int:
        """Hand *piece* over; return its size.

        Raises:
            ReaderGone: the reader has left.
        """
        if self._gone:
            raise ReaderGone
        if piece:
            self._pieces.put(piece)
        return len(piece)

    def end(self) -> None:
        """Say that nothing more comes."""
        self._pieces.put(b"")

    def leave(self) -> None:
        """Read no more; the writer is at its end when this returns."""
        self._gone = True
        while self._next():
            pass

    def read(self, size: int) -> bytes:
        """Return *size* bytes, fewer only at the end."""
        part = self._piece[self._at : self._at + size]
        self._at += len(part)
        if len(part) == size:
            return part
        parts, left = [part], size - len(part)
        while left and self._next():
            parts.append(self._piece[:left])
            self._at = len(parts[-1])
            left -= self._at
        return b"".join(parts)

    def tell(self) -> int:
        """Return how many bytes were read or passed over."""
        return self._before + self._at

    def seek(self, position: int) -> int:
        """Pass over what comes before *position*, at most to the end; return where that is.

        Raises:
            Behind: *position* lies before what was read last.
        """
        if position < self.tell():
            raise Behind(f"{position} was read already")
        while position > self._before + len(self._piece) and self._next():
            pass
        self._at = min(position - self._before, len(self._piece))
        return self.tell()

    def _next(self) -> bool:
        if not self.ended:
            self._before += len(self._piece)
            self._piece, self._at = self._pieces.get(), 0
            self.ended = not self._piece
        return not self.ended
