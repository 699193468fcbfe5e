"""What was done with which line, for the result pages, for `why`, and for telling our vouchers from others'.

The ERP is the truth about vouchers; this file may be lost at any time, and then the next cycle finds
every voucher by its key again. One process writes it, and no other opens it while that one lives.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from jikimi.clock import Clock
from jikimi.config.model import Ledger
from jikimi.errors import NotWell
from jikimi.text import Text
from jikimi.vouchers.entry import Entry, columns_of, entry_of
from jikimi.vouchers.history import KnownFile, files, questions, story
from jikimi.vouchers.outcome import State
from jikimi.vouchers.reversal_log import IS_REVERSED, SCHEMA, ReversalLog, posted_keys
from jikimi.vouchers.span_log import SPANS, SpanLog

_VERSION = 1
_SCHEMA = """
CREATE TABLE lines (
    ledger TEXT NOT NULL, file TEXT NOT NULL, row INTEGER NOT NULL, key TEXT NOT NULL,
    "on" TEXT NOT NULL, name TEXT NOT NULL, amount TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL, number TEXT NOT NULL, debit TEXT NOT NULL,
    credit TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (ledger, file, row)
) WITHOUT ROWID;
CREATE INDEX lines_by_key ON lines (key, ledger);
CREATE TABLE files (
    ledger TEXT NOT NULL, sha TEXT NOT NULL, name TEXT NOT NULL, profile TEXT NOT NULL, at TEXT NOT NULL,
    claim TEXT NOT NULL, document TEXT NOT NULL, done INTEGER NOT NULL, PRIMARY KEY (ledger, sha)
) WITHOUT ROWID;
CREATE TABLE intents (ledger TEXT NOT NULL, key TEXT NOT NULL, erp_id INTEGER NOT NULL, at TEXT NOT NULL);
CREATE INDEX intents_by_key ON intents (key, ledger);
CREATE TABLE approvals (
    ledger TEXT NOT NULL, sha TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (ledger, sha)
) WITHOUT ROWID;
CREATE TABLE reversals (
    ledger TEXT NOT NULL, key TEXT NOT NULL, number TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (ledger, key)
) WITHOUT ROWID;
CREATE TABLE totals (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
# Added since the first release, which leaves them alone: no reason to keep it from reading the rest.
_ADDED = """
CREATE TABLE IF NOT EXISTS answers (
    ledger TEXT NOT NULL, source TEXT NOT NULL, same INTEGER NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (ledger, source)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bookings (
    ledger TEXT NOT NULL, file TEXT NOT NULL, row INTEGER NOT NULL, kind TEXT NOT NULL, booking TEXT NOT NULL,
    PRIMARY KEY (ledger, file, row)
) WITHOUT ROWID;
"""


class NewerJournal(NotWell):
    """The file was written by a newer Jikimi."""

    what = Text("{file}은(는) 더 새로운 지킴이가 쓴 파일입니다", "{file} was written by a newer Jikimi")
    remedy = Text("새 버전으로 실행하세요", "run the newer version")


class Journal:
    """The journal in the SQLite file *path*, made if it is missing, as one ledger sees it.

    The same statement may be practised with first and be posted to the company's books afterwards, so files,
    lines and intents belong to a ledger each; `story` and `totals` speak of all ledgers.
    """

    def __init__(self, path: Path, clock: Clock, ledger: Ledger = Ledger.COMPANY) -> None:
        self._clock = clock
        self.ledger = ledger
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;")
        version = self._base.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise NewerJournal(file=path)
        if version == 0:
            self._base.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;")
        self._base.executescript(_ADDED + SCHEMA + SPANS)

    def of(self, ledger: Ledger) -> "Journal":
        """Return the same journal as *ledger* sees it."""
        other = copy(self)
        other.ledger = ledger
        return other

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def intend(self, ids: Mapping[str, int]) -> None:
        """Remember, durably, that these keys are about to be posted as these ids of the ERP."""
        at = self._now()
        with self._transaction():
            self._base.executemany(
                "INSERT INTO intents VALUES (?, ?, ?, ?)",
                [(self.ledger, key, erp_id, at) for key, erp_id in ids.items()],
            )

    def intended(self, keys: Sequence[str]) -> set[str]:
        """Return those of *keys* that we were about to post and have not reported as posted."""
        marks = ",".join("?" * len(keys))
        rows = self._base.execute(
            f"SELECT DISTINCT key FROM intents WHERE ledger = ? AND key IN ({marks})"  # noqa: S608 - question marks only
            " AND NOT EXISTS (SELECT 1 FROM lines WHERE lines.key = intents.key"
            " AND lines.ledger = intents.ledger AND state = 'posted')",
            [self.ledger, *keys],
        )
        return {key for (key,) in rows}

    def open_rows(self, sha: str) -> set[int] | None:
        """Return the rows of a file that the next cycle looks at, or None for an unknown file."""
        if self.claim_of(sha) is None:
            return None
        rows = self._base.execute(
            f"SELECT row FROM lines WHERE ledger = ? AND file = ? AND state IN (?, ?) AND NOT {IS_REVERSED}",  # noqa: S608
            (self.ledger, sha, State.WAITING, State.UNKNOWN),
        )
        return {row for (row,) in rows}

    def approve(self, sha: str, who: str) -> None:
        """Remember that *who* lets the drafts of a file be posted."""
        self._base.execute("INSERT OR REPLACE INTO approvals VALUES (?, ?, ?, ?)", (self.ledger, sha, who, self._now()))

    def is_approved(self, sha: str) -> bool:
        """Return whether a person lets the drafts of a file be posted."""
        found = self._base.execute("SELECT 1 FROM approvals WHERE ledger = ? AND sha = ?", (self.ledger, sha))
        return found.fetchone() is not None

    def answer(self, source: str, who: str, *, same: bool) -> None:
        """Remember what *who* says of the row with that source: the same transaction as it was likened to, or not."""
        self._base.execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", (self.ledger, source, same, who, self._now())
        )

    def answer_of(self, source: str) -> bool | None:
        """Return what a person has said of the row with that source, None for nothing."""
        found = self._base.execute(
            "SELECT same FROM answers WHERE ledger = ? AND source = ?", (self.ledger, source)
        ).fetchone()
        return None if found is None else bool(found[0])

    @property
    def reversals(self) -> ReversalLog:
        """The reversals of this ledger."""
        return ReversalLog(self._base, self.ledger, self._now)

    @property
    def spans(self) -> SpanLog:
        """The days and balances of this ledger's bank statements."""
        return SpanLog(self._base, self.ledger)

    def claim_of(self, sha: str) -> tuple[str, bool] | None:
        """Return the claim by which a file with these bytes was taken, and whether nothing of it is open."""
        found = self._base.execute(
            "SELECT claim, done FROM files WHERE ledger = ? AND sha = ?", (self.ledger, sha)
        ).fetchone()
        return (found[0], bool(found[1])) if found else None

    def document_of(self, sha: str) -> dict[str, Any]:
        """Return what its last cycle told of a file, {} for one that we do not know."""
        found = self._base.execute(
            "SELECT document FROM files WHERE ledger = ? AND sha = ?", (self.ledger, sha)
        ).fetchone()
        return dict(json.loads(found[0])) if found else {}

    def entries(self, sha: str) -> list[Entry]:
        """Return how every row of a file stands, by row."""
        rows = self._base.execute(
            'SELECT row, key, "on", name, amount, state, reason, number, debit, credit, kind, booking FROM lines'
            " LEFT JOIN bookings USING (ledger, file, row) WHERE ledger = ? AND file = ? ORDER BY row",
            (self.ledger, sha),
        )
        return [entry_of(row) for row in rows]

    def close_file(
        self,
        claim: str,
        entries: Sequence[Entry],
        document: Mapping[str, Any],
        totals: Mapping[str, int],
        *,
        done: bool,
    ) -> None:
        """Keep, in one transaction, what a cycle found of a file; *document* is that of its `FileResult`."""
        at, sha = self._now(), document["sha"]
        head = (self.ledger, sha, document["name"], document["profile"], at, claim)
        with self._transaction():
            self._keep(sha, entries, at)
            self._base.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*head, json.dumps(document), done)
            )
            self._add(totals)

    def _keep(self, sha: str, entries: Sequence[Entry], at: str) -> None:
        self._base.executemany(
            "INSERT OR REPLACE INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(self.ledger, sha, *columns_of(entry), at) for entry in entries],
        )
        self._base.executemany(
            "INSERT OR REPLACE INTO bookings VALUES (?, ?, ?, ?, ?)",
            [
                (self.ledger, sha, entry.row, entry.kind, entry.booking.dump() if entry.booking else "")
                for entry in entries
            ],
        )

    def story(self, wanted: str) -> list[dict[str, Any]]:
        """Return every line whose key begins with *wanted*, or whose voucher has that number, with its file."""
        return story(self._base, wanted)

    def files(self, wanted: str = "") -> list[KnownFile]:
        """Return the files with that id or name, all without one, newest first."""
        return files(self._base, self.ledger, wanted)

    def posted_keys(self, sha: str) -> list[str]:
        """Return the keys of the vouchers that this file, and no other, has brought into the books."""
        return posted_keys(self._base, self.ledger, sha)

    def questions(self, wanted: str) -> list[str]:
        """Return the sources of the rows that a person is asked about and whose key begins with *wanted*."""
        return questions(self._base, self.ledger, wanted)

    def add(self, counts: Mapping[str, int]) -> None:
        """Add to the totals of all time."""
        with self._transaction():
            self._add(counts)

    def _add(self, counts: Mapping[str, int]) -> None:
        self._base.executemany(
            "INSERT INTO totals VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            list(counts.items()),
        )

    def totals(self) -> dict[str, int]:
        """Return the totals of all time, and the lines that wait now and stand by no other file."""
        totals = dict(self._base.execute("SELECT name, value FROM totals").fetchall())
        for state in (State.WAITING, State.UNKNOWN):
            totals[state] = self._base.execute(
                f"SELECT count(*) FROM lines WHERE state = ? AND NOT {IS_REVERSED} AND NOT EXISTS"  # noqa: S608
                " (SELECT 1 FROM lines AS other WHERE other.key = lines.key"
                " AND other.ledger = lines.ledger AND other.state IN ('posted', 'already'))",
                (state,),
            ).fetchone()[0]
        return totals

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._base)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")


class _Transaction:
    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def __enter__(self) -> None:
        self._base.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._base.execute("COMMIT" if kind is None else "ROLLBACK")
