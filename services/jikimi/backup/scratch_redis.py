"""A Redis server of our own for a moment: it loads a dump, says how many keys it has, and writes them as its log.

A server with `appendonly yes` beside a dump starts empty, without an error. So the dump is loaded with it off, and is
then switched on: the server writes all it has as the files that the stack's own server starts from.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jikimi.backup.helper_process import bound
from jikimi.backup.port import Damaged
from jikimi.broker import answers, connect
from jikimi.clock import Clock

_WITHIN_S = 60.0
_LOOK_S = 0.05
_SOCKET = "redis.sock"
_FOLDER = "appendonlydir"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many keys a server has, and how many of them end by themselves."""

    keys: int
    ending: int


class ScratchRedis:
    """Runs *server* in folders of our own; *sockets* has a short path."""

    def __init__(self, server: Path, sockets: Path, clock: Clock) -> None:
        self._server, self._place, self._clock = server, sockets / _SOCKET, clock

    def count(self, dump: Path) -> int | None:
        """Return how many keys there are after *dump* was loaded, None if no server starts with it."""
        with self._running(dump.parent, dump.name, is_log=False) as runs:
            return self._counted().keys if runs else None

    @contextmanager
    def serving(self, dump: Path) -> Iterator[Any]:
        """Run a server that has what *dump* holds, while the block runs; yield a client of it.

        Raises:
            Damaged: it cannot be loaded.
        """
        with self._running(dump.parent, dump.name, is_log=False) as runs:
            if not runs:
                raise Damaged(snapshot=dump.name, why="no Redis server loads it")
            with connect(f"unix://{self._place}", retries=0) as redis:
                yield redis

    def write_log(self, dump: Path, folder: Path) -> int:
        """Write what *dump* holds into *folder* as the log that a server starts from; return how many keys it has then.

        Raises:
            Damaged: the dump cannot be loaded, or a server that starts from the log lacks keys.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(folder / _FOLDER, ignore_errors=True)
        shutil.copyfile(dump, folder / dump.name)
        try:
            with self._running(folder, dump.name, is_log=False) as runs:
                if not runs:
                    raise Damaged(snapshot=dump.name, why="no Redis server loads it")
                before = self._counted()
                self._begin_log()
        finally:
            (folder / dump.name).unlink(missing_ok=True)
        with self._running(folder, "none.rdb", is_log=True) as runs:
            after = self._counted() if runs else Counted(0, 0)
        if after.keys < before.keys - before.ending:
            raise Damaged(snapshot=dump.name, why=f"{after.keys} keys of {before.keys} came back")
        return after.keys

    def _begin_log(self) -> None:
        with connect(f"unix://{self._place}", retries=0) as redis:
            redis.config_set("appendonly", "yes")
            give_up_at = self._clock.ticks() + _WITHIN_S
            while True:
                says = redis.info("persistence")
                is_busy = says["aof_rewrite_in_progress"] or says["aof_rewrite_scheduled"]
                if not is_busy and says["aof_enabled"] and says["aof_last_bgrewrite_status"] == "ok":
                    return
                if self._clock.ticks() > give_up_at:
                    raise Damaged(snapshot=_FOLDER, why="the log was not written in time")
                self._clock.wait(_LOOK_S)

    def _counted(self) -> Counted:
        with connect(f"unix://{self._place}", retries=0) as redis:
            spaces = redis.info("keyspace").values()
            return Counted(sum(one["keys"] for one in spaces), sum(one["expires"] for one in spaces))

    @contextmanager
    def _running(self, folder: Path, dump: str, *, is_log: bool) -> Iterator[bool]:
        """Run the server while the block runs; yield whether it takes commands."""
        place = self._place
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": str(place),
            "dir": str(folder),
            "dbfilename": dump,
            "appendonly": "yes" if is_log else "no",
            "save": "",
            "daemonize": "no",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        child = subprocess.Popen(bound([self._server, *words]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield self._answers(child)
        finally:
            child.terminate()  # it puts its log onto the disk
            try:
                child.wait(_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            place.unlink(missing_ok=True)

    def _answers(self, child: "subprocess.Popen[bytes]") -> bool:
        give_up_at = self._clock.ticks() + _WITHIN_S
        while not answers(f"unix://{self._place}"):
            if child.poll() is not None or self._clock.ticks() > give_up_at:
                return False
            self._clock.wait(_LOOK_S)
        return True
