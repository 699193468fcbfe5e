"""Which evidence may go: what is old, and the oldest of what is too much. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NEWEST_KEPT = 10  # however old they seem: a clock that ran ahead makes all of it old at once


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one incident; *at* is when it was last added to."""

    name: str
    at: datetime
    bytes: int


def outgrown(found: Sequence[Kept], now: datetime, keep: timedelta, most_bytes: int) -> list[str]:
    """Return the names that may go, the oldest first; the newest one alone stays even if it is too much."""
    newest_first = sorted(found, key=lambda one: (one.at, one.name), reverse=True)
    going, total = list[str](), 0
    for number, one in enumerate(newest_first):
        total += one.bytes
        is_old = number >= NEWEST_KEPT and now - one.at > keep
        if is_old or (number and total > most_bytes):
            total -= one.bytes
            going.append(one.name)
    return going[::-1]
