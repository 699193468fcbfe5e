"""The drill: a snapshot is restored into a scratch folder and everything in it is opened. Only then it is a backup."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from jikimi.backup.databases import rows_wrong
from jikimi.backup.git_bundle import bundle_problem
from jikimi.backup.manifest import NAME, Manifest, compare, part_of
from jikimi.backup.port import NotStored, Repository, Told, nobody
from jikimi.backup.postgres import ENDING
from jikimi.backup.scratch_postgres import ScratchPostgres
from jikimi.backup.scratch_redis import ScratchRedis
from jikimi.backup.sqlite_copy import problems, rows_of
from jikimi.backup.wanted import BUNDLE, REDIS
from jikimi.clock import Clock

_EXPIRED_SHARE = 0.5  # keys with an end may be gone by the time the dump is loaded
_MOST_BYTES, _ROOM, _ONE_OF = 10 << 30, 1.2, 20
_ALWAYS, _ALWAYS_IN = frozenset({REDIS, BUNDLE, "home/jikimi.toml"}), ("home/rules/", "home/keys/")


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill found: *wrong* as reasons; *changed* names what had changed while it was saved.

    Attributes:
        keys: how many keys a server had after loading the dump, None if no server was at hand.
        is_partial: there was no room for all of it.
    """

    wrong: tuple[str, ...]
    changed: tuple[str, ...] = ()
    keys: int | None = None
    is_partial: bool = False


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def sample(names: Iterable[str], databases: AbstractSet[str], salt: str) -> list[str]:
    """Return what is restored where all is too much: what matters most, and a twentieth that *salt* chooses."""
    return [
        name
        for name in names
        if name in databases
        or name in _ALWAYS
        or name.startswith(_ALWAYS_IN)
        or hashlib.sha256(f"{salt}{name}".encode(errors="surrogateescape")).digest()[0] % _ONE_OF == 0
    ]


class Drill:
    """Restores and opens.

    Args:
        scratch: a folder of our own, emptied before and after. sockets: a folder with a short path.
        redis_server: the program that loads the dump, None if there is none.
        postgres: what loads the ERP's dumps, None where no such server can be run.
    """

    def __init__(
        self,
        scratch: Path,
        sockets: Path,
        redis_server: Path | None,
        clock: Clock,
        *,
        free: Callable[[Path], int] = _free,
        postgres: ScratchPostgres | None = None,
    ) -> None:
        self._scratch, self._sockets, self._server, self._clock = scratch, sockets, redis_server, clock
        self._free, self._postgres = free, postgres

    def run(self, repository: Repository, snapshot: str, *, size: int | None = None, told: Told = nobody) -> Drilled:
        """Restore *snapshot* and look at everything in it or, where that is too much, at what matters most.

        Args:
            size: how many bytes it holds, if that is known.

        Raises:
            Damaged, NoSnapshot, WrongKey: it could not even be restored.
        """
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True, mode=0o700)
        try:
            only = self._only(repository, snapshot, size)
            repository.restore(snapshot, self._scratch, only, told=told)
            try:
                manifest = Manifest.from_bytes((self._scratch / NAME).read_bytes())
            except (OSError, KeyError, TypeError, ValueError) as error:
                return Drilled((f"manifest: {error}",))
            damaged, changed = compare(part_of(manifest, only), self._scratch)
            keys, server_said = self._redis(manifest.about.get("keys"))
            wrong = (
                *(f"damaged: {name}" for name in damaged),
                *databases_wrong(self._scratch, manifest.about["rows"]),
                *dumps_wrong(self._scratch, manifest.about["rows"], self._postgres),
                *server_said,
                *self._bundle(),
            )
            return Drilled(wrong, tuple(changed), keys, is_partial=bool(only))
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _only(self, repository: Repository, snapshot: str, size: int | None) -> list[str]:
        """Return what to restore, nothing for all."""
        room = self._free(self._scratch) / _ROOM
        if size is not None and size <= min(room, _MOST_BYTES):
            return []
        manifest = Manifest.from_bytes(repository.read(snapshot, NAME))
        if sum(mark.size for mark in manifest.files.values()) <= min(room, _MOST_BYTES):
            return []
        databases = {name.partition(":")[0] for name in manifest.about["rows"]}
        return [NAME, *sample(manifest.files, databases, snapshot)]

    def _bundle(self) -> Iterator[str]:
        path = self._scratch / BUNDLE
        if path.exists() and shutil.which("git") and (found := bundle_problem(path)):
            yield f"bundle: {found}"

    def _redis(self, expected: int | None) -> tuple[int | None, tuple[str, ...]]:
        dump = self._scratch / REDIS
        if not dump.exists() or self._server is None:
            return None, ()
        keys = ScratchRedis(self._server, self._sockets, self._clock).count(dump)
        if keys is None:
            return None, ("redis: the dump cannot be loaded",)
        if expected and keys < expected * _EXPIRED_SHARE:
            return keys, (f"redis: {keys} keys of {expected}",)
        return keys, ()


def databases_wrong(folder: Path, expected: Mapping[str, int]) -> Iterator[str]:
    """Yield what is wrong with the databases below *folder*, of which *expected* has the rows of each table."""
    bases = {name.partition(":")[0] for name in expected}
    for base in sorted(base for base in bases if not base.endswith(ENDING)):
        path = folder / base
        if not path.exists():
            yield f"missing: {base}"
        elif found := problems(path, thorough=True):
            yield f"sqlite: {base}: {found}"
        elif {f"{base}:{table}": rows for table, rows in rows_of(path).items()} != {
            name: rows for name, rows in expected.items() if name.startswith(f"{base}:")
        }:
            yield f"rows: {base}: not those that were counted"


def dumps_wrong(folder: Path, expected: Mapping[str, int], postgres: ScratchPostgres | None) -> Iterator[str]:
    """Yield what is wrong with the ERP's dumps below *folder*; each is loaded where a server can be run."""
    bases = sorted({base for name in expected if (base := name.partition(":")[0]).endswith(ENDING)})
    yield from (f"missing: {base}" for base in bases if not (folder / base).exists())
    dumps = {base: folder / base for base in bases if (folder / base).exists()}
    if not dumps or postgres is None:
        return
    try:
        counted = postgres.counted(dumps)
    except NotStored as error:
        yield f"postgres: {error.facts['why']}"
        return
    for base, found in counted.items():
        if isinstance(found, str):
            yield f"postgres: {base}: {found}"
        elif rows_wrong(base, expected, found):
            yield f"rows: {base}: not those that were counted"
