"""Stage: make still copies of what moves, in the order in which a restore needs them, and list all that is saved.

Redis comes first: an older queue beside a newer ledger is healed by the vouchers' keys, the reverse loses work.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from jikimi.backup.git_bundle import bundle, is_clone
from jikimi.backup.manifest import NAME, Manifest, look
from jikimi.backup.port import NotStored, Source
from jikimi.backup.postgres import ENDING, FOLDER, Postgres
from jikimi.backup.redis_dump import dump_redis
from jikimi.backup.snapshot import Content
from jikimi.backup.sqlite_copy import copy_sqlite, rows_of
from jikimi.backup.wanted import BUNDLE, OWN_LOG, PASSING, REDIS, REDIS_FILES, Wanted, databases, plain_sources


@dataclass(frozen=True, slots=True)
class Staged:
    """What a run saves: the manifest first, so that it is found first.

    Attributes:
        wrong: what could not be copied, as reasons.
    """

    sources: tuple[Source, ...]
    manifest: Manifest
    content: Content
    wrong: tuple[str, ...]


class Stage:
    """The folder with the still copies; its path is always the same, so that engines know them again.

    Args:
        memory: where the manifest of the last run is kept, so that what has not changed is not read again.
    """

    def __init__(self, folder: Path, memory: Path) -> None:
        self._folder, self._memory = folder, memory

    def make(self, wanted: Wanted, now: datetime) -> Staged:
        """Copy and list everything."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        copies, entries, wrong = list[Source](), dict[str, bool](), list[str]()

        def attempt(name: str, copy: Callable[[Path], object]) -> object:
            target = self._folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            entries[name] = True
            try:
                result = copy(target)
            except NotStored as error:
                wrong.append(f"not copied: {name}: {error.facts['why']}")
                return None
            copies.append(Source(name, target))
            return result

        keys = self._redis(wanted, attempt, copies, entries)
        rows = dict[str, int]()
        for name in wanted.postgres.databases if wanted.postgres else ():
            self._postgres(wanted.postgres, name, attempt, rows)
        for base in databases(wanted.home):
            attempt(base.name, partial(copy_sqlite, base.path))
            if copies and copies[-1].name == base.name:
                counted = rows_of(copies[-1].path)
                rows |= {f"{base.name}:{table}": count for table, count in counted.items()}
        if wanted.clone and is_clone(wanted.clone):
            attempt(BUNDLE, partial(bundle, wanted.clone))
        if (own := wanted.home / OWN_LOG).exists():
            attempt(f"home/{OWN_LOG}", partial(shutil.copy2, own))
        plain, there = plain_sources(wanted, now)
        manifest = look([*copies, *plain], Manifest.read(self._memory).files)
        content = _content(manifest, {**entries, **there}, rows, keys)
        manifest.about = {
            "at": now.isoformat(),
            "versions": dict(wanted.versions),
            "rows": rows,
            "keys": keys,
            "sources": {source.name: str(source.path) for source in [*copies, *plain]},
        }
        manifest.write(self._folder / NAME)
        return Staged((Source(NAME, self._folder / NAME), *copies, *plain), manifest, content, tuple(wrong))

    def remember(self) -> None:
        """Keep the manifest for the next run."""
        shutil.copyfile(self._folder / NAME, self._memory)

    def clear(self) -> None:
        """Remove the copies."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @staticmethod
    def _postgres(
        server: Postgres | None,
        database: str,
        attempt: Callable[[str, Callable[[Path], object]], object],
        rows: dict[str, int],
    ) -> None:
        name = f"{FOLDER}/{database}{ENDING}"
        counted = attempt(name, partial(server.dump, database)) if server else None
        if isinstance(counted, dict):
            rows |= {f"{name}:{table}": count for table, count in counted.items()}

    def _redis(
        self,
        wanted: Wanted,
        attempt: Callable[[str, Callable[[Path], object]], object],
        copies: list[Source],
        entries: dict[str, bool],
    ) -> int | None:
        files = wanted.home / "redis"
        if wanted.runs and wanted.redis_url:
            found = attempt(REDIS, partial(dump_redis, wanted.redis_url))
            return found if isinstance(found, int) else None
        if files.is_dir() and any(files.iterdir()):
            copies.append(Source(REDIS_FILES, files))
            entries[REDIS_FILES] = True
        return None


def _content(manifest: Manifest, entries: dict[str, bool], rows: dict[str, int], keys: int | None) -> Content:
    total = sum(mark.size for mark in manifest.files.values())
    lasting = [mark.size for name, mark in manifest.files.items() if not name.startswith(PASSING)]
    return Content(len(manifest.files), total, entries, rows, keys, len(lasting), sum(lasting))
