"""What is saved of a home, and under which names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from jikimi.backup.port import Source
from jikimi.backup.postgres import Postgres
from jikimi.config import Home

LOGS_KEPT = timedelta(days=7)
KEYS, ENVIRONMENT = "home/keys", "clone/.env"
SERVICES, ATTACHMENTS = "services", "attachments"  # of a stack of containers: its other services' keys, the ERP's files
SECRET = (KEYS, ENVIRONMENT, SERVICES)  # never outside of an encrypted set
REDIS, REDIS_FILES, BUNDLE = "redis.rdb", "home/redis", "clone.bundle"
OWN_LOG = "outputs/backup_log.jsonl"
PASSING = ("home/outputs/evidence/", "home/logs/")  # `[keep]` clears it away: that it shrinks is no sign of harm
_WHOLE = ("jikimi.toml", "rules", "flows", "inbox", "work", "done", "rejected", "duplicate", "keys")
REQUIRED = frozenset(f"home/{name}" for name in (*_WHOLE, "outputs")) - {"home/flows"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to save.

    Attributes:
        also: files and folders more, from the home or absolute.
        clone: where the programs lie, "" if their state is not saved.
        redis_url: the queue's server, "" if there is none. May hold a password: never shown.
        runs: whether the queue's server should answer; one that is stopped is saved as its files.
        versions: of what writes the snapshot, for whoever restores it.
        postgres: the ERP's databases, where they are no files of the home.
    """

    home: Home
    also: tuple[str, ...] = ()
    clone: Path | None = None
    redis_url: str = ""
    runs: bool = True
    versions: tuple[tuple[str, str], ...] = ()
    postgres: Postgres | None = None


def plain_sources(wanted: Wanted, now: datetime) -> tuple[list[Source], dict[str, bool]]:
    """Return the files and folders that are saved as they are, and what was asked for -> whether it was there."""
    home = wanted.home
    found = [Source(f"home/{name}", home / name) for name in _WHOLE]
    found += [Source(f"home/erp/{path.name}", path) for path in _file_stores(home)]
    if wanted.clone:
        found.append(Source(ENVIRONMENT, wanted.clone / ".env"))
    found += [Source(name, home.elsewhere[name]) for name in (SERVICES, ATTACHMENTS) if name in home.elsewhere]
    found += [Source(f"also/{_also_name(name)}", home.root / name) for name in wanted.also]
    entries = {source.name: source.path.exists() for source in found}
    entries.pop(ENVIRONMENT, None)  # most have none
    entries["home/outputs"] = (home / "outputs").is_dir()
    found += [*_outputs(home), *_recent(home, now)]
    return [source for source in found if source.path.exists()], entries


def databases(home: Home) -> list[Source]:
    """Return the SQLite databases of a home under their names."""
    return [
        Source(f"home/{folder}/{path.name}", path)
        for folder in ("state", "erp")
        for path in sorted((home / folder).glob("*.sqlite"))
    ]


def _file_stores(home: Home) -> Iterator[Path]:
    """Yield the folders in which the ERP keeps the files of its databases: each is named after one."""
    for base in sorted((home / "erp").glob("*.sqlite")):
        if (folder := base.with_suffix("")).is_dir():
            yield folder


def _outputs(home: Home) -> Iterator[Source]:
    for path in sorted((home / "outputs").glob("*")):
        if path.name != Path(OWN_LOG).name:  # a run writes it: its copy is saved
            yield Source(f"home/outputs/{path.name}", path)


def _recent(home: Home, now: datetime) -> Iterator[Source]:
    since = (now - LOGS_KEPT).timestamp()
    logs = home / "logs"
    for path in sorted(logs.rglob("*")):
        if path.is_file() and path.stat().st_mtime >= since:
            yield Source(f"home/logs/{path.relative_to(logs).as_posix()}", path)


def _also_name(name: str) -> str:
    parts = PurePath(name).parts
    return "/".join(part.replace(":", "").strip("/\\") or "root" for part in parts if part != "..")
