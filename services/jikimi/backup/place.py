"""The folder of the repository: is it ours, is there room, and the ballast that is given up when there is none."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jikimi.backup.keys import SafeKeys
from jikimi.backup.port import NoRepository, Repository, RepositoryThere
from jikimi.errors import JikimiError, NotWell
from jikimi.text import Text

SENTINEL, BALLAST = ".jikimi-repo-id", ".jikimi-ballast"
BALLAST_BYTES = 64 << 20
LEAST_FREE = 256 << 20
_CHUNK = 1 << 20


class NotOurs(NotWell):
    """The folder holds the repository of another home."""

    what = Text("다른 홈의 백업 저장소입니다: {folder}", "this is the repository of another home: {folder}")
    remedy = Text(
        "jikimi.toml의 backup.folder를 확인하세요. 이 홈의 것이 맞다면 `jikimi backup init --adopt`",
        "look at backup.folder in jikimi.toml; if it is this home's own: `jikimi backup init --adopt`",
    )


class NoRoom(NotWell):
    """There is too little room for a backup."""

    what = Text(
        "백업할 자리가 부족합니다: {folder}에 {free} MB, 필요 {need} MB",
        "too little room for a backup: {free} MB free at {folder}, {need} MB needed",
    )
    remedy = Text("디스크를 비우거나 backup.folder를 바꾸세요", "free some space, or change backup.folder")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the repository lies, *free* says how many bytes are free there.

    Attributes:
        least_free: so much must be free before a run.
        ballast: the size of the file that is given up when the disk is full; 0 for none.
    """

    folder: Path
    least_free: int = LEAST_FREE
    ballast: int = BALLAST_BYTES
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    def engine(self) -> str:
        """Return which engine made what lies here, "" if there is no repository."""
        return str(self._says().get("engine", ""))

    def create(self, repository: Repository, keys: SafeKeys) -> None:
        """Make the repository, by a person's order.

        Raises:
            RepositoryThere: there is one already.
        """
        if (self.folder / SENTINEL).exists():
            raise RepositoryThere(folder=self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        repository.create()
        name = keys.set_repository_id()
        self._write({"v": 1, "id": name, "engine": repository.engine})

    def adopt(self, repository: Repository, keys: SafeKeys) -> None:
        """Take what lies here for this home's own, by a person's order: our key must open it.

        Raises:
            NoRepository, WrongKey: it cannot be used.
        """
        says = self._says()
        if not says.get("id"):
            raise NoRepository(folder=self.folder)
        repository.check_open()
        keys.set_repository_id(str(says["id"]))

    def check_ours(self, keys: SafeKeys) -> None:
        """See that the repository of this home lies here.

        Raises:
            NoRepository: nothing does, as when a disk is not mounted. NotOurs: another one does.
        """
        found = self._says().get("id")
        if not found:
            raise NoRepository(folder=self.folder)
        if found != keys.repository_id():
            raise NotOurs(folder=self.folder)

    def make_room(self, wanted: int, reclaim: Callable[[], object]) -> bool:
        """See that there is room; return whether the ballast had to be given up for it.

        Args:
            wanted: bytes that the run may need. reclaim: frees what can be freed.

        Raises:
            NoRoom: even so there is too little.
        """
        need = max(self.least_free, wanted)
        if self.free(self.folder) >= need:
            self._load()
            return False
        (self.folder / BALLAST).unlink(missing_ok=True)
        with suppress(JikimiError, OSError):  # on a disk without a free byte it cannot even be locked
            reclaim()
        if (free := self.free(self.folder)) < need:
            raise NoRoom(folder=self.folder, free=free >> 20, need=need >> 20)
        return True

    def _load(self) -> None:
        path = self.folder / BALLAST
        if not self.ballast or path.exists() or self.free(self.folder) < self.least_free + self.ballast:
            return
        partial = path.with_name(f"{BALLAST}.partial")
        with partial.open("wb") as out:
            for _ in range(0, self.ballast, _CHUNK):
                out.write(os.urandom(_CHUNK))  # what a file system packs or leaves out would be no weight
        partial.replace(path)

    def _says(self) -> dict[str, object]:
        try:
            return dict(json.loads((self.folder / SENTINEL).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def _write(self, document: dict[str, object]) -> None:
        partial = self.folder / f"{SENTINEL}.partial"
        partial.write_text(json.dumps(document), encoding="utf-8")
        partial.replace(self.folder / SENTINEL)
