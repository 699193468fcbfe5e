"""A clock that a test moves by hand."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until `wait` or `advance` moves it."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start
        self._ticks = 0.0

    def now(self) -> datetime:
        """Return the time that the test has set."""
        return self._now

    def ticks(self) -> float:
        """Return the seconds that the test has let pass."""
        return self._ticks

    def wait(self, seconds: float) -> None:
        """Let *seconds* pass at once."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move the time forward by *seconds*."""
        self._now += timedelta(seconds=seconds)
        self._ticks += seconds
