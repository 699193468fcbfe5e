"""One process at a time works with a repository; a second one is told since when."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

from jikimi.clock import Clock
from jikimi.errors import NotWell
from jikimi.text import Text


class RunsSince(NotWell):
    """Another run is under way."""

    what = Text(
        "백업이 이미 실행 중입니다 ({since}부터, 프로세스 {pid})", "a backup is running since {since}, process {pid}"
    )
    remedy = Text("끝날 때까지 기다리세요: jikimi backup list", "wait until it has ended: jikimi backup list")


@contextmanager
def holding(state: Path, clock: Clock, zone: ZoneInfo) -> Iterator[None]:
    """Hold the safe while the block runs: one process at a time reads and writes the repository.

    Raises:
        RunsSince: another one does.
    """
    state.mkdir(parents=True, exist_ok=True)
    lock, says = FileLock(state / "lock", timeout=0), state / "running.json"
    try:
        lock.acquire()
    except Timeout:
        other = _says(says)
        raise RunsSince(since=other.get("since", "?"), pid=other.get("pid", "?")) from None
    try:
        since = clock.now().astimezone(zone).isoformat(timespec="seconds")
        says.write_text(json.dumps({"pid": os.getpid(), "since": since}), encoding="utf-8")
        yield
    finally:
        says.unlink(missing_ok=True)
        lock.release()


def runs(state: Path) -> bool:
    """Return whether somebody holds the safe; who was killed holds nothing."""
    if not (state / "running.json").exists():
        return False
    try:
        with FileLock(state / "lock", timeout=0):
            return False
    except (Timeout, OSError):
        return True


def _says(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
