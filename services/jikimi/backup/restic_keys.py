"""The keys of a restic repository: each opens a slot with the one master key, which never changes."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jikimi.backup.port import NotStored
from jikimi.backup.restic_call import Called, Code, Restic


def add_key(restic: Restic, key: str, folder: Path) -> Called | None:
    """Make a slot for *key*, and return what came of it; None if it has one.

    Args:
        folder: where a file with the key lies for as long as this lasts.
    """
    with _as_file(key, folder) as file:
        if restic.with_key(file).call("cat", "config", "--no-lock").code == Code.WELL:
            return None
        return restic.call("key", "add", "--new-password-file", str(file))


def drop_key(restic: Restic, key: str, folder: Path) -> Called | None:
    """Remove the slot of *key*, and return what came of it; None if it has none.

    Raises:
        NotStored: which one it is cannot be told.
    """
    with _as_file(key, folder) as file:
        listed = restic.with_key(file).call("key", "list", "--json", "--no-lock")
    if listed.code == Code.WRONG_KEY:
        return None
    if listed.code != Code.WELL:
        return listed
    current = [str(one["id"]) for one in json.loads(listed.out) if one.get("current")]
    if len(current) != 1:
        raise NotStored(doing="restic key list", why="no current key")
    return restic.call("key", "remove", *current)


@contextmanager
def _as_file(key: str, folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "key"
        file.touch(mode=0o600)
        file.write_text(f"{key}\n", encoding="ascii")
        yield file
