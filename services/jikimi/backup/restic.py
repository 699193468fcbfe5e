"""The restic engine: encrypted, deduplicated, of a well-known format. It stores; all judgement is ours.

restic keeps absolute paths. Which of them is which name stands in a small file that each snapshot carries along.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
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
from jikimi.backup.restic_call import Called, Code, Restic
from jikimi.backup.restic_keys import add_key, drop_key

TAG = HOST = "jikimi"
_NAMES = "jikimi-names.json"
_ID = re.compile(r"[0-9a-f]{64}")
_PACK = re.compile(r"pack[s]? ([0-9a-f]{64})")
_REPAIR = re.compile(r"restic repair packs ((?:[0-9a-f]{8,64} ?)+)")
_LOST = re.compile(r'file "(.+?)"')
_ESCROW = ("config", "keys")


class ResticRepository:
    """A restic repository in `folder/restic`.

    Args:
        host: the fixed name of this stack: a container's own name changes with every start.
        scratch: a folder of our own with a fixed path.
    """

    engine = "restic"

    def __init__(self, folder: Path, restic: Restic, host: str, scratch: Path) -> None:
        self._folder, self._restic, self._host, self._scratch = folder / "restic", restic, host, scratch
        self._known: dict[str, dict[str, str]] = {}

    def create(self) -> None:
        """Make it, for the machine's key."""
        if self._folder.exists() and any(self._folder.iterdir()):
            raise RepositoryThere(folder=self._folder)
        self._call("init")

    def check_open(self) -> None:
        """Ask for its own settings, which only the right key opens."""
        self._is_there()
        self._call("cat", "config", "--no-lock")

    def clear_leftovers(self) -> None:
        """Remove every lock: we alone write here, and a killed run's lock ends all verifying and pruning for good."""
        if (self._folder / "locks").is_dir() and any((self._folder / "locks").iterdir()):
            self._call("unlock", "--remove-all")
        for half in self._folder.rglob("*-tmp-*"):
            half.unlink(missing_ok=True)

    def put(self, sources: Sequence[Source], at: datetime, *, told: Told = nobody, afresh: bool = False) -> Stored:
        """Back up every source by its absolute path."""
        self._is_there()
        self._scratch.mkdir(parents=True, exist_ok=True)
        names = {source.name: str(source.path.resolve()) for source in sources}
        carried, listed = self._scratch / _NAMES, self._scratch / "restic-sources"
        carried.write_text(json.dumps(names), encoding="ascii")
        listed.write_bytes(b"".join(os.fsencode(path) + b"\0" for path in (str(carried), *names.values())))
        time = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        force = ["--force"] if afresh else []
        done = self._restic.call(
            "backup", "--host", self._host, "--tag", TAG, "--group-by", "tags", "--time", time,
            "--files-from-raw", str(listed), *force, told=told, environment={"TZ": "UTC"},
        )  # fmt: skip
        if done.code not in (Code.WELL, Code.PARTLY) or not done.summary.get("snapshot_id"):
            self._raise(done, "backup")
        found = done.summary
        self._known[found["snapshot_id"]] = names
        bad = [_name_of(str(error.get("item", "")), names) for error in done.errors]
        return Stored(
            found["snapshot_id"],
            found["total_files_processed"] - 1,
            found["total_bytes_processed"] - carried.stat().st_size,
            found.get("data_added_packed", found["data_added"]),
            tuple(dict.fromkeys(name for name in bad if name)),
        )

    def snapshots(self) -> list[Snapshot]:
        """Return those that are ours."""
        self._is_there()
        documents = json.loads(self._call("snapshots", "--json", "--no-lock", "--tag", TAG).out or "[]")
        found = [
            Snapshot(
                one["id"],
                datetime.fromisoformat(_micros(one["time"])),
                one.get("summary", {}).get("data_added"),
                one.get("original", ""),
            )
            for one in documents
        ]
        return sorted(found, key=lambda one: (one.at, one.id))

    def read(self, snapshot: str, name: str) -> bytes:
        """Dump one file."""
        names = self._names(snapshot)
        path = _path_of(name, names)
        if path is None:
            raise NoSnapshot(snapshot=f"{snapshot}:{name}")
        return self._dump(snapshot, path)

    def verify(self, share: Share = ALL) -> Verified:
        """Check the structure, and read the data, all of it or a share."""
        how = "--read-data" if share.of == 1 else f"--read-data-subset={share.part}/{share.of}"
        done = self._restic.call("check", how)
        if done.code == Code.WELL:
            return Verified()
        if done.code not in (Code.FAILED, Code.PARTLY):
            self._raise(done, "check")
        said = f"{done.out}\n{done.said}"
        packs = {pack for line in _REPAIR.findall(said) for pack in line.split()} | set(_PACK.findall(said))
        return Verified(tuple(sorted(packs)), tuple(sorted(set(_LOST.findall(said)))), done.why())

    def mend(self, found: Verified) -> bool:
        """Take the damaged packs out; a backup by force stores again what was in them."""
        if found.broken:
            with tempfile.TemporaryDirectory(dir=self._scratch.parent) as place:
                # it leaves copies of the damaged packs where it is run
                self._call("repair", "packs", *found.broken, folder=Path(place))
        else:
            self._call("repair", "index")
        return True

    def restore(self, snapshot: str, into: Path, only: Sequence[str] = (), *, told: Told = nobody) -> None:
        """Restore beside, then move each source under its name."""
        names = self._names(snapshot)
        paths = [_path_of(name, names) for name in only]
        if any(path is None for path in paths):
            raise NoSnapshot(snapshot=f"{snapshot}:{', '.join(only)}")
        into.mkdir(parents=True, exist_ok=True)
        wanted = [option for path in paths if path for option in ("--include", _escaped(path))]
        with tempfile.TemporaryDirectory(dir=into, prefix=".restic-") as place:
            target = Path(place)
            done = self._restic.call("restore", snapshot, "--no-lock", "--target", place, *wanted, told=told)
            if done.code not in (Code.WELL, Code.FAILED, Code.PARTLY):
                self._raise(done, "restore")
            moved = 0
            for name, path in sorted(names.items()):
                # of files and folders only a part may be wanted
                if (there := _below(target, path)).exists() or there.is_symlink():
                    _move(there, into / name)
                    moved += 1
            files = [_name_of(str(error.get("item", "")), names) for error in done.errors]
        if done.code != Code.WELL:
            raise Damaged(snapshot=snapshot, why=done.why(), files=[name for name in files if name])
        if only and not moved:
            raise NoSnapshot(snapshot=f"{snapshot}:{', '.join(only)}")

    def delete(self, snapshots: Sequence[str]) -> None:
        """Forget exactly these."""
        known = {one.id for one in self.snapshots()}
        if going := [one for one in snapshots if one in known]:
            self._call("forget", *going)
        for one in snapshots:
            self._known.pop(one, None)

    def reclaim(self) -> None:
        """Prune, which `forget` itself does only if it removed something."""
        self._call("prune")

    def add_key(self, key: str) -> None:
        """Let *key* open it as well, unless it does so already."""
        if (done := add_key(self._restic, key, self._scratch.parent)) and done.code != Code.WELL:
            self._raise(done, "key add")

    def drop_key(self, key: str) -> None:
        """Let *key* open nothing here any more; ours must be another one."""
        if (done := drop_key(self._restic, key, self._scratch.parent)) and done.code != Code.WELL:
            self._raise(done, "key remove")

    def escrow(self) -> Mapping[str, bytes]:
        """Return `config` and every file of `keys`: without them the right key opens nothing."""
        files = [path for name in _ESCROW for path in _files(self._folder / name)]
        return {path.relative_to(self._folder).as_posix(): path.read_bytes() for path in files}

    def recover(self, escrow: Mapping[str, bytes]) -> None:
        """Put back what is missing."""
        for name, data in escrow.items():
            path = self._folder / name
            if name.split("/")[0] in _ESCROW and ".." not in name and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)

    def _names(self, snapshot: str) -> dict[str, str]:
        self._is_there()
        if snapshot in self._known:
            return self._known[snapshot]
        if not _ID.fullmatch(snapshot):
            raise NoSnapshot(snapshot=snapshot or '""')
        listed = json.loads(self._call("snapshots", "--json", "--no-lock", snapshot, doing=snapshot).out or "[]")
        paths = [path for one in listed or [] for path in one["paths"] if Path(path).name == _NAMES]
        if not paths:
            raise NoSnapshot(snapshot=snapshot)
        self._known[snapshot] = dict(json.loads(self._dump(snapshot, paths[0])))
        return self._known[snapshot]

    def _dump(self, snapshot: str, path: str) -> bytes:
        done = self._restic.call("dump", "--no-lock", snapshot, path)
        if done.code == Code.FAILED and "cannot dump" in done.said:
            raise NoSnapshot(snapshot=f"{snapshot}:{path}")
        if done.code == Code.FAILED:
            raise Damaged(snapshot=snapshot, why=done.why())
        if done.code != Code.WELL:
            self._raise(done, "dump")
        return done.raw

    def _is_there(self) -> None:
        if not (self._folder / "config").exists():
            raise NoRepository(folder=self._folder)

    def _call(self, *words: str, doing: str = "", folder: Path | None = None) -> Called:
        done = self._restic.call(*words, folder=folder)
        if done.code == Code.FAILED and "no matching ID" in done.said:
            raise NoSnapshot(snapshot=doing)
        if done.code != Code.WELL:
            self._raise(done, words[0])
        return done

    def _raise(self, done: Called, doing: str) -> None:
        if done.code == Code.WRONG_KEY:
            raise WrongKey(folder=self._folder)
        if done.code == Code.NO_REPOSITORY:
            raise NoRepository(folder=self._folder)
        raise NotStored(doing=f"restic {doing}", why=done.why())


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []


def _name_of(path: str, names: Mapping[str, str]) -> str:
    """Return under which name *path* is saved, "" if under none."""
    for name, root in names.items():
        if path == root or path.startswith(f"{root}/"):
            return name + path.removeprefix(root)
    return ""


def _path_of(name: str, names: Mapping[str, str]) -> str | None:
    for known, root in names.items():
        if name == known or name.startswith(f"{known}/"):
            return root + name.removeprefix(known)
    return None


def _below(target: Path, path: str) -> Path:
    return target.joinpath(*(part.replace(":", "") for part in Path(path).parts if part.strip("/\\")))


def _escaped(path: str) -> str:
    return re.sub(r"([\\*?\[])", r"\\\1", path)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        for each in source.iterdir():
            _move(each, target / each.name)
        with suppress(OSError):
            shutil.copystat(source, target)
    else:
        source.replace(target)


def _micros(text: str) -> str:
    """Return a time with nanoseconds as Python reads it."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)
