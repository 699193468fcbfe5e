"""The safe of a home, put together from its settings."""

import json
import platform
from datetime import datetime
from pathlib import Path

from jikimi import __version__
from jikimi.backup.archive import FileRepository
from jikimi.backup.drill import Drill
from jikimi.backup.keys import MACHINE, SafeKeys
from jikimi.backup.offsite import Offsite
from jikimi.backup.pipeline import Safe
from jikimi.backup.place import Place
from jikimi.backup.port import NoRepository, Repository, WrongKey
from jikimi.backup.postgres import Postgres
from jikimi.backup.receipts import Receipts
from jikimi.backup.restic import HOST, ResticRepository
from jikimi.backup.restic_call import NoRestic, Restic, find_restic
from jikimi.backup.retention import Keep
from jikimi.backup.scratch_postgres import ScratchPostgres, has_postgres
from jikimi.backup.stage import Stage
from jikimi.backup.wanted import OWN_LOG, Wanted
from jikimi.broker import answers
from jikimi.cli.context import redis_address
from jikimi.cli.offsite_safe import offsite_of
from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.config.backup import Engine
from jikimi.config.model import Ledger
from jikimi.embedded.redis_server import NoRedisServer, redis_server_binary
from jikimi.embedded.tryton_server import CLONE
from jikimi.errors import WrongUse
from jikimi.logs import JsonLines
from jikimi.text import Text

_KEY_DATES = "state/backup/keys.json"


class SafeElsewhere(WrongUse):
    """In a stack of containers one of them has the keys and the repository, and this is another one."""

    what = Text("이 컨테이너에는 백업 저장소가 없습니다", "this container has no repository for backups")
    remedy = Text("여기서 하세요: jikimi backup --help", "it is done here: jikimi backup --help")


def safe_keys(config: Config) -> SafeKeys:
    """Return the keys of the safe."""
    return SafeKeys(config.home / "keys/backup")


def check_safe_here(config: Config) -> None:
    """See that the repository is kept by this container.

    Raises:
        SafeElsewhere: it is not.
    """
    if config.home.elsewhere and "backups" not in config.home.elsewhere:
        raise SafeElsewhere


def safe_place(config: Config) -> Place:
    """Return where the repository lies."""
    folder = config.settings.backup.folder
    return Place(config.home.root / folder if folder else config.home / "backups")


def note_keys(config: Config) -> None:
    """Write down when the keys were made and confirmed, for those who must not have them."""
    keys, path = safe_keys(config), config.home / _KEY_DATES
    dates = {"made": keys.made_at(), "confirmed": keys.confirmed_at()}
    text = json.dumps({"v": 1, **{name: at.isoformat() if at else None for name, at in dates.items()}})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def key_dates(config: Config) -> tuple[datetime | None, datetime | None]:
    """Return when the keys were made and when a person confirmed the sheet, as far as that can be known here."""
    keys = safe_keys(config)
    if keys.are_made():
        return keys.made_at(), keys.confirmed_at()
    try:
        noted = json.loads((config.home / _KEY_DATES).read_text(encoding="utf-8"))
        made, confirmed = (datetime.fromisoformat(at) if at else None for at in (noted["made"], noted["confirmed"]))
    except (OSError, KeyError, TypeError, ValueError):
        return None, None
    return made, confirmed


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
    return ResticRepository(place.folder, restic, HOST, state / "restic")


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
        return ResticRepository(folder, Restic(program, folder / "restic", key, scratch / "cache"), HOST, scratch)
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
    check_safe_here(config)
    if not keys.are_made():
        raise (WrongKey if place.engine() else NoRepository)(folder=place.folder)
    keep = config.settings.keep
    return Safe(
        repository=repository_of(config),
        place=place,
        keys=keys,
        receipts=Receipts(place.folder, state),
        stage=Stage(state / "stage", state / "manifest.json"),
        drill=_drill(config, clock),
        keep=Keep(keep.backup_days, keep.backup_weeks, keep.backup_months),
        clock=clock,
        zone=config.settings.zone,
        state=state,
        log=JsonLines(config.home / OWN_LOG),
        offsite=safe_offsite(config, clock) if config.settings.backup.offsite.to else None,
    )


def safe_offsite(config: Config, clock: Clock) -> Offsite:
    """Return what keeps the second repository of a home.

    Raises:
        NoOffsiteSet: the settings name none.
    """
    return offsite_of(config, clock, safe_keys(config), safe_place(config), lambda: repository_of(config))


def _drill(config: Config, clock: Clock) -> Drill:
    state, sockets = config.home / "state/backup", config.home.run_dir / "drill"
    books = ScratchPostgres(state / "scratch-postgres", sockets, clock) if has_postgres() else None
    return Drill(state / "scratch", sockets, _redis_server(), clock, postgres=books)


def make_safe(config: Config, now: datetime) -> None:
    """Make the keys of the safe and, for a home that never had one, its repository; a lost one is never made anew."""
    keys, place = safe_keys(config), safe_place(config)
    keys.make(now)
    if not keys.repository_id() and not place.engine():
        place.create(repository_of(config), keys)


def wanted_of(config: Config) -> Wanted:
    """Return what is saved of a home."""
    url, books = redis_address(config), config.settings.erp.database
    return Wanted(
        home=config.home,
        also=config.settings.backup.also,
        clone=config.home.elsewhere.get("clone", CLONE) if config.settings.backup.clone else None,
        redis_url=url,
        # an embedded server that is stopped has written all it knows
        runs=bool(config.settings.redis.url) or answers(url),
        versions=(("jikimi", __version__), ("python", platform.python_version()), ("system", platform.platform())),
        postgres=Postgres(books, tuple(ledger.value for ledger in Ledger)) if books else None,
    )


def _redis_server() -> Path | None:
    try:
        return redis_server_binary()
    except NoRedisServer:
        return None
