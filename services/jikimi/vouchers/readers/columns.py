"""Find the header among the rows, and which column holds what."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jikimi.tables.limits import COLUMNS
from jikimi.tables.refusal import listed, refused
from jikimi.tables.table import Row, Table
from jikimi.vouchers.readers.fields import Field

_DEEPEST = 100
"""How far down a header is looked for."""

_LEAST = 2
"""How many fields a row must name to count as a header."""

_BRACKETS = re.compile(r"[(\[].*?[)\]]|[*:※]")
_OWN_UNITS = frozenset({"원", "krw", "₩", "\\", "won", "부가세포함", "vat포함"})

Columns = Mapping[str, tuple[int, ...]]
"""Field name to the places of its columns; a field without a column is not in it."""


@dataclass(frozen=True, slots=True)
class Header:
    """The row of a table that names its columns.

    Attributes:
        place: where the row stands among the table's rows, from 0.
        names: its cells, up to the last one that says anything.
    """

    table: Table
    place: int
    names: tuple[str, ...]
    columns: Columns

    def rows_below(self) -> Sequence[Row]:
        """Return what may be data."""
        return self.table.rows[self.place + 1 :]


def find_header(table: Table, fields: Sequence[Field]) -> Header | None:
    """Return the row that names the most fields, the topmost of equals; None if no row names enough."""
    best = None
    score = _LEAST - 1
    for place, row in enumerate(table.rows[:_DEEPEST]):
        names = _trimmed(row.cells)
        columns = match(names, fields) if len(names) <= COLUMNS else {}
        if len(columns) > score:
            best, score = Header(table, place, names, columns), len(columns)
    return best


def match(names: Sequence[str], fields: Sequence[Field]) -> Columns:
    """Return the columns of each field; where several fit equally, all of them."""
    exact = [_plain(name) for name in names]
    found = {field.name: _fit(field, exact) or _fit(field, [_loose(name, field) for name in exact]) for field in fields}
    return {name: places for name, places in found.items() if places}


def check(header: Header, fields: Sequence[Field], required: Sequence[str]) -> None:
    """Make sure that no field is missing or in two columns at once.

    Raises:
        FileRefused: one is; the reason lists the columns that were seen.
    """
    for field in fields:
        places = header.columns.get(field.name, ())
        if len(places) > 1 and not field.many:
            clash = listed([header.names[place] for place in places])
            raise refused("column_ambiguous", field=field.label, columns=clash)
    missing = [field.label for field in fields if field.name in required and field.name not in header.columns]
    if missing:
        seen = listed([name for name in header.names if name.strip()])
        raise refused("column_missing", columns=listed(missing), headers=seen)


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return *names* with none empty and none twice: `금액`, `금액 (2)`."""
    taken: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        base = " ".join(name.split()) or f"열 {place}"
        chosen, again = base, 1
        while chosen in taken:
            again += 1
            chosen = f"{base} ({again})"
        taken[chosen] = None
    return tuple(taken)


def _fit(field: Field, names: Sequence[str]) -> tuple[int, ...]:
    by_alias = [tuple(i for i, name in enumerate(names) if name == alias) for alias in field.aliases]
    if field.many or field.money:
        return tuple(place for places in by_alias for place in places)
    return next((places for places in by_alias if places), ())


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _loose(name: str, field: Field) -> str:
    """Return *name* without brackets; money keeps a unit that is not ours, such as `(us$)`."""
    bracketed = re.findall(r"[(\[](.*?)[)\]]", name)
    if field.money and any(unit not in _OWN_UNITS for unit in bracketed):
        return name
    return _BRACKETS.sub("", name)


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    last = max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
    return tuple(cells[:last])
