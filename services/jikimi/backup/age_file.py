"""One file that is `tar | zstd | age`, written and read as a stream: memory does not grow with it.

The stock tools open it: `age --decrypt -i KEY FILE | zstd -d | tar x`.
"""

import os
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol, cast

import pyrage
import zstandard

if sys.platform == "linux":
    import fcntl

_LEVEL = 3
_THREADS = 2
_PIPE_BUFFER = 1 << 20


class Readable(Protocol):
    """What can be read from."""

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes."""
        ...


class _ToTheEnd:
    """A stream that knows whether it was read to its end."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self.ended = stream, False

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes."""
        data = self._stream.read(size)
        self.ended = self.ended or not data
        return data


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
        while chunk := packed.read(_PIPE_BUFFER):
            out.write(chunk)

    return _publish(path, copy)


@contextmanager
def opened(path: Path, identities: Sequence[str]) -> Iterator[IO[bytes]]:
    """Give the content of a sealed file as a stream; whoever has read enough just leaves the block.

    Raises:
        Unreadable: at the end of the block at the latest, if what was read is not all that was written.
    """
    reader, writer = _wide_pipe()
    failed: list[BaseException] = []

    def decrypt() -> None:
        try:
            with path.open("rb") as file, os.fdopen(writer, "wb", buffering=0) as pipe:
                pyrage.decrypt_io(file, pipe, _identities(identities))
        except BrokenPipeError:
            pass  # enough was read
        except Exception as error:  # noqa: BLE001 - raised below, in the thread of whoever reads
            failed.append(error)

    thread = threading.Thread(target=decrypt, name="age", daemon=True)
    thread.start()
    try:
        with os.fdopen(reader, "rb", buffering=_PIPE_BUFFER) as pipe:
            stream = _ToTheEnd(cast("Readable", zstandard.ZstdDecompressor().stream_reader(pipe)))
            yield cast("IO[bytes]", stream)
    except (EOFError, tarfile.TarError, zstandard.ZstdError) as error:
        thread.join()
        why = failed[0] if failed else error
        raise Unreadable(str(why), is_key=_is_key(why)) from error
    finally:
        thread.join()
    if failed and stream.ended:
        raise Unreadable(str(failed[0]), is_key=_is_key(failed[0])) from failed[0]


def _wide_pipe() -> tuple[int, int]:
    """Return a pipe that takes much at once, so that both threads seldom wait for each other."""
    reader, writer = os.pipe()
    if sys.platform == "linux":
        with suppress(OSError):  # a limit of the user
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _PIPE_BUFFER)
    return reader, writer


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
