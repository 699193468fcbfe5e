"""One file that is `tar | zstd | age`, written and read as a stream: memory does not grow with it.

The stock tools open it: `age --decrypt -i KEY FILE | zstd -d | tar x`.
"""

import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

import pyrage
import zstandard

from jikimi.backup.thread_pipe import Behind, ReaderGone, ThreadPipe

_LEVEL = 3
_THREADS = 2
_CHUNK = 1 << 18
_PIECES = 64  # of up to 128 KiB, as zstd makes them


class Readable(Protocol):
    """What can be read from."""

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes."""
        ...


class _Larger:
    """Writes in larger pieces: age hands on 8 KiB at a time, and each step costs both threads a turn."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._parts, self._size = out, list[bytes](), 0

    def write(self, data: bytes) -> int:
        """Take *data*; return its size."""
        self._parts.append(data)
        self._size += len(data)
        if self._size >= _CHUNK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Write what was taken."""
        data = b"".join(self._parts)
        self._parts, self._size = [], 0
        self._out.write(data)


class Unreadable(Exception):
    """The file cannot be read to its end. *is_key*: none of our keys is among those that it was made for."""

    def __init__(self, why: str, *, is_key: bool = False) -> None:
        super().__init__(why)
        self.is_key = is_key


class NotSealed(Exception):
    """The file could not be written."""


def write_sealed(stream: Readable, path: Path, recipients: Sequence[str]) -> int:
    """Write *stream*, packed and encrypted for *recipients*, to *path*: whole, on the disk, or not at all.

    Returns:
        its size in bytes.
    """

    def seal(out: IO[bytes]) -> None:
        try:
            pyrage.encrypt_io(_packed(stream), out, _recipients(recipients))
        except pyrage.EncryptError as error:  # a full disk comes as one of these
            raise NotSealed(str(error)) from error

    return _publish(path, seal)


def write_plain(stream: Readable, path: Path) -> int:
    """Write *stream*, packed and readable for everybody, to *path*, in the same way."""

    def copy(out: IO[bytes]) -> None:
        packed = _packed(stream)
        while chunk := packed.read(_CHUNK):
            out.write(chunk)

    return _publish(path, copy)


@contextmanager
def opened(path: Path, identities: Sequence[str]) -> Iterator[IO[bytes]]:
    """Give the content of a sealed file as a stream, read and passed over forwards only.

    Whoever has read enough just leaves the block.

    Raises:
        Unreadable: at the end of the block at the latest, if what was read is not all that was written.
    """
    pipe = ThreadPipe(_PIECES)
    failed: list[BaseException] = []

    def decrypt() -> None:
        try:
            with path.open("rb", buffering=_CHUNK) as file:
                unpacker = zstandard.ZstdDecompressor().stream_writer(cast("IO[bytes]", pipe), closefd=False)
                larger = _Larger(unpacker)
                try:
                    pyrage.decrypt_io(file, cast("IO[bytes]", larger), _identities(identities))
                finally:
                    larger.flush()  # what stands before the damage is sound
        except ReaderGone:
            pass  # enough was read
        except Exception as error:  # noqa: BLE001 - raised below, in the thread of whoever reads
            failed.append(error)
        finally:
            pipe.end()

    thread = threading.Thread(target=decrypt, name="age", daemon=True)
    thread.start()
    try:
        yield cast("IO[bytes]", pipe)
        read_all = pipe.ended
    except (EOFError, tarfile.TarError, Behind) as error:
        pipe.leave()
        why = failed[0] if failed else error
        raise Unreadable(str(why), is_key=_is_key(why)) from error
    finally:
        pipe.leave()
        thread.join()
    if failed and read_all:
        raise Unreadable(str(failed[0]), is_key=_is_key(failed[0])) from failed[0]


def public_of(identity: str) -> str:
    """Return the recipient that belongs to *identity*."""
    return str(pyrage.x25519.Identity.from_str(identity).to_public())


def new_identity() -> str:
    """Return a new random identity."""
    return str(pyrage.x25519.Identity.generate())


def _is_key(error: BaseException) -> bool:
    return isinstance(error, pyrage.DecryptError) and "no matching keys" in str(error).lower()


def _packed(stream: Readable) -> IO[bytes]:
    packer = zstandard.ZstdCompressor(level=_LEVEL, threads=_THREADS, write_checksum=True)
    return cast("IO[bytes]", packer.stream_reader(cast("IO[bytes]", stream)))  # it needs no more than `read`


def _recipients(recipients: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    return [pyrage.x25519.Recipient.from_str(text) for text in recipients]


def _identities(identities: Sequence[str]) -> list[pyrage.x25519.Identity]:
    return [pyrage.x25519.Identity.from_str(text) for text in identities]


def _publish(path: Path, write: Callable[[IO[bytes]], object]) -> int:
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as out:
            write(out)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return size


def sync_folder(folder: Path) -> None:
    """Have the names in *folder* on the disk, where the system knows such a thing."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
