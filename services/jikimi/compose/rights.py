"""Who may write where: the home belongs to the person who has it, and the services' user writes beside that person."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from jikimi.compose.secrets import OWN
from jikimi.config.home import FOLDERS
from jikimi.errors import NotWell
from jikimi.text import Text

_FOLDER, _FILE = 0o2775, 0o664  # with set-group-id, what a person drops belongs to the services' group
_LINES = ("inbox", "work", "rejected", "rules", "flows")
_EDITED = ("rules", "flows")
_APPENDED = ("outputs", "logs")  # files in them are written on for days


class HomeNotWritable(NotWell):
    """The services' user cannot write into the home."""

    what = Text(
        "서비스 사용자({user})가 {folder}에 쓸 수 없습니다: {why}",
        "the services' user ({user}) cannot write into {folder}: {why}",
    )
    remedy = Text(
        "이 폴더의 주인을 바꾸세요: sudo chown -R $(id -u):{user} home && sudo chmod -R g+rwX home",
        "change who owns it: sudo chown -R $(id -u):{user} home && sudo chmod -R g+rwX home",
    )


def open_home(home: Path) -> None:
    """Let the owner of *home* and the services' user both write into its folders, whoever used it until now.

    A file system that has no owners, as a folder shared from Windows or macOS, allows both anyway. What is a link, and
    what anybody takes away meanwhile, is left alone.
    """
    person = home.stat().st_uid
    for path in _all_of(home):
        with suppress(PermissionError, FileNotFoundError):
            if path.is_symlink():
                continue
            found = path.stat()
            # what a restore has brought is a service's, which can give nothing away
            is_restored = found.st_uid == OWN and (path.is_dir() or _is_edited(home, path))
            if is_restored or (found.st_uid in (0, person) and found.st_gid != OWN):
                os.chown(path, person, OWN)
            path.chmod(_FOLDER if path.is_dir() else _FILE)


def _is_edited(home: Path, path: Path) -> bool:
    """Return whether a person edits *path*: the settings, the rules, the flows."""
    return path.parent == home or path.relative_to(home).parts[0] in _EDITED


def open_folder(folder: Path) -> None:
    """Let the services' user write into *folder* beside its owner, as far as its file system has owners."""
    with suppress(PermissionError):
        os.chown(folder, -1, OWN)
        folder.chmod(_FOLDER)


def _all_of(home: Path) -> Iterator[Path]:
    """Yield the home, its settings, and of its folders what a person or a service goes on writing.

    The years of settled files are not walked through, and secrets of a stack that ran here without containers
    are none of ours.
    """
    yield home
    yield from sorted(home.glob("*.toml"))
    for name in sorted({folder.partition("/")[0] for folder in FOLDERS}):
        folder = home / name
        if folder.is_symlink() or not folder.is_dir():
            continue
        yield folder
        if name in _LINES:
            yield from sorted(folder.rglob("*"))
        else:
            years = _folders_in(folder)
            yield from years
            for year in years:
                yield from _folders_in(year)
        if name in _APPENDED:
            yield from sorted(path for path in folder.iterdir() if path.is_file())


def _folders_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())


def give_to_services(folders: Sequence[Path]) -> None:
    """Make *folders* and give them, and what is in them, to the services' user."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, OWN, OWN, follow_symlinks=False)


def check_as_services(folders: Sequence[Path]) -> None:
    """See, as the services' user, that files can be made in *folders*, renamed, removed and written on.

    Raises:
        HomeNotWritable: with the first folder where that fails.
    """
    for folder in folders:
        child = os.fork()
        if child == 0:
            os._exit(_try(folder))
        _, status = os.waitpid(child, 0)
        if code := os.waitstatus_to_exitcode(status):
            raise HomeNotWritable(folder=folder, user=OWN, why=os.strerror(code) if code > 0 else code)


def _try(folder: Path) -> int:
    try:
        os.setgroups([])
        os.setgid(OWN)
        os.setuid(OWN)
        probe = folder / ".jikimi-probe"
        probe.touch()
        probe.replace(folder / ".jikimi-probe-2").unlink()
        below = [path for path in (*_folders_in(folder), *folder.glob("*.jsonl")) if not os.access(path, os.W_OK)]
        if below:
            return errno.EACCES
    except OSError as error:
        return error.errno or 1
    return 0
