"""The one place where Jikimi reads a clock or waits.

Everything that needs the time takes a `Clock`, so that a test can move the time itself.
"""

import time
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Reads the time and waits; `jikimi.testing` has one that a test moves by hand."""

    def now(self) -> datetime:
        """Return the calendar time, in UTC and aware of it."""
        ...

    def ticks(self) -> float:
        """Return seconds that only ever grow, for measuring spans; their zero means nothing."""
        ...

    def wait(self, seconds: float) -> None:
        """Return after *seconds*."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the calendar time, in UTC."""
        return datetime.now(UTC)

    def ticks(self) -> float:
        """Return the monotonic clock in seconds."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep for *seconds*."""
        time.sleep(seconds)


def today(clock: Clock, zone: ZoneInfo) -> date:
    """Return the calendar day in *zone*."""
    return clock.now().astimezone(zone).date()
