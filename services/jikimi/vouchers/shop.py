"""Everything that a cycle works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.posting import Desk


class Watcher(Protocol):
    """Who is told how the work goes."""

    def moved(self, phase: str, done: int) -> None:
        """Hear that real work has moved: *done* counts up within a *phase*."""
        ...

    def stopping(self) -> bool:
        """Return whether the cycle shall end at the next safe place."""
        ...


@dataclass(frozen=True, slots=True)
class Shop:
    """What is the same for every file: settings, clock, journal, the way to a ledger's desk, and who watches.

    Attributes:
        free_bytes: asks how much room the home's disk has.
    """

    config: Config
    clock: Clock
    journal: Journal
    desk_of: Callable[[Ledger], Desk]
    watcher: Watcher
    free_bytes: Callable[[], int]

    def local_now(self) -> datetime:
        """Return the time in the company's zone."""
        return self.clock.now().astimezone(self.config.settings.zone)

    def today(self) -> date:
        """Return the day in the company's zone."""
        return self.local_now().date()
