"""Redis as a file: what a replica is sent when it joins, so that it works over any connection and shares no folder."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from jikimi.backup.port import NotStored
from jikimi.broker import connect

_TIMEOUT_S = 60.0
_CHUNK = 1 << 20
_MARK = 40  # bytes that end a dump of unknown length
_PORT = 6379


def dump_redis(url: str, path: Path, *, timeout_s: float = _TIMEOUT_S) -> int:
    """Write the server's data to *path* and return how many keys it had.

    Raises:
        NotStored: the server is away, refuses, or ended midway.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        with connect(url, retries=0) as redis:
            keys = int(redis.dbsize())
        with _Link(url, timeout_s) as link, os.fdopen(_private(partial), "wb") as out:
            for chunk in link.dump():
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except Exception as error:
        partial.unlink(missing_ok=True)
        raise NotStored(doing="redis", why=str(error) or type(error).__name__) from error
    partial.replace(path)
    return keys


def _private(path: Path) -> int:
    """Open a file for writing that only its owner may read: not everybody who sees the folder may see all of Redis."""
    path.unlink(missing_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


class _Link:
    """A connection that asks as a replica does."""

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        if parts.scheme == "unix":
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout_s)
            self._socket.connect(parts.path)
        else:
            place = (parts.hostname or "127.0.0.1", parts.port or _PORT)
            self._socket = socket.create_connection(place, timeout_s)
        self._rest = b""
        self._login = [unquote(word) for word in (parts.username, parts.password) if word]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def dump(self) -> Iterator[bytes]:
        """Yield the dump.

        Raises:
            ConnectionError: it was refused, or broke off.
        """
        if self._login:
            self._ask("AUTH", *self._login)
            if not (said := self._line()).startswith(b"+"):
                raise ConnectionError(said.decode(errors="replace"))
        self._ask("SYNC")
        while not (head := self._line()):
            continue  # an empty line says that it is still at work
        if not head.startswith(b"$"):
            raise ConnectionError(head.decode(errors="replace"))
        mark = head[1:].removeprefix(b"EOF:")
        yield from self._until(mark) if len(mark) == _MARK else self._exactly(int(mark))

    def _exactly(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            chunk, self._rest = (self._rest[:left], self._rest[left:]) if self._rest else (self._more(), b"")
            chunk, self._rest = chunk[:left], chunk[left:] + self._rest
            left -= len(chunk)
            yield chunk

    def _until(self, mark: bytes) -> Iterator[bytes]:
        held = self._rest
        while not held.endswith(mark):
            yield held[:-_MARK]
            held = held[-_MARK:] + self._more()
        yield held[:-_MARK]

    def _ask(self, *words: str) -> None:
        parts = [word.encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            self._rest += self._more()
        line, _, self._rest = self._rest.partition(b"\n")
        return line.rstrip(b"\r")

    def _more(self) -> bytes:
        chunk = self._socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionError("it ended midway")
        return chunk
