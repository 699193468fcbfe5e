"""Write the members of a tar stream below a folder, and nowhere else."""

import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import RawIOBase
from pathlib import Path, PurePosixPath
from typing import IO

from jikimi.backup.port import Told

_CHUNK = 1 << 18
_NS = 1_000_000_000


def members(stream: IO[bytes]) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """Yield every member in turn; its content can be read until the next one is asked for."""
    with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as tar:
        while (member := tar.next()) is not None:
            yield tar, member
            tar.members.clear()  # type: ignore[attr-defined] # else a million small files stay in memory
    while stream.read(_CHUNK):
        pass  # the checksums stand at the very end


def is_wanted(name: str, only: Sequence[str]) -> bool:
    """Return whether *name* is one of *only*, or lies in one of them; all are wanted if there are none."""
    return not only or any(name == wanted or name.startswith(f"{wanted}/") for wanted in only)


def content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield the content of a member that is a file.

    Raises:
        tarfile.ReadError: the stream ends within it.
    """
    # the way through `extractfile` copies everything thrice; only a foreign tar makes members that need it
    file, left = tar.extractfile(member) if member.issparse() else tar.fileobj, member.size
    while left > 0:
        if not (chunk := file.read(min(_CHUNK, left)) if file else b""):
            raise tarfile.ReadError("unexpected end of data")
        left -= len(chunk)
        yield chunk


class Untar:
    """Writes members below *into*; `finish` sets what can only be set at the end."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._safe: set[Path] = set()  # folders that were looked at, and that no link can replace any more
        self._folders: list[tuple[Path, tarfile.TarInfo]] = []
        self.written = 0

    def write(self, tar: tarfile.TarFile, member: tarfile.TarInfo, told: Callable[[int], None]) -> None:
        """Write one member.

        Raises:
            tarfile.ReadError: its name leads out of the folder, by itself or through a link.
        """
        path = self._place(member.name)
        self.written += 1
        if path.is_symlink():
            path.unlink()  # a second member of this name would be written to where it points
        if member.isdir():
            path.mkdir(exist_ok=True)
            self._folders.append((path, member))
        elif member.issym():
            path.unlink(missing_ok=True)
            path.symlink_to(member.linkname)
            _own(path, member)
        elif member.islnk():
            path.unlink(missing_ok=True)
            with suppress(FileNotFoundError):  # its first name was not wanted; `restore` asks for it as well
                path.hardlink_to(self._place(member.linkname))
        elif member.isreg():
            _fill(path, content(tar, member), told)
            _dress(path, member)

    def _place(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        path = self._into.joinpath(*parts)
        if path.parent in self._safe and ".." not in parts:
            return path
        if name.startswith("/") or ".." in parts or not path.parent.resolve().is_relative_to(self._into.resolve()):
            raise tarfile.ReadError(f"{name!r} leads out of the folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._safe.add(path.parent)
        return path

    def finish(self) -> None:
        """Give the folders their rights and times, the innermost first."""
        for path, member in reversed(self._folders):
            _dress(path, member)


def share_told(told: Told, total: int) -> Callable[[int], None]:
    """Return what takes numbers of bytes and tells which share of *total* they make."""
    done = 0

    def add(size: int) -> None:
        nonlocal done
        done += size
        told(min(1.0, done / total) if total else 1.0)

    return add


def _fill(path: Path, chunks: Iterator[bytes], told: Callable[[int], None]) -> None:
    ends_in_hole = False
    with path.open("wb", buffering=0) as file:
        for chunk in chunks:
            # a hole: most that is empty was one; the two ends tell nearly every other chunk at once
            if ends_in_hole := not (chunk[0] or chunk[-1] or chunk.strip(b"\0")):
                file.seek(len(chunk), os.SEEK_CUR)
            else:
                _write_all(file, chunk)
            told(len(chunk))
        if ends_in_hole:
            file.truncate()


def _write_all(file: RawIOBase, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _dress(path: Path, member: tarfile.TarInfo) -> None:
    _own(path, member)
    path.chmod(member.mode & 0o7777)
    seconds, _, fraction = str(member.pax_headers.get("mtime", member.mtime)).partition(".")
    when = int(seconds) * _NS + int(fraction[:9].ljust(9, "0"))
    os.utime(path, ns=(when, when))


def _own(path: Path, member: tarfile.TarInfo) -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(path, member.uid, member.gid, follow_symlinks=False)
