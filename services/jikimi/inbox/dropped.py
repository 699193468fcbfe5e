"""The folders: which dropped files are ready, how one is claimed, and where it goes afterwards.

A file is only ever renamed, never copied or deleted: whatever is killed, it lies whole in one place.
"""

import contextlib
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from jikimi.config import Home
from jikimi.config.model import FLOWS, OUTGOING

_STRAY = re.compile(r"\.|~\$|(thumbs\.db|desktop\.ini)$", re.IGNORECASE)  # what other programs put beside a file
_UNFINISHED = re.compile(r"\.(tmp|part|partial|crdownload|download)$", re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_LONGEST_NAME = 180  # bytes: a file system takes 255, and other names are made of it
_LONGEST_ENDING = 10
LEAST_FREE_BYTES = 1_000_000_000  # with less room on the disk nothing is taken in
LOOSE = ""  # the place of files that lie in inbox/ itself
_LOOSE_IN_WORK = "_"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file in `work/`, in a folder of its own so that it keeps its name.

    Attributes:
        place: the folder below `inbox/` into which it was dropped, such as "card" or "flows/orders", or `LOOSE`.
    """

    path: Path
    place: str

    @property
    def name(self) -> str:
        """The file's name as the person dropped it, made safe for use in other names."""
        return safe_name(self.path.name)

    @property
    def claim(self) -> str:
        """The name of the folder that was made for it: another drop of the same bytes has another."""
        return self.path.parent.name

    def read(self) -> tuple[bytes, str]:
        """Return the bytes and their SHA-256 in hex."""
        data = self.path.read_bytes()
        return data, hashlib.sha256(data).hexdigest()


def safe_name(name: str) -> str:
    """Return *name* without control characters and separators, and not too long; its ending is kept."""
    clean = _UNSAFE.sub("_", name).strip(" .") or "file"
    if len(clean.encode()) <= _LONGEST_NAME:
        return clean
    stem, dot, ending = clean.rpartition(".")
    if not stem or len(ending) > _LONGEST_ENDING:
        stem, dot, ending = clean, "", ""
    room = _LONGEST_NAME - len(f"{dot}{ending}".encode())
    return f"{stem.encode()[:room].decode(errors='ignore')}{dot}{ending}"


def is_settled(status: os.stat_result, now: datetime, settle: timedelta) -> bool:
    """Return whether a file has not changed for *settle*.

    On POSIX the change time counts, which no copying program sets back; on Windows the time of writing.
    """
    changed = status.st_mtime if os.name == "nt" else status.st_ctime
    return now.timestamp() - changed >= settle.total_seconds()


def ready(home: Home, places: Iterable[str], now: datetime, settle: timedelta) -> list[Claimed]:
    """Return the files that lie in *places* and may be taken now, oldest first; nothing is moved yet."""
    found = []
    for place in places:
        for path, status in _files(home / "inbox" / place):
            if is_settled(status, now, settle):
                found.append((status.st_mtime_ns, path.name, Claimed(path, place)))
    return [claimed for _, _, claimed in sorted(found, key=lambda item: item[:2])]


def claim(home: Home, dropped: Claimed) -> Claimed | None:
    """Move a dropped file into `work/`; None if it is gone or cannot be moved yet."""
    folder = home / "work" / (dropped.place or _LOOSE_IN_WORK) / secrets.token_hex(4)
    folder.mkdir(parents=True)
    target = folder / dropped.path.name
    try:
        dropped.path.rename(target)
    except OSError:
        _remove_if_empty(folder)
        return None
    return Claimed(target, dropped.place)


def claimed(home: Home, within: str = "") -> list[Claimed]:
    """Return the files in `work/`, oldest first: those of this cycle, and what earlier ones left waiting.

    Args:
        home: the home in whose `work/` they lie.
        within: "" for the inbox itself and the places that lie in it, `FLOWS` for those of flows: one never sees
            the files of the other, nor clears its folders away.
    """
    found = []
    for place, place_folder in _places(home, within):
        for folder in _folders(place_folder):
            files = list(_files(folder, unfinished=True))
            if not files:
                _remove_if_empty(folder)
            found += [(status.st_mtime_ns, path.name, Claimed(path, place)) for path, status in files]
    return [item for _, _, item in sorted(found, key=lambda entry: entry[:2])]


def is_claimed(home: Home, claim: str, within: str = "") -> bool:
    """Return whether the file of that claim still lies in `work/`, in one of the places *within*."""
    return any(list(_files(folder / claim, unfinished=True)) for _, folder in _places(home, within))


def move(home: Home, claimed_file: Claimed, folder: Path, *, prefix: str = "") -> Path:
    """Move a claimed file into *folder* below the home, under a name that is free there."""
    target_folder = home.root / folder
    target_folder.mkdir(parents=True, exist_ok=True)
    name = prefix + claimed_file.name
    stem, dot, ending = name.rpartition(".")
    target, number = target_folder / name, 1
    while target.exists():
        number += 1
        target = target_folder / (f"{stem} ({number}){dot}{ending}" if dot else f"{name} ({number})")
    claimed_file.path.rename(target)
    _remove_if_empty(claimed_file.path.parent)
    return target


def _places(home: Home, within: str) -> Iterator[tuple[str, Path]]:
    """Yield the places *within* that have had a file, each with its folder in `work/`."""
    if within and not (home / "work" / within).is_dir():
        return
    for folder in _folders(home / "work" / within):
        if within:
            yield f"{within}/{folder.name}", folder
        elif folder.name not in (FLOWS, OUTGOING):
            yield LOOSE if folder.name == _LOOSE_IN_WORK else folder.name, folder


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _files(folder: Path, *, unfinished: bool = False) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        paths = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return  # never made, or done with by another process meanwhile
    for path in paths:
        if _STRAY.match(path.name) or (_UNFINISHED.search(path.name) and not unfinished):
            continue
        try:
            status = path.lstat()
        except OSError:
            continue  # taken away between the listing and the look
        if stat.S_ISREG(status.st_mode):
            yield path, status


def _remove_if_empty(folder: Path) -> None:
    """Remove the folder of a claim; one that is gone, or holds what is not ours, is left as it is."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def own_page(home: Home, name: str, file_id: str) -> Path:
    """Return where the answer to the file of that name and id stands; that of another file of the name is kept."""
    path = home / "outputs/results" / f"{name}.html"
    if path.exists() and f'"{file_id}"' not in path.read_text(encoding="utf-8"):
        return path.with_name(f"{name}.{file_id}.html")
    return path
