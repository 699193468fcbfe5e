"""A dropped file as work items: each row of a table, under its header, is one."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from jikimi.rpa import reasons  # noqa: F401 - what follows says them
from jikimi.tables import Reason, Row, Table, read_tables
from jikimi.tables.errors_csv import REASON, unguarded
from jikimi.tables.refusal import refused

KEY_COLUMNS = ("key", "키", "관리번호")
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item as it stands in a file; *problem* says why it cannot be one."""

    row: int
    key: str
    cells: Mapping[str, Any]
    problem: Reason | None = None


@dataclass(frozen=True, slots=True)
class ItemFile:
    """What a file asks for; *header* are its columns, empty for one that is no table."""

    header: Sequence[str]
    items: Sequence[Wanted]


def read_items(data: bytes) -> ItemFile:
    """Return the items of a file: a table, or JSON with a `key` and `data`.

    Raises:
        FileRefused: it is neither.
    """
    if data.lstrip()[:1] in (b"{", b"["):
        return ItemFile((), _from_json(data))
    filled = [table for table in read_tables(data) if any(not row.is_blank() for row in table.rows)]
    if len(filled) != 1:
        raise refused("several_tables" if filled else "empty_file")
    return _from_table(filled[0])


def _from_json(data: bytes) -> list[Wanted]:
    try:
        found = json.loads(data)
        documents = found if isinstance(found, list) else [found]
        return [Wanted(number, str(one["key"]), dict(one["data"])) for number, one in enumerate(documents, 1)]
    except (ValueError, KeyError, TypeError) as wrong:
        raise refused("items_unreadable") from wrong


def _from_table(table: Table) -> ItemFile:
    rows = [row for row in table.rows if not row.is_blank()]
    header = [cell.strip() for cell in rows[0].cells]
    names = [name for name in header if name]
    if len(set(names)) < len(names) or not names:
        raise refused("header_unclear")
    body = rows[1:]
    if not body:
        raise refused("no_item_rows")
    seen = Counter[str]()
    return ItemFile(names, [_wanted(row, header, seen) for row in body])


def _wanted(row: Row, header: Sequence[str], seen: Counter[str]) -> Wanted:
    cells = {name: unguarded(row.cell(place)).strip() for place, name in enumerate(header) if name and name != REASON}
    if any(cell.strip() for cell in row.cells[len(header) :]):
        return Wanted(row.number, "", cells, Reason("item_row_too_long"))
    given = next((cells[name] for name in KEY_COLUMNS if cells.get(name)), "")
    text = json.dumps(cells, ensure_ascii=False, sort_keys=True)
    seen[given or text] += 1
    if given:
        return Wanted(row.number, given, cells, Reason("key_twice", {"key": given}) if seen[given] > 1 else None)
    # two rows alike are two items, told apart by their order, so that the same file gives the same items again
    return Wanted(row.number, sha256(f"{text}{seen[text]}".encode()).hexdigest()[:_DIGITS], cells)
