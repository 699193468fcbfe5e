"""The two keys of the safe: the machine's, with which it works, and the one on the recovery sheet.

Each is an age identity in a file of its own, one line; restic takes the same line as its password. Both are made at
first start, never again: new ones are made by `prepare` and `turn`, and the old go on opening what they opened.
"""

import hashlib
import json
import os
import secrets
from datetime import datetime
from pathlib import Path

from jikimi.backup.age_file import new_identity, public_of

MACHINE, RECOVERY = "machine", "recovery"
OFFSITE, OFFSITE_RECOVERY = "offsite", "offsite-recovery"  # of the second repository, which knows none of the first's
_NEXT = ".next"
_RETIRED, _ID, _CONFIRMED, _MADE = "retired", "repository-id", "confirmed.json", "made.json"
_OFFSITE_ID = "offsite-repository-id"
_PRIVATE, _FOLDER = 0o600, 0o700


class SafeKeys:
    """The files below `keys/backup`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, now: datetime) -> None:
        """Make the keys that are missing; a recovery key that is there is never replaced."""
        self._folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        for name in (MACHINE, RECOVERY):
            if not self.file(name).exists():
                _write(self.file(name), f"{new_identity()}\n")
        if not (self._folder / _MADE).exists():
            _write(self._folder / _MADE, json.dumps({"v": 1, "at": now.isoformat()}))

    def make_offsite(self, now: datetime) -> None:
        """Make those of the second repository that are missing; the sheet is then another one, to be confirmed anew."""
        self.make(now)
        missing = [name for name in (OFFSITE, OFFSITE_RECOVERY) if not self.file(name).exists()]
        for name in missing:
            _write(self.file(name), f"{new_identity()}\n")
        if missing:
            _write(self._folder / _MADE, json.dumps({"v": 1, "at": now.isoformat()}))

    def file(self, name: str) -> Path:
        """Return the file of one key."""
        return self._folder / name

    def are_made(self) -> bool:
        """Return whether the machine has a key."""
        return self.file(MACHINE).exists()

    def identities(self) -> list[str]:
        """Return every private key at hand: the machine's, retired ones, the recovery key, those for off-site."""
        names = (MACHINE, _RETIRED, RECOVERY, OFFSITE, OFFSITE_RECOVERY)
        lines = [line for name in names for line in _lines(self.file(name))]
        return list(dict.fromkeys(lines))

    def recovery_key(self) -> str:
        """Return the private key that stands on the recovery sheet."""
        return _lines(self.file(RECOVERY))[0]

    def offsite_recovery_key(self) -> str:
        """Return the private key on the sheet that opens the second repository, "" if there is none."""
        return "".join(_lines(self.file(OFFSITE_RECOVERY))[:1])

    def recipients(self) -> list[str]:
        """Return the public keys that a new snapshot is made for."""
        return self._publics(MACHINE, RECOVERY)

    def offsite_recipients(self) -> list[str]:
        """Return those that a copy off-site is made for."""
        return self._publics(OFFSITE, OFFSITE_RECOVERY)

    def _publics(self, *names: str) -> list[str]:
        return [public_of(line) for name in names for line in _lines(self.file(name))[:1]]

    def retired(self) -> list[str]:
        """Return the old private keys that new ones have replaced, the newest first."""
        now = [line for name in (MACHINE, RECOVERY) for line in _lines(self.file(name))]
        return [line for line in _lines(self.file(_RETIRED)) if line not in now]

    def prepare(self) -> list[str]:
        """Make the keys to come, unless they are made, and return them; so far they are in use for nothing."""
        for name in (MACHINE, RECOVERY):
            if not self.file(name + _NEXT).exists():
                _write(self.file(name + _NEXT), f"{new_identity()}\n")
        return [line for name in (MACHINE, RECOVERY) for line in _lines(self.file(name + _NEXT))]

    def turn(self, now: datetime) -> None:
        """Use the prepared keys from now on; the old are kept for what they alone open."""
        old = [line for name in (MACHINE, RECOVERY) for line in _lines(self.file(name))]
        kept = dict.fromkeys([*old, *_lines(self.file(_RETIRED))])
        _write(self.file(_RETIRED), "".join(f"{line}\n" for line in kept))
        _write(self._folder / _MADE, json.dumps({"v": 1, "at": now.isoformat()}))
        for name in (RECOVERY, MACHINE):
            self.file(name + _NEXT).replace(self.file(name))

    def make_way_for(self, living: "SafeKeys") -> None:
        """Take over the keys that *living* works with, for newer snapshots need them; the own ones go on opening."""
        if not living.are_made():
            return
        own = self.identities()
        self._folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        for path in living.file("").iterdir():
            _write(self.file(path.name), path.read_text(encoding="utf-8"))
        retired = [*_lines(living.file(_RETIRED)), *(line for line in own if line not in living.identities())]
        if retired:
            _write(self.file(_RETIRED), "".join(f"{line}\n" for line in retired))

    def repository_id(self) -> str:
        """Return which repository is ours, "" if none was ever made."""
        return "".join(_lines(self._folder / _ID)[:1])

    def set_repository_id(self, name: str = "") -> str:
        """Remember which repository is ours, and return its id; a new one if none is given."""
        name = name or secrets.token_hex(16)
        _write(self._folder / _ID, f"{name}\n")
        return name

    def offsite_id(self) -> str:
        """Return which repository off-site is ours, "" if none was ever made."""
        return "".join(_lines(self._folder / _OFFSITE_ID)[:1])

    def set_offsite_id(self, name: str) -> None:
        """Remember which repository off-site is ours."""
        _write(self._folder / _OFFSITE_ID, f"{name}\n")

    def made_at(self) -> datetime | None:
        """Return when the keys were made."""
        return _when(self._folder / _MADE)

    def confirmed_at(self) -> datetime | None:
        """Return when a person said that the sheet of these very keys is kept; None if that was never said."""
        document = _document(self._folder / _CONFIRMED)
        return _when(self._folder / _CONFIRMED) if document.get("code") == self.code() else None

    def code(self) -> str:
        """Return what stands on the sheet, and only there, for its owner to type: it says which keys they hold."""
        public = ",".join(self._publics(RECOVERY, OFFSITE_RECOVERY))
        digest = hashlib.sha256(f"{public}{self.repository_id()}".encode()).hexdigest().upper()
        return f"{digest[:4]}-{digest[4:8]}"

    def confirm(self, code: str, now: datetime) -> bool:
        """Write down that the sheet is kept; return False if *code* is not what stands on it."""
        if code.strip().upper() != self.code():
            return False
        _write(self._folder / _CONFIRMED, json.dumps({"v": 1, "at": now.isoformat(), "code": self.code()}))
        return True


def _lines(file: Path) -> list[str]:
    if not file.exists():
        return []
    return [line.strip() for line in file.read_text(encoding="ascii").splitlines() if line.strip()]


def _document(file: Path) -> dict[str, str]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _when(file: Path) -> datetime | None:
    at = _document(file).get("at")
    return datetime.fromisoformat(at) if at else None


def _write(file: Path, text: str) -> None:
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)
