"""How a line ended: exactly one outcome each, and the sum that proves it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from jikimi.erp.port import Entry
from jikimi.tables.reasons import Reason


class State(StrEnum):
    """The five outcomes; a line has one of them."""

    POSTED = "posted"
    ALREADY = "already"
    REJECTED = "rejected"
    WAITING = "waiting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a line ended.

    Attributes:
        reason: why, for all but a plain `POSTED`.
        number: the voucher's number as read back from the ERP, else "".
        debit, credit: what its voucher moves, as read back; zero where nothing stands in the ERP.
        entries: of the voucher that stands for it or would; () where there is none.
    """

    state: State
    reason: Reason | None = None
    number: str = ""
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Lines by outcome; `total` is how many came in."""

    total: int = 0
    posted: int = 0
    already: int = 0
    rejected: int = 0
    waiting: int = 0
    unknown: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every line that came in has its one outcome."""
        return self.total == self.posted + self.already + self.rejected + self.waiting + self.unknown

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(self._values(), other._values(), strict=True)))

    def _values(self) -> tuple[int, ...]:
        return (self.total, self.posted, self.already, self.rejected, self.waiting, self.unknown)


def count(total: int, states: Iterable[State]) -> Counts:
    """Return the counts of *states*, with *total* counted apart so that a lost line shows."""
    found = Counter(states)
    return Counts(total, *(found[state] for state in State))
