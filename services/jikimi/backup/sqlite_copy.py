"""SQLite as a file that is whole: by its own backup call, for a plain copy of a live one is damaged every time."""

import sqlite3
from contextlib import closing
from pathlib import Path

from jikimi.backup.port import NotStored

_BUSY_STEPS = 240  # SQLite pauses for a quarter of a second after each
_OPEN_S = 30.0


def copy_sqlite(source: Path, target: Path) -> None:
    """Write a consistent copy of the live database *source* to *target*.

    All pages in one step: smaller steps begin anew with every write of others, and may never end.

    Raises:
        NotStored: it is no database, is damaged, or stayed locked for a minute.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    busy = 0

    def step(status: int, _remaining: int, _total: int) -> None:
        nonlocal busy
        busy += status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if busy > _BUSY_STEPS:
            raise TimeoutError("locked by others for a minute")

    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=_OPEN_S)) as base,
            closing(sqlite3.connect(partial)) as copy,
        ):
            base.isolation_level = None
            base.execute("BEGIN")
            # holds the read lock: SQLite waits for it better than its backup call, which naps a quarter of a second
            base.execute("SELECT count(*) FROM sqlite_master").fetchone()
            base.backup(copy, pages=-1, progress=step)
        if found := problems(partial, thorough=False):
            raise sqlite3.DatabaseError(found)
    except (sqlite3.Error, TimeoutError) as error:
        partial.unlink(missing_ok=True)
        raise NotStored(doing=source.name, why=str(error)) from error
    partial.replace(target)


def problems(path: Path, *, thorough: bool) -> str:
    """Return what SQLite finds wrong with a database that nobody writes, "" if nothing.

    Args:
        thorough: its indexes are compared with their tables as well.
    """
    pragma = "integrity_check" if thorough else "quick_check"
    try:
        with closing(_at_rest(path)) as base:
            said = [str(row[0]) for row in base.execute(f"PRAGMA {pragma}(5)")]
    except sqlite3.Error as error:
        return str(error)
    return "" if said == ["ok"] else "; ".join(said)


def rows_of(path: Path) -> dict[str, int]:
    """Return the number of rows of each table of a database that nobody writes."""
    with closing(_at_rest(path)) as base:
        tables = [
            row[0]
            for row in base.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
            )
        ]
        quoted = {table: table.replace('"', '""') for table in tables}
        return {
            table: int(base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - its own name, quoted
            for table, name in quoted.items()
        }


def _at_rest(path: Path) -> sqlite3.Connection:
    """Open without a trace: no -wal and no -shm file is made beside it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
