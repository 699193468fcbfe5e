"""A PostgreSQL server of our own for a moment: it loads a plain dump and counts what came of it."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jikimi.backup.databases import client, load
from jikimi.backup.helper_process import bound
from jikimi.backup.port import NotStored
from jikimi.backup.postgres import run_client
from jikimi.clock import Clock
from jikimi.config.load import inherited

_WITHIN_S = 60.0
_LOOK_S = 0.1
_USER = "jikimi"
# nothing that it writes is kept, so it may write as fast as it can
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "10",
    "dynamic_shared_memory_type": "mmap",
}


def has_postgres() -> bool:
    """Return whether a server could be run here."""
    return all(shutil.which(program) for program in ("initdb", "postgres", "psql"))


class ScratchPostgres:
    """Runs a server in *folder*, which is emptied before and after; *sockets* has a short path."""

    def __init__(self, folder: Path, sockets: Path, clock: Clock) -> None:
        self._folder, self._sockets, self._clock = folder, sockets, clock

    def counted(self, dumps: Mapping[str, Path]) -> Mapping[str, Mapping[str, int] | str]:
        """Load each dump into a database of its own; return name -> rows of each table, or what went wrong.

        Raises:
            NotStored: no server could be started.
        """
        with self._running():
            return {name: self._loaded(f"scratch{number}", path) for number, (name, path) in enumerate(dumps.items())}

    def _loaded(self, database: str, dump: Path) -> Mapping[str, int] | str:
        try:
            return load(self._ask, database, dump)
        except NotStored as error:
            return str(error.facts["why"])

    def _ask(self, database: str, *words: str) -> str:
        return run_client(*client("-h", str(self._sockets), "-U", _USER, "-d", database), *words)

    @contextmanager
    def _running(self) -> Iterator[None]:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            words = ("--no-sync", "--auth", "trust", "--username", _USER, "--encoding", "UTF8", "--locale", "C.UTF-8")
            run_client("initdb", "--pgdata", str(self._folder), *words)
            with self._server():
                yield
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def _server(self) -> Iterator[None]:
        settings = {**_SETTINGS, "unix_socket_directories": str(self._sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        child = subprocess.Popen(
            bound(["postgres", "-D", self._folder, *options]),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(inherited()),
        )  # fmt: skip
        try:
            self._wait(child)
            yield
        finally:
            child.terminate()
            try:
                child.wait(_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _wait(self, child: "subprocess.Popen[bytes]") -> None:
        give_up_at = self._clock.ticks() + _WITHIN_S
        while True:
            try:
                self._ask("postgres", "-c", "SELECT 1")
            except NotStored:
                if child.poll() is not None or self._clock.ticks() > give_up_at:
                    raise
                self._clock.wait(_LOOK_S)
            else:
                return
