"""The second repository of a home, put together from its settings."""

from collections.abc import Callable
from pathlib import Path

from jikimi.backup.archive import FileRepository
from jikimi.backup.keys import MACHINE, OFFSITE, SafeKeys
from jikimi.backup.offsite import Offsite, OffsiteNote
from jikimi.backup.offsite_errors import NoOffsite, NoOffsiteSet, OffsiteNeedsRestic, WrongOffsiteKey
from jikimi.backup.offsite_files import OffsiteFiles
from jikimi.backup.offsite_restic import PATIENCE_S, OffsiteRestic, reach_of
from jikimi.backup.place import Place
from jikimi.backup.port import OffsiteRepository, Repository
from jikimi.backup.receipts import Receipts
from jikimi.backup.restic import HOST
from jikimi.backup.restic_call import NoRestic, Restic, find_restic
from jikimi.backup.retention import Keep
from jikimi.clock import Clock
from jikimi.config import Config

_NOTE = "state/backup/offsite.json"


def offsite_note(config: Config) -> OffsiteNote:
    """Return the file with what is known of the second repository."""
    return OffsiteNote(config.home / _NOTE)


def offsite_of(
    config: Config,
    clock: Clock,
    keys: SafeKeys,
    place: Place,
    local: Callable[[], Repository],
    *,
    patience_s: float = PATIENCE_S,
) -> Offsite:
    """Return what keeps the second repository; whether it can be reached shows when it is used.

    Args:
        local: returns the first repository, whose engine fills the second one.

    Raises:
        NoOffsiteSet: the settings name no place.
    """
    to, keep = config.settings.backup.offsite.to, config.settings.keep
    if not to:
        raise NoOffsiteSet

    def reach() -> OffsiteRepository:
        if not isinstance(local(), FileRepository):
            state = config.home / "state/backup"
            source = Restic(_program(), place.folder / "restic", keys.file(MACHINE), state / "cache")
            return _restic(config, keys.file(OFFSITE), state, source, patience_s=patience_s)
        if (folder := offsite_folder(config)) is None:
            raise OffsiteNeedsRestic(place=to)
        return OffsiteFiles(folder, _own(keys), keys.offsite_recipients(), (place.folder, keys.identities()))

    return Offsite(
        reach,
        to,
        keys=keys,
        receipts=Receipts(place.folder, config.home / "state/backup"),
        keep=Keep(keep.backup_days, keep.backup_weeks, keep.backup_months),
        clock=clock,
        zone=config.settings.zone,
        note=offsite_note(config),
    )


def offsite_to_read(config: Config, key: Path, scratch: Path) -> OffsiteRepository:
    """Return the second repository, to be read with *key*, by whichever engine wrote it.

    Raises:
        NoOffsiteSet, NoOffsite, WrongOffsiteKey: it cannot be read. NoRestic: it is restic's, which is missing.
    """
    to, folder = config.settings.backup.offsite.to, offsite_folder(config)
    if not to:
        raise NoOffsiteSet
    if not key.exists():
        raise WrongOffsiteKey(place=to)
    if folder is None or (folder / "restic").is_dir():
        return _restic(config, key, scratch)
    if not (folder / "snapshots").is_dir():
        raise NoOffsite(place=to)
    lines = key.read_text(encoding="utf-8").split()
    return OffsiteFiles(folder, [line for line in lines if line.startswith("AGE-SECRET-KEY-")], [])


def _own(keys: SafeKeys) -> list[str]:
    file = keys.file(OFFSITE)
    return file.read_text(encoding="ascii").split() if file.exists() else []


def _program() -> Path:
    program = find_restic()
    if program is None:
        raise NoRestic
    return program


def _restic(
    config: Config, key: Path, state: Path, source: Restic | None = None, *, patience_s: float = PATIENCE_S
) -> OffsiteRestic:
    settings, folder = config.settings.backup.offsite, offsite_folder(config)
    reach = reach_of(settings, config.home)
    restic = Restic(_program(), folder / "restic" if folder else settings.to, key, state / "cache", reach)
    scratch = state / "restic-offsite"
    return OffsiteRestic(restic, settings.to, HOST, scratch, folder=folder, source=source, patience_s=patience_s)


def offsite_folder(config: Config) -> Path | None:
    """Return the folder that the settings name, None if it is another kind of place."""
    to = config.settings.backup.offsite.to
    return None if to.startswith(("sftp:", "s3:")) else config.home.root / to
