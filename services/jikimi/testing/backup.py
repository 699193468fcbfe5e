"""A repository in memory that passes the repositories' contract suite."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from jikimi.backup.port import (
    ALL,
    Damaged,
    NoRepository,
    NoSnapshot,
    NotStored,
    RepositoryThere,
    Share,
    Snapshot,
    Source,
    Stored,
    Told,
    Verified,
    WrongKey,
    nobody,
)

_KEPT = 0o7777


@dataclass
class _Node:
    """One file, folder or link."""

    mode: int
    times: tuple[int, int]
    data: bytes = b""
    target: str = ""
    inode: tuple[int, int] = (0, 0)


@dataclass
class _Kept:
    at: datetime
    nodes: dict[str, _Node]
    keys: frozenset[str]
    is_damaged: bool = False


@dataclass
class FakeDisk:
    """What several fakes share, as one folder is shared by processes.

    Attributes:
        leftovers: what a killed run has left behind.
    """

    kept: dict[str, _Kept] | None = None
    keys: frozenset[str] = frozenset()
    leftovers: int = 0
    number: int = 0

    def damage(self, snapshot: str) -> None:
        """Let a bit of *snapshot* flip."""
        if self.kept:
            self.kept[snapshot].is_damaged = True


class FakeRepository:
    """Keeps snapshots on a `FakeDisk`."""

    engine = "fake"

    def __init__(self, disk: FakeDisk, key: str = "machine") -> None:
        self._disk, self._key = disk, key

    def create(self) -> None:
        """Make the disk one."""
        if self._disk.kept is not None:
            raise RepositoryThere(folder="memory")
        self._disk.kept, self._disk.keys = {}, frozenset({self._key})

    def check_open(self) -> None:
        """See that it is there, and that it is ours."""
        self._all()

    def clear_leftovers(self) -> None:
        """Forget what was left."""
        self._disk.leftovers = 0

    def put(self, sources: Sequence[Source], at: datetime, *, told: Told = nobody, afresh: bool = False) -> Stored:  # noqa: ARG002 - every snapshot is made afresh
        """Read everything into memory."""
        kept, nodes, unreadable = self._all(), dict[str, _Node](), list[str]()
        told(0.0)
        for source in sources:
            _read(source.name, source.path.resolve(), nodes, unreadable)
        self._disk.number += 1
        name = f"fake-{self._disk.number:04}"
        kept[name] = _Kept(at, nodes, self._disk.keys)
        told(1.0)
        files = [node for node in nodes.values() if stat.S_ISREG(node.mode)]
        size = sum(len(node.data) for node in files)
        return Stored(name, len(files), size, size, tuple(unreadable))

    def snapshots(self) -> list[Snapshot]:
        """Return them all."""
        found = [Snapshot(name, kept.at) for name, kept in self._all().items()]
        return sorted(found, key=lambda one: (one.at, one.id))

    def read(self, snapshot: str, name: str) -> bytes:
        """Return one file."""
        node = self._one(snapshot).nodes.get(name)
        if node is None or not stat.S_ISREG(node.mode):
            raise NoSnapshot(snapshot=f"{snapshot}:{name}")
        return node.data

    def verify(self, share: Share = ALL) -> Verified:
        """Name the damaged ones of the share, and the newest."""
        names = [one.id for one in self.snapshots()]
        chosen = {*names[share.part % share.of :: share.of], *names[-1:]}
        broken = tuple(sorted(name for name in chosen if self._all()[name].is_damaged))
        return Verified(broken, said="damaged" if broken else "")

    def mend(self, found: Verified) -> bool:
        """Take the damaged ones away."""
        newest = [one.id for one in self.snapshots()[-1:]]
        for name in found.broken:
            self._all().pop(name, None)
        return any(name in found.broken for name in newest)

    def restore(self, snapshot: str, into: Path, only: Sequence[str] = (), *, told: Told = nobody) -> None:
        """Write what is wanted."""
        nodes = self._one(snapshot).nodes
        wanted = {name: node for name, node in nodes.items() if not only or any(_is_in(name, each) for each in only)}
        if only and not wanted:
            raise NoSnapshot(snapshot=f"{snapshot}:{', '.join(only)}")
        written: dict[tuple[int, int], Path] = {}
        for name, node in wanted.items():
            _write(into / name, node, written)
        for name, node in reversed(wanted.items()):
            if not node.target:
                (into / name).chmod(node.mode & _KEPT)
                os.utime(into / name, ns=node.times)
        told(1.0)

    def delete(self, snapshots: Sequence[str]) -> None:
        """Take these away."""
        for name in snapshots:
            self._all().pop(name, None)

    def reclaim(self) -> None:
        """Memory is free at once."""

    def add_key(self, key: str) -> None:
        """Let *key* open it as well."""
        self._disk.keys |= {key}
        for kept in self._all().values():
            kept.keys |= {key}

    def drop_key(self, key: str) -> None:
        """Let *key* open nothing any more."""
        self._disk.keys -= {key}

    def escrow(self) -> Mapping[str, bytes]:
        """Nothing besides the key is needed."""
        return {}

    def recover(self, escrow: Mapping[str, bytes]) -> None:
        """Nothing can be missing."""

    def _all(self) -> dict[str, _Kept]:
        if self._disk.kept is None:
            raise NoRepository(folder="memory")
        if self._key not in self._disk.keys:
            raise WrongKey(folder="memory")
        return self._disk.kept

    def _one(self, snapshot: str) -> _Kept:
        kept = self._all().get(snapshot)
        if kept is None:
            raise NoSnapshot(snapshot=snapshot or '""')
        if kept.is_damaged:
            raise Damaged(snapshot=snapshot, why="a bit has flipped")
        return kept


def _is_in(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}/")


def _read(name: str, path: Path, nodes: dict[str, _Node], unreadable: list[str]) -> None:
    try:
        found = path.lstat()
        node = _Node(found.st_mode, (found.st_mtime_ns, found.st_mtime_ns), inode=(found.st_dev, found.st_ino))
        if stat.S_ISLNK(found.st_mode):
            node.target = os.readlink(path)  # noqa: PTH115 - as written, not as a path
        elif stat.S_ISREG(found.st_mode):
            node.data = path.read_bytes()
        inner = sorted(path.iterdir()) if stat.S_ISDIR(found.st_mode) else []
    except OSError:
        unreadable.append(name)
        return
    nodes[name] = node
    for each in inner:
        _read(f"{name}/{each.name}", each, nodes, unreadable)


def _write(path: Path, node: _Node, written: dict[tuple[int, int], Path]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if node.target:
        path.symlink_to(node.target)
    elif stat.S_ISDIR(node.mode):
        path.mkdir(exist_ok=True)
    elif node.inode in written:
        path.hardlink_to(written[node.inode])
    else:
        path.write_bytes(node.data)
        written[node.inode] = path


class FakeOffsite(FakeRepository):
    """A second repository on a disk of its own, filled from *source*; what *is_away* answers nobody."""

    def __init__(self, disk: FakeDisk, source: FakeRepository | None = None, key: str = "offsite") -> None:
        super().__init__(disk, key)
        self._source, self.is_away, self.takes = source, False, 1 << 30

    def identity(self) -> str:
        """Return the number of the disk in memory."""
        self._all()
        return f"disk-{id(self._disk)}"

    def snapshots(self) -> list[Snapshot]:
        """Return them with what they were made from."""
        return [replace(one, original=one.id) for one in super().snapshots()]

    def take(self, snapshot: str, *, told: Told = nobody) -> None:
        """Copy one; after as many as *takes* it breaks off."""
        kept = self._all()
        if self._source is None or self.takes <= 0:
            raise NotStored(doing="copy", why="broken off")
        self.takes -= 1
        found = self._source._one(snapshot)  # noqa: SLF001 - of our own class
        told(0.0)
        kept.setdefault(snapshot, replace(found, keys=self._disk.keys))
        told(1.0)

    def _all(self) -> dict[str, _Kept]:
        if self.is_away:
            raise NotStored(doing="reach", why="nobody answers")
        return super()._all()
