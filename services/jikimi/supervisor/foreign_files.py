"""Files that programs write which are not ours: read without ever waiting for them, and never more than a little."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 64 * 1024
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file.

    Attributes:
        file: tells this file from another one that took its name.
        size: of the whole file. data: its bytes from where it was read, at most `MOST_BYTES`.
    """

    file: tuple[int, int]
    size: int
    data: bytes


def read_whole(path: Path) -> bytes | None:
    """Return the file's bytes; None if it is absent, larger than `MOST_BYTES`, no plain file, or of a stranger."""
    piece = read_after(path, None)
    return piece.data if piece and len(piece.data) == piece.size else None


def read_after(path: Path, known: Piece | None) -> Piece | None:
    """Return what the file has more than when *known* was read; all of it if it was replaced or cut.

    Of more than `MOST_BYTES` only the last are read. None as in `read_whole`.
    """
    try:
        handle = os.open(path, _FLAGS)  # a pipe without a writer would hold up everyone otherwise
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or not _is_trusted(path, status):
            return None
        file, size = (status.st_dev, status.st_ino), status.st_size
        begin = known.size if known and known.file == file and known.size <= size else 0
        os.lseek(handle, max(begin, size - MOST_BYTES), os.SEEK_SET)
        return Piece(file, size, _read(handle, min(size - begin, MOST_BYTES)))
    except OSError:
        return None
    finally:
        os.close(handle)


def _read(handle: int, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := os.read(handle, count - len(data))):
        data += more
    return data


def _is_trusted(path: Path, status: os.stat_result) -> bool:
    """Whether the file is ours, or its folder's owner's, who may put anything there anyway."""
    if os.name == "nt":
        return True
    return status.st_uid in (os.geteuid(), path.parent.stat().st_uid)
