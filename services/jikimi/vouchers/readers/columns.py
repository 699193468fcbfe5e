"""Find the header among the rows, and which column holds what."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from jikimi.tables.limits import COLUMNS
from jikimi.tables.reasons import FileRefused
from jikimi.tables.refusal import listed, refused
from jikimi.tables.table import Row, Table
from jikimi.vouchers.readers.fields import Field
from jikimi.vouchers.readers.matching import Columns, match, trimmed
from jikimi.vouchers.readers.subheader import merged, second_row

_DEEPEST = 100
"""How far down a header is looked for."""

_LEAST = 2
"""How many fields a row must name to count as a header."""


@dataclass(frozen=True, slots=True)
class Header:
    """The row of a table that names its columns, or the two rows.

    Attributes:
        place: where the (last) row stands among the table's rows, from 0.
        names: its cells, up to the last one that says anything; of two rows, one name a column.
        printed: the rows as they stand, for they may stand again further down.
    """

    table: Table
    place: int
    names: tuple[str, ...]
    columns: Columns
    printed: tuple[tuple[str, ...], ...]

    def rows_above(self) -> Sequence[Row]:
        """Return the titles."""
        return self.table.rows[: self.place + 1 - len(self.printed)]

    def rows_below(self) -> Sequence[Row]:
        """Return what may be data."""
        return self.table.rows[self.place + 1 :]


def find_header(table: Table, fields: Sequence[Field]) -> Header | None:
    """Return the row that names the most fields, the topmost of equals; None if no row names enough.

    Raises:
        FileRefused: it is a row of two, and what they say together is not certain.
    """
    best = None
    score = _LEAST - 1
    counting = {field.name for field in fields if field.counts}
    for place, row in enumerate(table.rows[:_DEEPEST]):
        names = trimmed(row.cells)
        columns = match(names, fields) if len(names) <= COLUMNS and not row.hidden else {}
        if len(counting & columns.keys()) > score:
            best, score = Header(table, place, names, columns, (names,)), len(counting & columns.keys())
    return None if best is None else _with_second_row(best, fields)


def _with_second_row(header: Header, fields: Sequence[Field]) -> Header:
    """Return *header* with the row below it or above it, if the two are one header."""
    rows = header.table.rows
    if header.place + 1 < len(rows) and (found := _of_two(header.table, header.place, fields)):
        return found
    if header.place > 0 and not rows[header.place - 1].hidden:
        # A file whose header stands alone must stay readable, whatever its titles are.
        with suppress(FileRefused):
            found = _of_two(header.table, header.place - 1, fields)
            if found and len(found.columns) > len(header.columns):
                return found
    return header


def _of_two(table: Table, place: int, fields: Sequence[Field]) -> Header | None:
    """Return the header of the row at *place* and the one below it, None if that one does not go on with it."""
    names, below = trimmed(table.rows[place].cells), table.rows[place + 1]
    if below.hidden or len(names) > COLUMNS or len(trimmed(below.cells)) > COLUMNS:
        return None
    if not second_row(names, match(names, fields).get("on", ()), below, fields):
        return None
    both = merged(names, below, fields)
    return Header(table, place + 1, both, match(both, fields), (names, trimmed(below.cells)))


def check(header: Header, fields: Sequence[Field], required: Sequence[str]) -> None:
    """Make sure that no field is missing, in two columns at once, or in a column that a person does not see.

    Raises:
        FileRefused: one is; the reason lists the columns that were seen.
    """
    for field in fields:
        places = header.columns.get(field.name, ())
        if len(places) > 1 and not field.many:
            clash = listed([header.names[place] for place in places])
            raise refused("column_ambiguous", field=field.label, columns=clash)
    hidden = {place for places in header.columns.values() for place in places} & header.table.hidden_columns
    if hidden:
        raise refused("column_hidden", columns=listed([header.names[place] for place in sorted(hidden)]))
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
