"""The work items of all flows, and how far each has come. One process writes the file, and no other opens it.

It may be lost: every item that is not over comes again out of its file in `work/`, and an attempt of which only the
evidence is left counts as one of which nobody knows how it ended.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from jikimi.errors import NotWell
from jikimi.rpa.item import Item, State
from jikimi.text import Text

RESTORED = "state/items.restored"  # there once the items came out of a backup
_VERSION = 1
_SCHEMA = """
CREATE TABLE items (
    number INTEGER PRIMARY KEY, flow TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, next_at REAL NOT NULL,
    source TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (flow, key)
);
CREATE INDEX items_by_state ON items (state, next_at);
CREATE INDEX items_by_source ON items (source);
"""
_OPEN = (State.QUEUED, State.RUNNING, State.WAITING_SESSION)
_MARKS = ",".join("?" * len(_OPEN))


class NewerItems(NotWell):
    """The file was written by a newer Jikimi."""

    what = Text("{file}은(는) 더 새로운 지킴이가 쓴 파일입니다", "{file} was written by a newer Jikimi")
    remedy = Text("새 버전으로 실행하세요", "run the newer version")


class ItemStore:
    """The items in the SQLite file *path*, made if it is missing."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;")
        version = self._base.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise NewerItems(file=path)
        if version == 0:
            self._base.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def get(self, flow: str, key: str) -> Item | None:
        """Return the item, if it was ever handed in."""
        found = self._base.execute("SELECT body FROM items WHERE flow = ? AND key = ?", (flow, key)).fetchone()
        return _item(found[0]) if found else None

    def put(self, *items: Item) -> None:
        """Write *items* down, all or none, and return once they are on the disk."""
        rows = [(item.flow, item.key, item.state, item.next_at, item.source, _body(item)) for item in items]
        self._base.execute("BEGIN IMMEDIATE")
        self._base.executemany(
            "INSERT INTO items (flow, key, state, next_at, source, body) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (flow, key) DO UPDATE SET state = excluded.state, next_at = excluded.next_at,"
            " source = excluded.source, body = excluded.body",
            rows,
        )
        self._base.execute("COMMIT")

    def doubt_open(self) -> int:
        """Let nobody take for untried what an older copy of this file says of it; return how many are open.

        After a restore the other side may have had them since: their probes are asked first, or a person is.
        """
        wait = self._read(f"SELECT body FROM items WHERE state IN ({_MARKS})", _OPEN)  # noqa: S608 - marks only
        self.put(*(replace(item, attempts=max(item.attempts, 1), is_fenced=True, is_clear=False) for item in wait))
        return len(wait)

    def due(self, now: float, most: int) -> Sequence[Item]:
        """Return the items that something is to be done with now, the longest known first."""
        return self._read(
            f"SELECT body FROM items WHERE state IN ({_MARKS}) AND next_at <= ? ORDER BY number LIMIT ?",  # noqa: S608
            (*_OPEN, now, most),
        )

    def unsettled(self, source: str) -> int:
        """Return how many items out of one file still wait for something, or for somebody."""
        wait = (*_OPEN, State.IN_DOUBT)
        marks = ",".join("?" * len(wait))
        query = f"SELECT count(*) FROM items WHERE source = ? AND state IN ({marks})"  # noqa: S608 - marks only
        found: int = self._base.execute(query, (source, *wait)).fetchone()[0]
        return found

    def newest(self, state: State, most: int) -> Sequence[Item]:
        """Return the items in *state*, the newest first."""
        return self._read("SELECT body FROM items WHERE state = ? ORDER BY number DESC LIMIT ?", (state, most))

    def counts(self) -> dict[str, int]:
        """Return how many items there are in each state."""
        counted = dict(self._base.execute("SELECT state, count(*) FROM items GROUP BY state").fetchall())
        return {state.value: counted.get(state.value, 0) for state in State}

    def _read(self, query: str, values: Iterable[Any]) -> Sequence[Item]:
        return [_item(body) for (body,) in self._base.execute(query, tuple(values)).fetchall()]


def _body(item: Item) -> str:
    return json.dumps(asdict(item), ensure_ascii=False, default=str)


def _item(body: str) -> Item:
    found = json.loads(body)
    return Item(**{**found, "state": State(found["state"])})
