"""A restic repository in another place: a folder or mount, SFTP, S3. It is filled by restic's own copy."""

import json
import platform
import shlex
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as BadIni
from dataclasses import dataclass
from pathlib import Path

import structlog

from jikimi.backup.offsite_errors import NoOffsite, OffsiteThere, WrongOffsiteKey
from jikimi.backup.port import NotStored, Told, nobody
from jikimi.backup.restic import ResticRepository
from jikimi.backup.restic_call import Called, Code, Reach, Restic
from jikimi.config import Home
from jikimi.config.backup import Offsite
from jikimi.config.secret import NoSecret
from jikimi.runtime.process_list import process_of

log = structlog.get_logger()
PATIENCE_S = 60.0
_NEEDED = ("aws_access_key_id", "aws_secret_access_key")


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds a lock, as restic writes it down."""

    host: str
    pid: int


class OffsiteRestic(ResticRepository):
    """The second repository.

    Args:
        place: as the settings name it. folder: where it lies if it is a folder.
        source: the first repository, None where nothing is copied.
        patience_s: how long it may take to answer at all.
    """

    def __init__(
        self,
        restic: Restic,
        place: str,
        host: str,
        scratch: Path,
        *,
        folder: Path | None = None,
        source: Restic | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        super().__init__(folder or Path(place), restic, host, scratch)
        self._place, self._is_folder, self._source, self._patience_s = place, folder is not None, source, patience_s

    def create(self) -> None:
        """Make it, cutting files as the first one does: else nothing that is in both would be found in both."""
        if self._is_folder and self._folder.exists() and any(self._folder.iterdir()):
            raise OffsiteThere(place=self._place)
        source = self._source.as_source() if self._source else {}
        like = ["--copy-chunker-params"] if source else []
        done = self._restic.call("init", *like, environment=source, within_s=2 * self._patience_s)
        if done.code == Code.FAILED and ("already exists" in done.said or "already initialized" in done.said):
            raise OffsiteThere(place=self._place)
        if done.code != Code.WELL:
            self._raise(done, "init")

    def check_open(self) -> None:
        """Ask for its own settings."""
        self.identity()

    def identity(self) -> str:
        """Return restic's own id of it."""
        self._is_there()
        done = self._restic.call("cat", "config", "--no-lock", within_s=self._patience_s)
        if done.code != Code.WELL:
            self._raise(done, "cat")
        return str(json.loads(done.out)["id"])

    def take(self, snapshot: str, *, told: Told = nobody) -> None:
        """Copy one snapshot."""
        if self._source is None:
            raise NotStored(doing="restic copy", why="no repository to copy from")
        done = self._restic.call("copy", snapshot, told=told, environment=self._source.as_source())
        if done.code != Code.WELL:
            self._raise(done, "copy")

    def clear_leftovers(self) -> None:
        """Remove what a killed run of this machine has left; what others have locked stays locked."""
        locks = list(self._locks())
        others = [lock for lock in locks if not is_left_by_us(lock, platform.node(), _program_of(lock.pid))]
        if others:
            log.warning("offsite.locked", by=", ".join(sorted({f"{lock.host}:{lock.pid}" for lock in others})))
        elif locks:
            self._call("unlock", "--remove-all")  # in a container somebody else may have the dead one's number by now
        if self._is_folder:
            for half in self._folder.rglob("*-tmp-*"):
                half.unlink(missing_ok=True)

    def escrow(self) -> Mapping[str, bytes]:
        """Return nothing: where these files are lost, the first repository still stands."""
        return {}

    def _locks(self) -> Iterator[Lock]:
        for name in self._call("list", "locks", "--no-lock").out.split():
            done = self._restic.call("cat", "lock", name, "--no-lock")
            if done.code == Code.WELL:  # else it was removed meanwhile
                document = json.loads(done.out)
                yield Lock(str(document.get("hostname", "")), int(document.get("pid", 0)))

    def _is_there(self) -> None:
        if self._is_folder and not (self._folder / "config").exists():
            raise NoOffsite(place=self._place)

    def _raise(self, done: Called, doing: str) -> None:
        if done.code == Code.WRONG_KEY:
            raise WrongOffsiteKey(place=self._place)
        if done.code == Code.NO_REPOSITORY:
            raise NoOffsite(place=self._place)
        super()._raise(done, doing)


def is_left_by_us(lock: Lock, host: str, program: tuple[str, ...] | None) -> bool:
    """Return whether a process of this machine has left *lock* and is gone. The caller holds the safe's lock.

    Args:
        program: the words of the process that has the lock's number now, None if there is none.
    """
    if lock.host != host:
        return False
    # () is one that we may not look at
    return program is None or bool(program and not any("restic" in word for word in program[:1]))


def reach_of(settings: Offsite, home: Home) -> Reach:
    """Return how restic reaches the place that *settings* name: secrets by their files, never in its words.

    Raises:
        NoSecret: a file is missing, or has no such keys.
    """
    if settings.to.startswith("sftp:"):
        key, hosts = (_readable(home / name) for name in (settings.key_file, settings.known_hosts))
        # nothing of what this user has set up for ssh counts, and no unknown server is believed
        words = [
            "-F", "none", "-i", key.as_posix(), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=yes", "-o", f'UserKnownHostsFile="{hosts.as_posix()}"',
            "-o", "GlobalKnownHostsFile=none", "-o", "ConnectTimeout=20",
            "-o", "ServerAliveInterval=30", "-o", "ServerAliveCountMax=4",
        ]  # fmt: skip
        return Reach((f"sftp.args={shlex.join(words)}",))
    if settings.to.startswith("s3:"):
        file = _readable(home / settings.credentials_file)
        _check_credentials(file)
        options = (f"s3.region={settings.region}",) if settings.region else ()
        return Reach(options, {"AWS_SHARED_CREDENTIALS_FILE": str(file)})
    return Reach()


def _readable(file: Path) -> Path:
    try:
        with file.open("rb") as opened:
            opened.read(1)
    except OSError as error:
        raise NoSecret(file=file, why=error.strerror or type(error).__name__) from None
    return file


def _check_credentials(file: Path) -> None:
    """See that *file* has keys: without them restic asks the cloud's machines for some, for minutes."""
    found = ConfigParser(interpolation=None)
    try:
        found.read_string(file.read_text(encoding="utf-8-sig"))
        has_them = all(found.get("default", name, fallback="") for name in _NEEDED)
    except (BadIni, UnicodeDecodeError):  # neither may be shown: it quotes the line
        has_them = False
    if not has_them:
        raise NoSecret(file=file, why=f"no {' and '.join(_NEEDED)} below [default]")


def _program_of(pid: int) -> tuple[str, ...] | None:
    found = process_of(pid)
    return found.command if found else None
