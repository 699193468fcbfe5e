"""The manifest of a snapshot: every file with its size, time and checksum, beside versions and counts.

It is the first thing in a snapshot. Whether a restored file is damaged, or had merely changed between its checksum and
its copy, is told by its time: the archive keeps it to the nanosecond.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jikimi.backup.port import Source

NAME = "manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileMark:
    """How a file was when it was looked at; *identity* tells this very state of it from any other on this machine."""

    size: int
    mtime_ns: int
    sha256: str
    identity: str = ""


@dataclass
class Manifest:
    """What a snapshot should hold.

    Attributes:
        about: versions, counts, where things came from.
        files: name in the snapshot -> mark. links: name -> where a symbolic link points.
        unreadable: names without a mark.
    """

    about: dict[str, Any] = field(default_factory=dict)
    files: dict[str, FileMark] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        files = {name: [mark.size, mark.mtime_ns, mark.sha256, mark.identity] for name, mark in self.files.items()}
        document = {"v": 1, "about": self.about, "files": files, "links": self.links, "unreadable": self.unreadable}
        path.write_text(json.dumps(document, separators=(",", ":")), encoding="ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        """Return what *data* says.

        Raises:
            KeyError, TypeError, ValueError: it is no manifest.
        """
        document = json.loads(data)
        files = {name: FileMark(*mark) for name, mark in document["files"].items()}
        return cls(document["about"], files, document["links"], document["unreadable"])

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Return the manifest at *path*, an empty one if there is none that can be read."""
        try:
            return cls.from_bytes(path.read_bytes())
        except (OSError, KeyError, TypeError, ValueError):
            return cls()


def look(sources: Sequence[Source], known: Mapping[str, FileMark]) -> Manifest:
    """Return the manifest of *sources*; a file that is as *known* says is not read again."""
    manifest = Manifest()
    for source in sources:
        for name, path, found in _walk(source.name, source.path.resolve(), manifest.unreadable):
            if stat.S_ISLNK(found.st_mode):
                manifest.links[name] = os.readlink(path)  # noqa: PTH115 - as written, not as a path
            elif stat.S_ISREG(found.st_mode):
                _mark(manifest, name, path, known.get(name))
    return manifest


def compare(manifest: Manifest, folder: Path) -> tuple[list[str], list[str]]:
    """Compare what was restored below *folder*; return the damaged or missing names, and those that had changed."""
    damaged, changed = [], []
    for name, mark in manifest.files.items():
        path = folder / name
        try:
            found = path.lstat()
            if (mark.size, mark.mtime_ns) != (found.st_size, found.st_mtime_ns):
                changed.append(name)
            elif digest(path) != mark.sha256:
                damaged.append(name)
        except OSError:
            damaged.append(name)
    for name, target in manifest.links.items():
        path = folder / name
        if not path.is_symlink() or os.readlink(path) != target:  # noqa: PTH115 - as written
            damaged.append(name)
    return damaged, changed


def part_of(manifest: Manifest, only: Sequence[str]) -> Manifest:
    """Return the manifest of those files that *only* names; of all if it names none."""
    if not only:
        return manifest
    return Manifest(manifest.about, {name: manifest.files[name] for name in only if name in manifest.files})


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _mark(manifest: Manifest, name: str, path: Path, known: FileMark | None) -> None:
    try:
        found = path.lstat()
        identity = f"{found.st_dev}.{found.st_ino}.{found.st_ctime_ns}"
        same = known and (known.size, known.mtime_ns, known.identity) == (found.st_size, found.st_mtime_ns, identity)
        sha256 = known.sha256 if known and same else digest(path)
        manifest.files[name] = FileMark(found.st_size, found.st_mtime_ns, sha256, identity)
    except FileNotFoundError:
        pass  # gone since its folder was listed
    except OSError:
        manifest.unreadable.append(name)


def _walk(name: str, path: Path, unreadable: list[str]) -> Iterator[tuple[str, Path, os.stat_result]]:
    try:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            yield name, path, found
            return
        inner = sorted(os.listdir(path))  # noqa: PTH208 - names, and nothing else, are needed
    except FileNotFoundError:
        return
    except OSError:
        unreadable.append(name)
        return
    for each in inner:
        yield from _walk(f"{name}/{each}", path / each, unreadable)
