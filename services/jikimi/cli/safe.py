"""The safe of a home, put together from its settings."""

import platform
from importlib.metadata import version
from pathlib import Path

from jikimi.backup.archive import FileRepository
from jikimi.backup.drill import Drill
from jikimi.backup.keys import MACHINE, SafeKeys
from jikimi.backup.pipeline import Safe
from jikimi.backup.place import Place
from jikimi.backup.port import NoRepository, Repository, WrongKey
from jikimi.backup.receipts import Receipts
from jikimi.backup.restic import ResticRepository
from jikimi.backup.restic_call import Restic, find_restic
from jikimi.backup.retention import Keep
from jikimi.backup.stage import Stage
from jikimi.backup.wanted import OWN_LOG, Wanted
from jikimi.broker import answers
from jikimi.cli.context import redis_address
from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.config.backup import Engine
from jikimi.embedded.redis_server import NoRedisServer, redis_server_binary
from jikimi.embedded.tryton_server import CLONE
from jikimi.errors import NotWell
from jikimi.logs import JsonLines
from jikimi.text import Text

_HOST = "jikimi"


class NoRestic(NotWell):
    """The repository is restic's, and restic is not here."""

    what = Text("restic 0.17.1 이상이 필요합니다", "restic 0.17.1 or newer is needed")
    remedy = Text(
        'restic을 설치하거나, jikimi.toml에 [backup] engine = "file"을 적고 `jikimi backup init`',
        'install restic, or set [backup] engine = "file" in jikimi.toml and run `jikimi backup init`',
    )


def safe_keys(config: Config) -> SafeKeys:
    """Return the keys of the safe."""
    return SafeKeys(config.home / "keys/backup")


def safe_place(config: Config) -> Place:
    """Return where the repository lies."""
    folder = config.settings.backup.folder
    return Place(config.home.root / folder if folder else config.home / "backups")


def repository_of(config: Config, *, engine: str = "") -> Repository:
    """Return the repository of a home, as whoever made it chose its engine; a new one as *engine* or the settings say.

    Raises:
        NoRestic: it is restic's, which is missing.
    """
    place, keys, state = safe_place(config), safe_keys(config), config.home / "state/backup"
    asked = engine or place.engine() or config.settings.backup.engine
    program = find_restic()
    if asked == Engine.FILE or (asked == Engine.AUTO and program is None):
        return FileRepository(place.folder, keys.identities(), keys.recipients())
    if program is None:
        raise NoRestic
    restic = Restic(program, place.folder / "restic", keys.file(MACHINE), state / "cache")
    return ResticRepository(place.folder, restic, _HOST, state / "restic")


def repository_at(folder: Path, keys: SafeKeys, key_file: Path | None, scratch: Path) -> Repository:
    """Return the repository at *folder*, to be read with the key in *key_file*, else with the home's own.

    Raises:
        NoRepository: there is none. WrongKey: there is no key. NoRestic: it is restic's, which is missing.
    """
    key = key_file or keys.file(MACHINE)
    if not key.exists():
        raise WrongKey(folder=folder)
    if (folder / "restic").is_dir():
        program = find_restic()
        if program is None:
            raise NoRestic
        return ResticRepository(folder, Restic(program, folder / "restic", key, scratch / "cache"), _HOST, scratch)
    if not (folder / "snapshots").is_dir():
        raise NoRepository(folder=folder)
    lines = key.read_text(encoding="utf-8").split() if key_file else keys.identities()
    return FileRepository(folder, [line for line in lines if line.startswith("AGE-SECRET-KEY-")], [])


def safe_of(config: Config, clock: Clock) -> Safe:
    """Return the safe of a home.

    Raises:
        NoRepository: there is none yet. WrongKey: there is, and no key. NoRestic: restic is missing.
    """
    place, keys, state = safe_place(config), safe_keys(config), config.home / "state/backup"
    if not keys.are_made():
        raise (WrongKey if place.engine() else NoRepository)(folder=place.folder)
    keep = config.settings.keep
    return Safe(
        repository=repository_of(config),
        place=place,
        keys=keys,
        receipts=Receipts(place.folder, state),
        stage=Stage(state / "stage", state / "manifest.json"),
        drill=Drill(state / "scratch", config.home.run_dir / "drill", _redis_server(), clock),
        keep=Keep(keep.backup_days, keep.backup_weeks, keep.backup_months),
        clock=clock,
        zone=config.settings.zone,
        state=state,
        log=JsonLines(config.home / OWN_LOG),
    )


def wanted_of(config: Config) -> Wanted:
    """Return what is saved of a home."""
    url = redis_address(config)
    return Wanted(
        home=config.home,
        also=config.settings.backup.also,
        clone=CLONE if config.settings.backup.clone else None,
        redis_url=url,
        # an embedded server that is stopped has written all it knows
        runs=bool(config.settings.redis.url) or answers(url),
        versions=(("jikimi", _version()), ("python", platform.python_version()), ("system", platform.platform())),
    )


def _version() -> str:
    try:
        return version("jikimi")
    except Exception:  # noqa: BLE001 - run from a clone, it is no distribution
        return "clone"


def _redis_server() -> Path | None:
    try:
        return redis_server_binary()
    except NoRedisServer:
        return None
