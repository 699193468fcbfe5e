"""How one row of one file stands, as the journal keeps it and people are told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jikimi.tables.reasons import Reason
from jikimi.text import Lang
from jikimi.vouchers.bookings import Booking
from jikimi.vouchers.outcome import Outcome, State


@dataclass(frozen=True, slots=True)
class Entry:
    """How one row of one file stands.

    Attributes:
        kind: what the row says has happened to money, as `Kind` names it; "" for a row that could not be read.
        booking: what it is booked to, None where no voucher stands for it.
    """

    row: int
    key: str
    on: str
    name: str
    amount: str
    outcome: Outcome
    kind: str = ""
    booking: Booking | None = None

    def shown(self, number: str) -> dict[str, Any]:
        """Return it as plain JSON with the voucher's *number* as the ERP has it now."""
        reason = self.outcome.reason
        return {
            "row": self.row,
            "key": self.key,
            "on": self.on,
            "kind": self.kind,
            "counterparty": self.name,
            "amount": self.amount,
            "outcome": self.outcome.state.value,
            "reason": {lang.value: reason.say(lang) for lang in Lang} if reason else {},
            "number": number,
            **(self.booking or Booking(())).document(),
        }


def columns_of(entry: Entry) -> tuple[object, ...]:
    """Return *entry* as the columns row to credit of the journal's table `lines`."""
    outcome = entry.outcome
    line = (entry.row, entry.key, entry.on, entry.name, entry.amount)
    return (*line, outcome.state, dump(outcome.reason), outcome.number, str(outcome.debit), str(outcome.credit))


def entry_of(columns: Sequence[Any]) -> Entry:
    """Return the entry of the columns that `columns_of` gave, and its kind and booking, None where not kept."""
    row, key, on, name, amount, state, reason, number, debit, credit, kind, booking = columns
    outcome = Outcome(State(state), load(reason), number, Decimal(debit), Decimal(credit))
    return Entry(row, key, on, name, amount, outcome, kind or "", Booking.load(booking) if booking else None)


def dump(reason: Reason | None) -> str:
    """Return *reason* as text for the journal."""
    if reason is None:
        return ""
    return json.dumps({"code": reason.code, "facts": reason.facts}, ensure_ascii=False, default=str)


def load(text: str) -> Reason | None:
    """Return what `dump` has written."""
    return Reason(**json.loads(text)) if text else None
