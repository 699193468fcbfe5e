"""Which stack owns a home: one at a time, and a second one is told which."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

from jikimi.clock import Clock
from jikimi.config import Home
from jikimi.errors import NotWell
from jikimi.text import Text

_STOP = "state/stop-asked"
_LOCK, _SAYS = ".stack.lock", "stack.json"  # in the home itself: a stack of containers has its state elsewhere
_ANYBODY = 0o666
_PROBE_S = 1.0  # `owner` holds the lock for an instant when nobody else does
_MOVES_WITHIN_S = 3.0
_LOOK_S = 0.2


class RunsAlready(NotWell):
    """Another stack owns this home."""

    what = Text(
        "이 홈에서는 이미 지킴이가 실행 중입니다 (프로세스 {pid}, {since}부터)",
        "a stack already runs in this home (process {pid}, since {since})",
    )
    remedy = Text(
        "보려면 jikimi status, 끄려면 jikimi down", "look at it with `jikimi status`, or stop it with `jikimi down`"
    )


@dataclass(frozen=True, slots=True)
class Owner:
    """Who runs the stack of a home; *counter* moves while it lives, *host* is the machine or the container."""

    pid: int
    since: str
    counter: int
    at: float
    host: str = ""


@contextmanager
def owning(home: Home, clock: Clock, zone: ZoneInfo) -> Iterator["Ownership"]:
    """Own *home* while the block runs.

    Raises:
        RunsAlready: another stack does.
    """
    lock = FileLock(home / _LOCK, timeout=_PROBE_S, mode=_ANYBODY)
    try:
        lock.acquire()
    except Timeout:
        other = _read(home)
        raise RunsAlready(pid=other.pid if other else "?", since=other.since if other else "?") from None
    try:
        _refuse_beside_another_host(home, clock)
        stop_file(home).unlink(missing_ok=True)
        yield Ownership(home, clock, zone)
    finally:
        (home / _SAYS).unlink(missing_ok=True)
        lock.release()


def _refuse_beside_another_host(home: Home, clock: Clock) -> None:
    """See that no other machine or container owns the home: a lock is not seen through every shared folder.

    Raises:
        RunsAlready: the counter of another one still moves.
    """
    first = _read(home)
    if first is None or first.host in ("", platform.node()):
        return
    give_up_at = clock.ticks() + _MOVES_WITHIN_S
    while clock.ticks() < give_up_at:
        clock.wait(_LOOK_S)
        now = _read(home)
        if now is not None and now.counter != first.counter:
            raise RunsAlready(pid=f"{now.pid}, {now.host}", since=now.since)


class Ownership:
    """Proof that this process owns the home; `renew` moves its counter."""

    def __init__(self, home: Home, clock: Clock, zone: ZoneInfo) -> None:
        self._home = home
        self._clock = clock
        self._since = clock.now().astimezone(zone).isoformat(timespec="seconds")
        self._counter = 0
        self.renew()

    def renew(self) -> None:
        """Say that the stack lives."""
        self._counter += 1
        mine = Owner(os.getpid(), self._since, self._counter, self._clock.now().timestamp(), platform.node())
        partial = self._home / f".{_SAYS}.partial"
        partial.write_text(json.dumps({"v": 1, **asdict(mine)}), encoding="utf-8")
        partial.replace(self._home / _SAYS)

    def asked_to_stop(self) -> bool:
        """Return whether `down` was called."""
        return stop_file(self._home).exists()


def owner(home: Home) -> Owner | None:
    """Return who runs the stack of *home*, or None if nobody does; the lock is let go with its process."""
    if not (home / _LOCK).exists():
        return None
    try:
        with FileLock(home / _LOCK, timeout=0, mode=_ANYBODY):
            return None
    except Timeout:
        return _read(home)


def stop_file(home: Home) -> Path:
    """Return the file whose presence asks the stack to stop: a signal would mean something else on each system."""
    return home / _STOP


def _read(home: Home) -> Owner | None:
    try:
        found = json.loads((home / _SAYS).read_text(encoding="utf-8"))
        return Owner(**{name: found[name] for name in Owner.__slots__ if name in found})
    except (OSError, ValueError, KeyError, TypeError):
        return None
