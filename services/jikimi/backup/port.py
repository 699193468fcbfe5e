"""What the safe needs of a place that keeps snapshots; two engines and a fake pass the same suite."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from jikimi.errors import NotWell
from jikimi.text import Text

Told = Callable[[float], None]  # how far it is, from 0 to 1


def nobody(_share: float) -> None:
    """Hear how far it is, and tell nobody."""


class NoRepository(NotWell):
    """There is no repository where one should be: a disk that is not mounted looks like this."""

    what = Text("백업 저장소가 없습니다: {folder}", "there is no repository for backups at {folder}")
    remedy = Text(
        "디스크가 연결되었는지 보세요. 새 곳이라면 한 번만: jikimi backup init",
        "see whether its disk is mounted; if this is a new place, once: jikimi backup init",
    )


class RepositoryThere(NotWell):
    """A repository is never made over another one."""

    what = Text("이미 백업 저장소가 있습니다: {folder}", "there is a repository already: {folder}")
    remedy = Text(
        "그대로 쓰거나, jikimi.toml의 backup.folder에 다른 폴더를 적으세요",
        "use it, or name another folder as backup.folder in jikimi.toml",
    )


class WrongKey(NotWell):
    """The key does not open the repository."""

    what = Text("이 열쇠로는 백업을 열 수 없습니다: {folder}", "this key does not open the backups in {folder}")
    remedy = Text(
        "복구 안내문(recovery sheet)의 열쇠를 keys/backup/machine 파일에 한 줄로 적으세요",
        "write the key of the recovery sheet as the one line of keys/backup/machine",
    )


class NoSnapshot(NotWell):
    """No snapshot has this id."""

    what = Text("그런 백업이 없습니다: {snapshot}", "there is no such snapshot: {snapshot}")
    remedy = Text("목록에서 고르세요: jikimi backup list", "choose one of the list: jikimi backup list")


class Damaged(NotWell):
    """Stored data is not what was stored; `files` names what is affected, as far as it is known."""

    what = Text("백업이 손상되었습니다: {snapshot}: {why}", "the backup is damaged: {snapshot}: {why}")
    remedy = Text(
        "더 이른 백업을 쓰고, 디스크를 확인하세요: jikimi backup list",
        "use an earlier one, and have the disk looked at: jikimi backup list",
    )

    def __init__(self, *, snapshot: str, why: str, files: Sequence[str] = ()) -> None:
        self.files = tuple(files)
        super().__init__(snapshot=snapshot, why=why)


class NotStored(NotWell):
    """The engine could not do it: disk full, time over, program gone."""

    what = Text("백업 저장소에서 실패했습니다 ({doing}): {why}", "the repository failed ({doing}): {why}")
    remedy = Text(
        "디스크 공간과 연결을 확인하세요. 15분마다 다시 시도합니다",
        "look at the disk's space and connection; it is tried again by itself",
    )


@dataclass(frozen=True, slots=True)
class Source:
    """A file or a folder to save, under its name in the snapshot, such as "home/inbox"; "/" parts it everywhere."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot as the repository lists it; *bytes* is what it takes or added there, if that is known.

    Attributes:
        original: of a copy, which snapshot of another repository it was made from; "" for none.
    """

    id: str
    at: datetime
    bytes: int | None = None
    original: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What `put` has done.

    Attributes:
        added_bytes: by which the repository grew.
        unreadable: names of files that could not be read; the snapshot stands without them.
        changed: names of files that grew or shrank while they were read.
    """

    snapshot: str
    files: int
    bytes: int
    added_bytes: int
    unreadable: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """Which share of the stored data is looked at: part *part* of *of*, counted from 1."""

    part: int = 1
    of: int = 1


ALL = Share()


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found: *broken* names what is damaged in the engine's own words, *files* whose content is lost."""

    broken: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    said: str = ""

    def __bool__(self) -> bool:
        return not (self.broken or self.said)


class Repository(Protocol):
    """Keeps snapshots, encrypted. One process writes at a time: whoever calls holds the safe's lock."""

    @property
    def engine(self) -> str:
        """The engine's name, as the settings have it."""
        ...

    def create(self) -> None:
        """Make an empty repository; nothing else ever does.

        Raises:
            RepositoryThere: there is one.
        """
        ...

    def check_open(self) -> None:
        """See that it is there and that our key opens it.

        Raises:
            NoRepository: it is not. WrongKey: it does not.
        """
        ...

    def clear_leftovers(self) -> None:
        """Remove what a killed run has left: locks, half files. Only for the holder of the safe's lock."""
        ...

    def put(self, sources: Sequence[Source], at: datetime, *, told: Told = nobody, afresh: bool = False) -> Stored:
        """Save *sources* as one snapshot, whole or not at all.

        Args:
            at: when it counts as made. afresh: trust nothing that is stored already.

        Raises:
            NotStored: nothing was added to the list.
        """
        ...

    def snapshots(self) -> list[Snapshot]:
        """Return every snapshot, the oldest first."""
        ...

    def read(self, snapshot: str, name: str) -> bytes:
        """Return one small file.

        Raises:
            NoSnapshot: no such snapshot, or no such file in it. Damaged, WrongKey: it cannot be read.
        """
        ...

    def verify(self, share: Share = ALL) -> Verified:
        """Read stored data back, all or a share of it, and compare it with its checksums."""
        ...

    def mend(self, found: Verified) -> bool:
        """Set aside what is damaged; return whether a `put` with *afresh* is needed to have the newest again."""
        ...

    def restore(self, snapshot: str, into: Path, only: Sequence[str] = (), *, told: Told = nobody) -> None:
        """Write a snapshot, or the files and folders *only*, below the folder *into*, under their names.

        Raises:
            NoSnapshot: the id is empty or unknown, or *only* names nothing. Damaged: not all could be written.
        """
        ...

    def delete(self, snapshots: Sequence[str]) -> None:
        """Take exactly these off the list; unknown ones are skipped, for they may be gone since."""
        ...

    def reclaim(self) -> None:
        """Free the space of what is no longer on the list."""
        ...

    def add_key(self, key: str) -> None:
        """Let *key* (private) open it as well; where old snapshots cannot be, those that are made from now on."""
        ...

    def drop_key(self, key: str) -> None:
        """Let *key* open nothing that is made from now on; an engine may keep what it opens already."""
        ...

    def escrow(self) -> Mapping[str, bytes]:
        """Return the small files without which no key opens it, for the recovery sheet; none if there are no such."""
        ...

    def recover(self, escrow: Mapping[str, bytes]) -> None:
        """Put those files back where they are missing."""
        ...


class OffsiteRepository(Repository, Protocol):
    """A second repository somewhere else, of keys of its own, which takes copies of the first one's snapshots."""

    def identity(self) -> str:
        """Return which repository it is; the same for ever, and no other has it.

        Raises:
            NoRepository: none is there. WrongKey: our key does not open it. NotStored: it cannot be reached.
        """
        ...

    def take(self, snapshot: str, *, told: Told = nobody) -> None:
        """Copy *snapshot* of the first repository; one that is here already is not copied again.

        Raises:
            NotStored, Damaged: it is not here now; what a broken copy leaves does no harm.
        """
        ...
