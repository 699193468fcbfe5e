"""The outbox's file: its shape in each version, and how it is opened."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import structlog

from jikimi.errors import NotWell
from jikimi.text import Text

log = structlog.get_logger()
_BUSY_S = 0.2  # the keeper waits no longer than this, whoever holds the file
_FIRST = (
    """CREATE TABLE messages (
        id INTEGER PRIMARY KEY, incident TEXT NOT NULL, step TEXT NOT NULL, severity TEXT NOT NULL,
        unit TEXT NOT NULL, at TEXT NOT NULL, subject_ko TEXT NOT NULL, body_ko TEXT NOT NULL,
        subject_en TEXT NOT NULL, body_en TEXT NOT NULL, UNIQUE (incident, step)
    )""",
    """CREATE TABLE deliveries (
        message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE, channel TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0, next_try TEXT,
        sent_at TEXT, why TEXT NOT NULL DEFAULT '', PRIMARY KEY (message, channel)
    ) WITHOUT ROWID""",
    "CREATE INDEX open_deliveries ON deliveries (channel, message) WHERE state IN ('waiting', 'sending')",
)
_MIGRATIONS: Sequence[Sequence[str]] = (_FIRST,)  # what leads from each version of the file to the next one


class NewerOutbox(NotWell):
    """The file was written by a newer Jikimi."""

    what = Text("{file}은(는) 더 새로운 지킴이가 쓴 파일입니다", "{file} was written by a newer Jikimi")
    remedy = Text(
        "새 버전으로 실행하거나, 파일을 지우세요(아직 못 보낸 알림만 잃습니다)",
        "run the newer version, or delete the file: only messages not sent yet are lost",
    )


def open_file(path: Path) -> sqlite3.Connection:
    """Return a connection to the file in its newest version.

    A damaged file is put aside and a new one begun, for `state/` may always be lost.

    Raises:
        NewerOutbox: a newer Jikimi wrote it.
        sqlite3.Error, OSError: it cannot be opened now.
    """
    try:
        return _connect(path)
    except sqlite3.OperationalError:  # busy, full, not to be reached: no damage
        raise
    except sqlite3.DatabaseError as error:
        log.warning("outbox.begun_anew", why=str(error))
        path.replace(path.with_suffix(".broken"))
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)
    try:
        _refuse_newer(base, path)
        base.execute("PRAGMA journal_mode=WAL")
        # A kill takes nothing. A power cut may take the last half minute; to wait for the disk each time, with
        # the file locked, would hold up the keeper.
        base.execute("PRAGMA synchronous=NORMAL")
        base.execute("PRAGMA foreign_keys=ON")
        _migrate(base)
    except BaseException:
        base.close()
        raise
    return base


def _refuse_newer(base: sqlite3.Connection, path: Path) -> None:
    if _version(base) > len(_MIGRATIONS):
        raise NewerOutbox(file=path)


def _migrate(base: sqlite3.Connection) -> None:
    if _version(base) == len(_MIGRATIONS):
        return
    base.execute("BEGIN IMMEDIATE")
    for statements in _MIGRATIONS[_version(base) :]:  # another connection may have been faster
        for statement in statements:
            base.execute(statement)
    base.execute(f"PRAGMA user_version={len(_MIGRATIONS)}")
    base.execute("COMMIT")


def _version(base: sqlite3.Connection) -> int:
    version: int = base.execute("PRAGMA user_version").fetchone()[0]
    return version
