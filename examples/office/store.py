"""What the site keeps in its folder: a password, and vouchers and sessions in a SQLite file."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple
from pathlib import Path

from voucher import Draft, Voucher, won

_TABLES = """
CREATE TABLE IF NOT EXISTS vouchers (  -- the fields of a Voucher, in its order
    number INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT, account TEXT, party TEXT, amount INTEGER, memo TEXT
);
CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, requests INTEGER);
"""


def make_password(path: Path) -> None:
    """Write a random password that its owner alone can read, unless there is one."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"{secrets.token_urlsafe(12)}\n", encoding="ascii")


class Store:
    """Vouchers and sessions; both outlive the site's process."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._path = path
        with closing(sqlite3.connect(path)) as base:
            base.executescript(_TABLES)

    def save(self, draft: Draft) -> int:
        """Store a voucher and return its number; it does not matter whether an equal one stands already."""
        day, account, party, amount, memo = astuple(draft)
        with self._base() as base:
            made = base.execute(
                "INSERT INTO vouchers (day, account, party, amount, memo) VALUES (?, ?, ?, ?, ?)",
                (day, account, party, won(amount), memo),
            )
        return made.lastrowid or 0

    def voucher(self, number: int) -> Voucher | None:
        """Return the voucher of that number."""
        with self._base() as base:
            row = base.execute("SELECT * FROM vouchers WHERE number = ?", (number,)).fetchone()
        return Voucher(*row) if row else None

    def vouchers(self, memo: str = "") -> list[Voucher]:
        """Return the vouchers whose memo has *memo* in it, the newest first."""
        with self._base() as base:
            rows = base.execute(
                "SELECT * FROM vouchers WHERE instr(memo, ?) > 0 ORDER BY number DESC", (memo,)
            ).fetchall()
        return [Voucher(*row) for row in rows]

    def open_session(self) -> str:
        """Return the token of a new session."""
        token = secrets.token_urlsafe()
        with self._base() as base:
            base.execute("INSERT INTO sessions VALUES (?, 0)", (token,))
        return token

    def use_session(self, token: str, lasts: int) -> bool:
        """Count a request of a session and tell whether it is within its *lasts* requests; 0 is no limit."""
        with self._base() as base:
            base.execute("UPDATE sessions SET requests = requests + 1 WHERE token = ?", (token,))
            if lasts:
                base.execute("DELETE FROM sessions WHERE token = ? AND requests > ?", (token, lasts))
            return base.execute("SELECT 1 FROM sessions WHERE token = ?", (token,)).fetchone() is not None

    @contextmanager
    def _base(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as base, base:
            yield base
