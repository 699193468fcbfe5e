"""Copies of the file engine in another folder or mount, each sealed anew for keys of its own."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from jikimi.backup.age_file import NotSealed, Unreadable, opened, sync_folder, write_sealed
from jikimi.backup.archive import FileRepository
from jikimi.backup.offsite_errors import NoOffsite, OffsiteThere
from jikimi.backup.port import Damaged, NotStored, Snapshot, Told, nobody

_SENTINEL = ".jikimi-offsite-id"


class OffsiteFiles(FileRepository):
    """The second repository in *folder*.

    Args:
        identities, recipients: of its own keys.
        source: the first repository's folder, and the private keys that open it; nothing where nothing is copied.
    """

    def __init__(
        self,
        folder: Path,
        identities: Sequence[str],
        recipients: Sequence[str],
        source: tuple[Path, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(folder, identities, recipients)
        self._root, self._source = folder, source

    def create(self) -> None:
        """Make the folder, and say which one it is."""
        if (self._root / _SENTINEL).exists() or self._folder.exists():
            raise OffsiteThere(place=self._root)
        super().create()
        text = json.dumps({"v": 1, "id": secrets.token_hex(16)})
        (self._root / _SENTINEL).write_text(text, encoding="utf-8")

    def identity(self) -> str:
        """Return what stands beside the snapshots."""
        try:
            name = str(json.loads((self._root / _SENTINEL).read_text(encoding="utf-8"))["id"])
        except (OSError, ValueError, KeyError, TypeError):
            raise NoOffsite(place=self._root) from None
        self.check_open()
        return name

    def snapshots(self) -> list[Snapshot]:
        """Return what the names of the files say: a copy is named after what it was made from."""
        return [Snapshot(one.id, one.at, one.bytes, original=one.id) for one in super().snapshots()]

    def take(self, snapshot: str, *, told: Told = nobody) -> None:
        """Read one to its end, which proves it, and seal it for our own keys."""
        if self._source is None:
            raise NotStored(doing="copy", why="no repository to copy from")
        folder, identities = self._source
        source, target = folder / "snapshots" / self._path(snapshot).name, self._path(snapshot)
        if target.exists():
            return
        told(0.0)
        half = target.with_name(f"{target.name}.copy.partial")  # only after its end it shows whether it was all
        try:
            with opened(source, identities) as stream:
                write_sealed(stream, half, self._recipients)
            half.replace(target)
            sync_folder(target.parent)
        except Unreadable as error:
            raise Damaged(snapshot=snapshot, why=str(error)) from error
        except (OSError, NotSealed) as error:
            raise NotStored(doing="copy", why=str(error)) from error
        finally:
            half.unlink(missing_ok=True)
        told(1.0)
