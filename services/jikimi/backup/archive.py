"""The file engine: one `tar.zst.age` a snapshot.

It needs no program but ours, and any machine with age, zstd and tar opens it.
"""

import re
import secrets
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from jikimi.backup.age_file import NotSealed, Unreadable, opened, public_of, write_sealed
from jikimi.backup.manifest import NAME as MANIFEST
from jikimi.backup.manifest import Manifest
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
from jikimi.backup.tar_stream import TarStream, size_of
from jikimi.backup.untar import Untar, content, is_wanted, members, share_told

_ENDING = ".tar.zst.age"
_TIME = "%Y%m%dT%H%M%SZ"
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_DAMAGED = ".damaged"


class FileRepository:
    """Snapshots as files in `folder/snapshots`.

    Args:
        identities: private keys, the machine's first; any of them opens.
        recipients: public keys that every new snapshot is made for.
    """

    engine = "file"

    def __init__(self, folder: Path, identities: Sequence[str], recipients: Sequence[str]) -> None:
        self._folder = folder / "snapshots"
        self._identities, self._recipients = tuple(identities), list(recipients)

    def create(self) -> None:
        """Make the folder."""
        if self._folder.exists():
            raise RepositoryThere(folder=self._folder)
        self._folder.mkdir(parents=True)

    def check_open(self) -> None:
        """See that the folder is there, and that our key opens the newest snapshot."""
        if not self._folder.is_dir():
            raise NoRepository(folder=self._folder)
        for snapshot in self.snapshots()[-1:]:
            try:
                with self._members(snapshot.id) as found:
                    next(iter(found), None)
            except Damaged:
                pass  # it is open; what is wrong with it is for `verify` to say

    def clear_leftovers(self) -> None:
        """Remove half files."""
        for partial in self._folder.glob("*.partial"):
            partial.unlink(missing_ok=True)

    def put(self, sources: Sequence[Source], at: datetime, *, told: Told = nobody, afresh: bool = False) -> Stored:  # noqa: ARG002 - every snapshot is made afresh
        """Write one file."""
        if not self._folder.is_dir():
            raise NoRepository(folder=self._folder)
        name = f"{at.astimezone(UTC).strftime(_TIME)}-{secrets.token_hex(4)}"
        told(0.0)
        stream = TarStream(sources, share_told(told, size_of(sources)))
        try:
            size = write_sealed(stream, self._path(name), self._recipients)
        except (OSError, NotSealed) as error:
            raise NotStored(doing="put", why=str(error)) from error
        told(1.0)
        noted = stream.noted
        return Stored(name, noted.files, noted.bytes, size, tuple(noted.unreadable), tuple(noted.changed))

    def snapshots(self) -> list[Snapshot]:
        """Return what the names of the files say."""
        if not self._folder.is_dir():
            raise NoRepository(folder=self._folder)
        found = []
        for path in self._folder.glob(f"*{_ENDING}"):
            name = path.name.removesuffix(_ENDING)
            if _ID.fullmatch(name):
                at = datetime.strptime(name.partition("-")[0], _TIME).replace(tzinfo=UTC)
                found.append(Snapshot(name, at, path.stat().st_size))
        return sorted(found, key=lambda one: (one.at, one.id))

    def read(self, snapshot: str, name: str) -> bytes:
        """Return one file; the first ones of a snapshot cost least."""
        with self._members(snapshot) as found:
            for tar, member in found:
                if member.name == name and member.isreg():
                    return b"".join(content(tar, member))
        raise NoSnapshot(snapshot=f"{snapshot}:{name}")

    def verify(self, share: Share = ALL) -> Verified:
        """Read every file, or every so-manieth and the newest one, to its end."""
        all_of_them = self.snapshots()
        chosen = [one for number, one in enumerate(all_of_them) if number % share.of == share.part % share.of]
        broken, lost, said = list[str](), list[str](), ""
        for one in sorted({*chosen, *all_of_them[-1:]}, key=lambda one: one.id):
            try:
                self._read_to_the_end(one.id)
            except Damaged as damage:
                broken.append(one.id)
                lost += damage.files
                said = str(damage)
        return Verified(tuple(broken), tuple(lost), said)

    def _read_to_the_end(self, snapshot: str) -> None:
        listed, read = set[str](), set[str]()
        try:
            with self._members(snapshot) as found:
                for tar, member in found:
                    parts = content(tar, member) if member.isreg() else iter(())
                    if member.name == MANIFEST:
                        listed |= set(Manifest.from_bytes(b"".join(parts)).files)
                    for _ in parts:
                        pass
                    read.add(member.name)
        except Damaged as damage:
            raise Damaged(snapshot=snapshot, why=str(damage.facts["why"]), files=sorted(listed - read)) from damage

    def mend(self, found: Verified) -> bool:
        """Take damaged files off the list, and keep them: other tools may get something out of them."""
        newest = [one.id for one in self.snapshots()[-1:]]
        for snapshot in found.broken:
            if (path := self._path(snapshot)).exists():
                path.replace(path.with_name(f"{path.name}{_DAMAGED}"))
        return any(one in found.broken for one in newest)

    def restore(self, snapshot: str, into: Path, only: Sequence[str] = (), *, told: Told = nobody) -> None:
        """Write the wanted members below *into*."""
        untar = Untar(into)
        add = share_told(told, self._path(snapshot).stat().st_size if snapshot and self._path(snapshot).exists() else 0)
        links: set[str] = set()
        with self._members(snapshot) as found:
            for tar, member in found:
                if is_wanted(member.name, only):
                    untar.write(tar, member, add)
                    if member.islnk() and not is_wanted(member.linkname, only):
                        links.add(member.linkname)
        if only and not untar.written:
            raise NoSnapshot(snapshot=f"{snapshot}:{', '.join(only)}")
        if links:
            self.restore(snapshot, into, [*only, *sorted(links)])
        else:
            untar.finish()

    def delete(self, snapshots: Sequence[str]) -> None:
        """Remove their files."""
        for snapshot in snapshots:
            if _ID.fullmatch(snapshot):
                self._path(snapshot).unlink(missing_ok=True)

    def reclaim(self) -> None:
        """Nothing is left to free: a snapshot is one file."""

    def add_key(self, key: str) -> None:
        """Make every snapshot from now on for *key* as well."""
        if (recipient := public_of(key)) not in self._recipients:
            self._recipients.append(recipient)

    def drop_key(self, key: str) -> None:
        """Make no snapshot for *key* any more; it goes on opening those that were made for it."""
        if (recipient := public_of(key)) in self._recipients:
            self._recipients.remove(recipient)

    def escrow(self) -> Mapping[str, bytes]:
        """Return nothing: a key alone opens a snapshot."""
        return {}

    def recover(self, escrow: Mapping[str, bytes]) -> None:
        """Do nothing: there is nothing to put back."""

    def _path(self, snapshot: str) -> Path:
        return self._folder / f"{snapshot}{_ENDING}"

    @contextmanager
    def _members(self, snapshot: str) -> Iterator[Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]]:
        if not self._folder.is_dir():
            raise NoRepository(folder=self._folder)
        if not _ID.fullmatch(snapshot) or not self._path(snapshot).exists():
            raise NoSnapshot(snapshot=snapshot or '""')
        try:
            with opened(self._path(snapshot), self._identities) as stream:
                yield members(stream)
        except Unreadable as error:
            if error.is_key:
                raise WrongKey(folder=self._folder) from None
            raise Damaged(snapshot=snapshot, why=str(error)) from error
