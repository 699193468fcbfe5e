"""What a stop leaves behind, cleared away: halves of files that nobody will finish, beats of units that are no more."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from jikimi.config import Home

log = structlog.get_logger()
_OLD = timedelta(hours=1)
_HALVES = ("*.partial", ".*.partial")
_PLACES = ("state", "outputs", "outputs/results", "state/beats")


def sweep(home: Home, units: Collection[str], now: datetime) -> list[str]:
    """Remove what nobody needs any more, and return the names; what cannot be removed stays for the next time.

    Args:
        units: those whose beats are kept.
    """
    gone = []
    for path in (*_halves(home, now), *_strangers(home, units)):
        with suppress(OSError):
            path.unlink()
            gone.append(path.name)
    if gone:
        log.info("leftovers.swept", names=gone)
    return gone


def _halves(home: Home, now: datetime) -> Iterator[Path]:
    oldest = (now - _OLD).timestamp()
    for place in _PLACES:
        for pattern in _HALVES:
            for path in (home / place).glob(pattern):
                with suppress(OSError):
                    if path.is_file() and path.stat().st_mtime < oldest:
                        yield path


def _strangers(home: Home, units: Collection[str]) -> Iterator[Path]:
    for path in (home / "state/beats").glob("*.json"):
        if path.stem not in units:
            yield path
