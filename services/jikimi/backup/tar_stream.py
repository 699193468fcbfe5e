"""A tar stream made from live files: each is written with exactly the size that it had when its turn came.

`tarfile` ends the whole archive when a file shrinks while it is read; here growth and shrinkage are noted.
"""

import os
import stat
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from jikimi.backup.port import Source

_CHUNK = 1 << 20
_BLOCK = tarfile.BLOCKSIZE
_NS = 1_000_000_000


@dataclass
class Noted:
    """What the stream met on its way; names as in the snapshot."""

    files: int = 0
    bytes: int = 0
    unreadable: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


class TarStream:
    """Reads as the bytes of a tar file of *sources*, in their order; *add* hears how many were read of a file."""

    def __init__(self, sources: Sequence[Source], add: Callable[[int], None] = lambda _: None) -> None:
        self.noted, self._add = Noted(), add
        self._linked: dict[tuple[int, int], str] = {}
        self._parts = self._all(sources)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes, b"" at the end; fewer than asked for means nothing."""
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return b""
            self._rest = part
        if size < 0 or size >= len(self._rest):
            taken, self._rest = self._rest, b""
        else:
            taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _all(self, sources: Sequence[Source]) -> Iterator[bytes]:
        for source in sources:
            yield from self._entry(source.name, source.path, follow=True)
        yield bytes(2 * _BLOCK)

    def _entry(self, name: str, path: Path, *, follow: bool = False) -> Iterator[bytes]:
        try:
            found = path.stat() if follow else path.lstat()
            if stat.S_ISREG(found.st_mode):
                yield from self._file(name, path)
            elif stat.S_ISDIR(found.st_mode):
                inner = sorted(os.listdir(path))  # noqa: PTH208 - names, and nothing else, are needed
                yield _header(_member(name, found, tarfile.DIRTYPE))
                for each in inner:
                    yield from self._entry(f"{name}/{each}", path / each)
            elif stat.S_ISLNK(found.st_mode):
                member = _member(name, found, tarfile.SYMTYPE)
                member.linkname = os.readlink(path)  # noqa: PTH115 - as written, not as a path
                yield _header(member)
        except FileNotFoundError:
            self.noted.changed.append(name)  # gone since its folder was listed
        except OSError:
            self.noted.unreadable.append(name)

    def _file(self, name: str, path: Path) -> Iterator[bytes]:
        with path.open("rb", buffering=0) as file:
            found = os.fstat(file.fileno())
            same = (found.st_dev, found.st_ino)
            self.noted.files += 1
            if found.st_nlink > 1 and same in self._linked:
                member = _member(name, found, tarfile.LNKTYPE)
                member.linkname = self._linked[same]
                yield _header(member)
                return
            member = _member(name, found, tarfile.REGTYPE)
            member.size = found.st_size
            self._linked[same] = name
            self.noted.bytes += found.st_size
            yield _header(member)
            # from here on the announced size must follow, whatever becomes of the file
            yield from self._content(name, file.fileno(), found.st_size)
            if os.fstat(file.fileno()).st_size > found.st_size:
                self.noted.changed.append(name)

    def _content(self, name: str, descriptor: int, size: int) -> Iterator[bytes]:
        left = size
        while left:
            try:
                chunk = os.read(descriptor, min(_CHUNK, left))
            except OSError:
                chunk = b""
                self.noted.unreadable.append(name)
            if not chunk:
                break
            left -= len(chunk)
            self._add(len(chunk))
            yield chunk
        if left and (not self.noted.unreadable or self.noted.unreadable[-1] != name):
            self.noted.changed.append(name)
        while left:
            zeros = bytes(min(_CHUNK, left))
            left -= len(zeros)
            yield zeros
        yield bytes(-size % _BLOCK)


def size_of(sources: Sequence[Source]) -> int:
    """Return how many bytes the files of *sources* have, as far as that can be seen now."""
    size = 0
    for source in sources:
        for folder, _, names in os.walk(source.path):
            for name in names:
                with suppress(OSError):
                    size += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - of ten thousand files
        if source.path.is_file():
            size += source.path.stat().st_size
    return size


def _member(name: str, found: os.stat_result, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.mode = stat.S_IMODE(found.st_mode)
    member.uid, member.gid = found.st_uid, found.st_gid
    member.mtime = found.st_mtime_ns // _NS
    # a float would lose the nanoseconds, by which a changed file is told from a damaged one
    member.pax_headers = {"mtime": f"{found.st_mtime_ns // _NS}.{found.st_mtime_ns % _NS:09d}"}
    return member


def _header(member: tarfile.TarInfo) -> bytes:
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
