"""One snapshot as one file, for another place or another hand, out of whichever engine keeps it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from jikimi.backup.age_file import write_plain, write_sealed
from jikimi.backup.port import Repository, Source
from jikimi.backup.tar_stream import TarStream
from jikimi.backup.wanted import SECRET
from jikimi.errors import WrongUse
from jikimi.text import Text

SEALED, PLAIN = ".tar.zst.age", ".tar.zst"


class SecretsInPlain(WrongUse):
    """Keys and passwords never go into a file that everybody can read."""

    what = Text(
        "암호화하지 않은 파일에는 열쇠와 암호를 담지 않습니다: {names}",
        "keys and passwords do not go into a readable file: {names}",
    )
    remedy = Text(
        "파일 이름을 .tar.zst.age로 하거나 --without-secrets를 붙이세요",
        "name it .tar.zst.age, or add --without-secrets",
    )


class NoSuchEnding(WrongUse):
    """The name does not say what is wanted."""

    what = Text("파일 이름의 끝을 알 수 없습니다: {name}", "the ending says nothing: {name}")
    remedy = Text(".tar.zst.age 또는 .tar.zst로 끝나야 합니다", "it must end in .tar.zst.age or .tar.zst")


def export_to(
    repository: Repository,
    snapshot: str,
    target: Path,
    scratch: Path,
    recipients: Sequence[str],
    *,
    without_secrets: bool = False,
) -> int:
    """Write *snapshot* to *target* and return its size in bytes.

    Args:
        scratch: a folder of our own, emptied before and after.

    Raises:
        SecretsInPlain: *target* would be readable and hold secrets. NoSuchEnding: neither of both endings.
    """
    if not target.name.endswith((SEALED, PLAIN)):
        raise NoSuchEnding(name=target.name)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    try:
        repository.restore(snapshot, scratch)
        held = [name for name in SECRET if (scratch / name).exists()]
        if without_secrets:
            for name in held:
                _remove(scratch / name)
        elif held and target.name.endswith(PLAIN):
            raise SecretsInPlain(names=", ".join(held))
        stream = TarStream([Source(path.name, path) for path in sorted(scratch.iterdir())])
        if target.name.endswith(SEALED):
            return write_sealed(stream, target, recipients)
        return write_plain(stream, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
