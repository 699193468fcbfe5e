"""What the journal tells people: a voucher's story, the files that were taken, the rows that ask a question."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from jikimi.config.model import Ledger
from jikimi.vouchers.bookings import Booking
from jikimi.vouchers.outcome import State
from jikimi.vouchers.reversal_log import earlier_of

_ID_LETTERS = 8
_PRACTICE = "p"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that was taken.

    Attributes:
        id: its short name; no other file has it, whatever it is called.
        first, last: the days of its rows, ISO 8601; "" where it has none that could be read.
        open: how many of its rows still wait.
    """

    id: str
    sha: str
    name: str
    profile: str
    at: str
    first: str
    last: str
    rows: int
    posted: int
    open: int


def file_id(sha: str, ledger: Ledger) -> str:
    """Return the short name of a file with these bytes in that ledger."""
    return sha[:_ID_LETTERS] + (_PRACTICE if ledger is Ledger.PRACTICE else "")


def files(base: sqlite3.Connection, ledger: Ledger, wanted: str) -> list[KnownFile]:
    """Return the files with the id or the name *wanted*, all for "", newest first."""
    rows = base.execute(
        """
        SELECT files.sha, files.name, files.profile, files.at, coalesce(min(nullif("on", '')), ''),
            coalesce(max("on"), ''), count(row), sum(state = ?), sum(state IN (?, ?))
        FROM files LEFT JOIN lines ON lines.file = files.sha AND lines.ledger = files.ledger
        WHERE files.ledger = ? GROUP BY files.sha ORDER BY files.at DESC
        """,
        (State.POSTED, State.WAITING, State.UNKNOWN, ledger),
    )
    found = [
        KnownFile(file_id(sha, ledger), sha, name, profile, at, first, last, count, posted or 0, waits or 0)
        for sha, name, profile, at, first, last, count, posted, waits in rows
    ]
    return [file for file in found if wanted in ("", file.id, file.name)]


def questions(base: sqlite3.Connection, ledger: Ledger, wanted: str) -> list[str]:
    """Return the sources of the rows that ask a person and whose key begins with *wanted*."""
    rows = base.execute(
        "SELECT file, row FROM lines WHERE ledger = ? AND key LIKE ? || '%'"
        " AND state = ? AND reason LIKE '%\"likely_same\"%'",
        (ledger, wanted, State.WAITING),
    )
    return [f"{file_id(sha, ledger)}#{row}" for sha, row in rows]


def story(base: sqlite3.Connection, wanted: str) -> list[dict[str, Any]]:
    """Return every line whose key begins with *wanted*, or whose voucher has that number, with its file.

    `attempts` are the moments at which it was about to be posted, `reversal` the voucher that undid it, `earlier` the
    vouchers that its row had before.
    """
    names = ("key", "file", "profile", "ledger", "row", "on", "counterparty", "amount", "outcome", "reason", "number")
    rows = base.execute(
        'SELECT lines.key, files.name, files.profile, lines.ledger, row, "on", lines.name, amount, state,'
        " reason, lines.number, lines.at, lines.file, kind, booking FROM lines"
        " LEFT JOIN files ON files.sha = lines.file AND files.ledger = lines.ledger"
        " LEFT JOIN bookings USING (ledger, file, row)"
        " WHERE lines.key LIKE ? || '%' OR lines.number = ? OR EXISTS (SELECT 1 FROM earlier"
        " WHERE earlier.ledger = lines.ledger AND earlier.file = lines.file AND earlier.row = lines.row"
        " AND (earlier.key LIKE ? || '%' OR earlier.number = ?)) ORDER BY lines.at, row LIMIT 50",
        (wanted, wanted, wanted, wanted),
    ).fetchall()
    story = [dict(zip((*names, "at", "sha", "kind", "booking"), row, strict=True)) for row in rows]
    for line in story:
        sha, booking = line.pop("sha"), line.pop("booking")
        line.update((Booking.load(booking) if booking else Booking(())).document())
        line["earlier"] = earlier_of(base, line["ledger"], sha, line["row"], line["key"])
        where = (line["ledger"], line["key"])
        attempts = base.execute("SELECT at, erp_id FROM intents WHERE ledger = ? AND key = ?", where)
        undone = base.execute("SELECT number, who, at FROM reversals WHERE ledger = ? AND key = ?", where)
        line["attempts"] = [{"at": at, "erp_id": erp_id} for at, erp_id in attempts]
        line["reversal"] = next(({"number": n, "who": who, "at": at} for n, who, at in undone), None)
    return story
