"""What the journal keeps of reversals and corrections."""

import json
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from jikimi.config.model import Ledger
from jikimi.vouchers.bookings import Booking
from jikimi.vouchers.outcome import State

SCHEMA = """
CREATE TABLE IF NOT EXISTS earlier (
    ledger TEXT NOT NULL, file TEXT NOT NULL, row INTEGER NOT NULL, key TEXT NOT NULL, number TEXT NOT NULL,
    state TEXT NOT NULL, PRIMARY KEY (ledger, file, row, key)
) WITHOUT ROWID;
"""
IS_REVERSED = "(state = 'waiting' AND reason LIKE '{\"code\": \"reversed\"%')"
"""The condition on `lines` of those whose voucher a person had reversed, and that nobody has dropped again."""


@dataclass(frozen=True, slots=True)
class ReversalLog:
    """The reversals of one ledger, in the journal's *base*."""

    base: sqlite3.Connection
    ledger: Ledger
    now: Callable[[], str]

    def record(self, key: str, number: str, who: str) -> None:
        """Remember who had the voucher reversed, by which *number*: its lines are open again."""
        reason = json.dumps({"code": "reversed", "facts": {"number": number}})
        with self.base:
            self.base.execute("BEGIN IMMEDIATE")
            self._remember(key, number, who)
            self.base.execute(
                "UPDATE lines SET state = 'waiting', reason = ?, debit = '0', credit = '0', at = ?"
                " WHERE ledger = ? AND key = ? AND state IN ('posted', 'already')",
                (reason, self.now(), self.ledger, key),
            )
            self._book(key, "")

    def record_correction(self, key: str, inverse: str, new: tuple[str, str], booking: Booking, who: str) -> None:
        """Remember that *inverse* reversed the voucher and *new*, key and number, replaces it with *booking*."""
        with self.base:
            self.base.execute("BEGIN IMMEDIATE")
            self._remember(key, inverse, who)
            self.base.execute(
                "UPDATE lines SET key = ?, number = ?, at = ?"
                " WHERE ledger = ? AND key = ? AND state IN ('posted', 'already')",
                (*new, self.now(), self.ledger, key),
            )
            self._book(new[0], booking.dump())

    def _book(self, key: str, booking: str) -> None:
        self.base.execute(
            "UPDATE bookings SET booking = ? WHERE ledger = ? AND EXISTS (SELECT 1 FROM lines WHERE lines.key = ?"
            " AND lines.ledger = bookings.ledger AND lines.file = bookings.file AND lines.row = bookings.row)",
            (booking, self.ledger, key),
        )

    def _remember(self, key: str, number: str, who: str) -> None:
        self.base.execute(
            "INSERT OR IGNORE INTO reversals VALUES (?, ?, ?, ?, ?)", (self.ledger, key, number, who, self.now())
        )
        self.base.execute(
            "INSERT OR IGNORE INTO earlier SELECT ledger, file, row, key, number, state FROM lines"
            " WHERE ledger = ? AND key = ? AND state IN ('posted', 'already')",
            (self.ledger, key),
        )

    def files_of(self, keys: Collection[str]) -> set[str]:
        """Return the files that have, or had, a row of one of these vouchers."""
        marks = ",".join("?" * len(keys))
        found = self.base.execute(
            "SELECT file FROM (SELECT ledger, file, key FROM lines UNION SELECT ledger, file, key FROM earlier)"  # noqa: S608 - question marks only
            f" WHERE ledger = ? AND key IN ({marks})",
            (self.ledger, *keys),
        )
        return {sha for (sha,) in found}

    def rows(self, sha: str) -> set[int]:
        """Return the rows of a file whose vouchers were reversed."""
        found = self.base.execute(
            f"SELECT row FROM lines WHERE ledger = ? AND file = ? AND {IS_REVERSED}",  # noqa: S608 - a constant
            (self.ledger, sha),
        )
        return {row for (row,) in found}

    def withdraw_approval(self, sha: str) -> None:
        """Forget the approval of a file: a person is asked again about what was reversed."""
        self.base.execute("DELETE FROM approvals WHERE ledger = ? AND sha = ?", (self.ledger, sha))

    def profile_of(self, key: str) -> str:
        """Return the profile of the file that posted the voucher, "" where it is not known."""
        found = self.base.execute(
            "SELECT profile FROM files JOIN (SELECT ledger, file, key, state FROM lines UNION"
            " SELECT ledger, file, key, state FROM earlier) AS mine ON mine.file = files.sha AND mine.ledger ="
            " files.ledger WHERE mine.ledger = ? AND mine.key = ? ORDER BY mine.state = 'posted' DESC LIMIT 1",
            (self.ledger, key),
        ).fetchone()
        return str(found[0]) if found else ""

    def keys_named(self, wanted: str) -> list[str]:
        """Return the keys of the vouchers with that number or key, else those that begin so."""
        found = self.base.execute(
            "SELECT key, number FROM"
            " (SELECT ledger, key, number FROM lines UNION SELECT ledger, key, number FROM earlier)"
            " WHERE ledger = ? AND key != '' AND (number = ? OR substr(key, 1, ?) = ?) ORDER BY key",
            (self.ledger, wanted, len(wanted), wanted),
        ).fetchall()
        exact = [key for key, number in found if wanted in (key, number)]
        return list(dict.fromkeys(exact or [key for key, _ in found]))


def earlier_of(base: sqlite3.Connection, ledger: str, file: str, row: int, key: str) -> list[dict[str, Any]]:
    """Return the vouchers that a row had before the one of *key*, each with what undid it."""
    found = base.execute(
        "SELECT earlier.key, earlier.number, reversals.number, who, at FROM earlier JOIN reversals"
        " ON reversals.ledger = earlier.ledger AND reversals.key = earlier.key"
        " WHERE earlier.ledger = ? AND file = ? AND row = ? AND earlier.key != ? ORDER BY at",
        (ledger, file, row, key),
    )
    names = ("key", "number", "reversed_by", "who", "at")
    return [dict(zip(names, one, strict=True)) for one in found]


def posted_keys(base: sqlite3.Connection, ledger: Ledger, sha: str) -> list[str]:
    """Return the keys of the vouchers that the file has posted, by row; reversed and mended ones too."""
    rows = base.execute(
        "SELECT DISTINCT key FROM lines WHERE ledger = ? AND file = ? AND key != '' AND (state = ?"  # noqa: S608 - a constant
        " OR (state = 'already' AND reason LIKE '{\"code\": \"mended\"%')"
        f" OR ({IS_REVERSED} AND EXISTS (SELECT 1 FROM earlier WHERE earlier.ledger = lines.ledger"
        " AND earlier.file = lines.file AND earlier.row = lines.row AND earlier.key = lines.key"
        " AND earlier.state = 'posted'))) ORDER BY row",
        (ledger, sha, State.POSTED),
    )
    return [key for (key,) in rows]
