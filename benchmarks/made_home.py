"""A made home of about 1.6 GB for `backup.py`, the same in every run, and what one working day changes in it."""

import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from random import Random

_SEED = "jikimi"
_LOGS_KEPT = 10  # days
_LOG_LINES = 240_000  # a day, 38 MB
_BASES = {"state/journal": 600_000, "erp/company": 1_200_000}  # rows at first
_NEW_ROWS, _TOUCHED_ROWS, _RECENT = 3_000, 500, 20_000
_PICTURES, _STATEMENTS, _SHEETS = (3_000, 40), (10_000, 150), (300, 8)  # at first, and each day
_TABLE = """
CREATE TABLE IF NOT EXISTS line (
    id INTEGER PRIMARY KEY, key TEXT, day TEXT, account TEXT, text TEXT, debit TEXT, credit TEXT, state TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS line_by_key ON line (key);
CREATE INDEX IF NOT EXISTS line_by_day ON line (day, account);
"""
_SHOPS = (
    "스타벅스 강남점",
    "GS25 역삼",
    "교보문고",
    "카카오택시",
    "쿠팡",
    "배달의민족",
    "한국전력",
    "KT",
    "우체국",
    "다이소",
)


def make(home: Path) -> None:
    """Fill *home*: databases, logs of ten days, pictures, statements, sheets."""
    for name, rows in _BASES.items():
        _book(home / f"{name}.sqlite", rows, 0)
    for day in range(-_LOGS_KEPT + 1, 1):
        _log(home, day)
    _files(home, 0, first=True)


def age(home: Path, day: int) -> None:
    """Let working day number *day* (1 and up) come and go."""
    for name in _BASES:
        _book(home / f"{name}.sqlite", _NEW_ROWS, day)
    _log(home, day)
    _log_file(home, day - _LOGS_KEPT).unlink(missing_ok=True)
    _files(home, day, first=False)


def size_mb(home: Path) -> tuple[float, int]:
    """Return the size in MB and the number of files of what is saved."""
    sizes = [path.stat().st_size for path in home.rglob("*") if path.is_file() and "backup" not in str(path)]
    return sum(sizes) / 1e6, len(sizes)


def _book(path: Path, rows: int, day: int) -> None:
    chance = Random(f"{_SEED}-{path.name}-{day}")
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(_TABLE)
        base.executemany(
            "INSERT INTO line (key, day, account, text, debit, credit, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
            _rows(chance, rows, day),
        )
        if day:
            last = base.execute("SELECT max(id) FROM line").fetchone()[0]
            recent = [(last - chance.randrange(_RECENT),) for _ in range(_TOUCHED_ROWS)]
            base.executemany("UPDATE line SET state = 'posted' WHERE id = ?", recent)


def _rows(chance: Random, rows: int, day: int) -> Iterator[tuple[str, ...]]:
    for number in range(rows):
        # the rows that stand there at first are of the 700 days before
        when = 1000 + day if day else 300 + 700 * number // rows
        amount = str(chance.randrange(1000, 900_000))
        key = f"jk1-{chance.getrandbits(128):032x}"  # as random as a key by content is
        yield key, f"d{when}", str(chance.randrange(100, 999)), chance.choice(_SHOPS), amount, "0", "draft"


def _log_file(home: Path, day: int) -> Path:
    return home / f"logs/rpa-{100 + day}.jsonl"


def _log(home: Path, day: int) -> None:
    chance = Random(f"{_SEED}-log-{day}")
    with _log_file(home, day).open("w", encoding="utf-8") as file:
        for number in range(_LOG_LINES):
            second = number * 86_400 // _LOG_LINES
            line = {
                "v": 1,
                "at": f"{100 + day}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.{number % 1000:03}",
                "event": chance.choice(("voucher.posted", "line.read", "beat.sent", "job.taken", "file.claimed")),
                "unit": chance.choice(("erp-worker", "rpa-worker", "scheduler")),
                "key": f"jk1-{chance.getrandbits(64):016x}",
                "name": chance.choice(_SHOPS),
                "ms": chance.randrange(1, 4000),
                "level": "info",
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _files(home: Path, day: int, *, first: bool) -> None:
    chance = Random(f"{_SEED}-files-{day}")
    which = 0 if first else 1
    for number in range(_PICTURES[which]):
        path = home / f"outputs/evidence/{1000 + day}-{number // 20}/screen-{number % 20}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + chance.randbytes(chance.randrange(120_000, 380_000)))
    for number in range(_STATEMENTS[which]):
        path = home / f"done/2026/{1 + number % 12:02}/card-{day}-{number}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(_statement(chance, chance.randrange(100, 500))), encoding="utf-8")
    for number in range(_SHEETS[which]):
        path = home / f"done/2026/{1 + number % 12:02}/bank-{day}-{number}.xlsx"
        path.write_bytes(_sheet(chance))


def _statement(chance: Random, rows: int) -> Iterator[str]:
    for _ in range(rows):
        yield f"2026-11-{chance.randrange(1, 30):02},{chance.choice(_SHOPS)},{chance.randrange(1000, 900_000)},승인,"
        yield f"{chance.getrandbits(32):08x}\n"


def _sheet(chance: Random) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        inside = zipfile.ZipInfo("xl/worksheets/sheet1.xml", (2026, 11, 1, 0, 0, 0))
        inside.compress_type = zipfile.ZIP_DEFLATED
        cells = (f"<c><v>{chance.randrange(10**9)}</v></c>" for _ in range(20_000))
        file.writestr(inside, f"<sheetData>{''.join(cells)}</sheetData>")
    return packed.getvalue()
