"""Read the sheets of a workbook as text, each number exactly as it is stored.

Spreadsheets keep every number as binary floating point and are exact to fifteen digits only; a longer one
is written here as `1.23E+15`, which no reader behind this takes for an amount or a card number.
"""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from jikimi.tables.package import repack
from jikimi.tables.probe import probe
from jikimi.tables.refusal import refused
from jikimi.tables.sniff import Format
from jikimi.tables.table import Row, Table

Cell = int | float | str | bool | time | date | datetime | timedelta
_EXACT = 10**15


def workbook_tables(data: bytes, kind: Format) -> list[Table]:
    """Return one table a sheet, in the workbook's order, hidden ones included.

    Raises:
        FileRefused: the workbook is broken, needs a password, or is too large inside.
    """
    safe = data if kind is Format.XLS else repack(data, kind)
    probe(safe)
    try:
        return _tables(safe, kind)
    except PasswordError as locked:
        raise refused("password_needed") from locked
    except (CalamineError, ValueError, OverflowError) as broken:
        raise refused("broken_workbook") from broken
    except BaseException as wrong:
        # The native reader panics on some broken files, with an exception that is no `Exception`.
        if type(wrong).__name__ != "PanicException":
            raise
        raise refused("broken_workbook") from wrong


def _tables(data: bytes, kind: Format) -> list[Table]:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return [
            Table(kind, _rows(book.get_sheet_by_name(name).to_python(skip_empty_area=False)), name)
            for name in book.sheet_names
        ]


def _rows(sheet: Sequence[Sequence[Cell]]) -> tuple[Row, ...]:
    return tuple(Row(number, tuple(text_of(cell) for cell in cells)) for number, cells in enumerate(sheet, 1))


def text_of(cell: Cell) -> str:
    """Return *cell* as a person would type it."""
    match cell:
        case bool():
            return str(cell).upper()
        case int() | float():
            return _number(cell)
        case datetime():
            return _day_and_time(cell)
        case time():
            return cell.strftime("%H:%M:%S")
        case _:
            return str(cell)


def _number(number: float) -> str:
    if abs(number) >= _EXACT or number != number:  # noqa: PLR0124 -- not a number is not itself
        return f"{number:.14E}"
    return str(int(number)) if number == int(number) else repr(number)


def _day_and_time(moment: datetime) -> str:
    """Write the moment to the nearest second: a fraction of a day does not hit seconds exactly."""
    nearest = moment + timedelta(microseconds=500_000)
    return nearest.strftime("%Y-%m-%d %H:%M:%S")
