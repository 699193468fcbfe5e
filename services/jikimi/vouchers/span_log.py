"""What the journal keeps of the days and balances that bank statements cover."""

import sqlite3
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jikimi.config.model import Ledger
from jikimi.vouchers.balance_proof import Span

SPANS = """
CREATE TABLE IF NOT EXISTS spans (
    ledger TEXT NOT NULL, profile TEXT NOT NULL, account TEXT NOT NULL, file TEXT NOT NULL,
    first TEXT NOT NULL, last TEXT NOT NULL, opening TEXT NOT NULL, closing TEXT NOT NULL,
    PRIMARY KEY (ledger, profile, account, file)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class SpanLog:
    """The spans of one ledger's statements, in the journal's *base*."""

    base: sqlite3.Connection
    ledger: Ledger

    def keep(self, profile: str, file: str, span: Span) -> bool:
        """Remember the span of a file, by the hash of its bytes; tell whether it is new."""
        row = (span.account, file, span.first.isoformat(), span.last.isoformat(), *map(_text, _balances(span)))
        cursor = self.base.execute(
            "INSERT OR IGNORE INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (self.ledger, profile, *row)
        )
        return cursor.rowcount == 1

    def others(self, profile: str, file: str, account: str) -> list[Span]:
        """Return the spans of the other files of the same profile and account."""
        rows = self.base.execute(
            "SELECT first, last, opening, closing FROM spans"
            " WHERE ledger = ? AND profile = ? AND account = ? AND file != ? ORDER BY first, last",
            (self.ledger, profile, account, file),
        )
        return [
            Span(account, date.fromisoformat(first), date.fromisoformat(last), _amount(opening), _amount(closing))
            for first, last, opening, closing in rows
        ]


def _balances(span: Span) -> tuple[Decimal | None, Decimal | None]:
    return span.opening, span.closing


def _text(balance: Decimal | None) -> str:
    return "" if balance is None else str(balance)


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None
