"""Once a day, and at its start, the supervisor clears away the evidence and the cycle logs that `[keep]` lets go."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread

import structlog

from jikimi.clock import Clock, today
from jikimi.config import Config
from jikimi.supervisor.outgrown import Kept, outgrown
from jikimi.vouchers.cycle_log import prune_cycle_logs

log = structlog.get_logger()
_SINGLE = "stacks"  # a folder of evidence in which each file stands for itself
_GB = 1_000_000_000


class Upkeep:
    """Asks each day anew; the work has a thread of its own, so that a slow disk keeps nothing from being watched."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._day: date | None = None

    def look(self) -> Thread | None:
        """Begin if today's was not done yet, and return the thread that does it."""
        day = today(self._clock, self._config.settings.zone)
        if day == self._day:
            return None
        self._day = day
        thread = Thread(target=self._clear, name="upkeep", daemon=True)
        thread.start()
        return thread

    def _clear(self) -> None:
        home, keep, now = self._config.home, self._config.settings.keep, self._clock.now()
        try:
            found = {kept.name: kept for kept in _evidence(home / "outputs/evidence")}
            going = outgrown(list(found.values()), now, keep.evidence, round(keep.evidence_gb * _GB))
            for name in going:
                _remove(home / "outputs/evidence" / name)
            logs = prune_cycle_logs(home / "logs/cycles", now, keep.cycle_logs)
        except OSError as error:
            log.warning("upkeep.failed", why=str(error))
            return
        if going or logs:
            megabytes = round(sum(found[name].bytes for name in going) / 1e6, 1)
            log.info("upkeep.cleared", evidence=len(going), logs=logs, megabytes=megabytes)


def _evidence(folder: Path) -> Iterator[Kept]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        for one in sorted(path.iterdir()) if path.name == _SINGLE and path.is_dir() else (path,):
            with suppress(FileNotFoundError):  # a unit keeps the number of its dumps small by itself
                inside = [one, *one.rglob("*")] if one.is_dir() and not one.is_symlink() else [one]
                found = [each.lstat() for each in inside]
                at = datetime.fromtimestamp(max(each.st_mtime for each in found), UTC)
                name = one.relative_to(folder).as_posix()
                yield Kept(name, at, sum(each.st_size for each in found))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
