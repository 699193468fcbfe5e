"""Read the sheets of a workbook as text, each number exactly as it is stored.

Spreadsheets keep every number as binary floating point and are exact to fifteen digits only; a longer one
is written here as `1.23E+15`, which no reader behind this takes for an amount or a card number.
"""

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from jikimi.tables.ods_marks import ods_marks
from jikimi.tables.package import repack
from jikimi.tables.probe import probe
from jikimi.tables.refusal import refused
from jikimi.tables.sheet_marks import SheetMarks, marks_of
from jikimi.tables.sniff import Format
from jikimi.tables.table import Row, Table
from jikimi.tables.xls_marks import xls_marks

Cell = int | float | str | bool | time | date | datetime | timedelta
_EXACT = 10**15
_MARKS: Mapping[Format, Callable[[bytes], Mapping[str, SheetMarks]]] = {
    Format.XLSX: marks_of,
    Format.ODS: ods_marks,
    Format.XLS: xls_marks,
}


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
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
        hidden = {sheet.name for sheet in book.sheets_metadata if sheet.visible is not SheetVisibleEnum.Visible}
    marks = _MARKS[kind](data) if kind in _MARKS else {}
    return [_table(kind, name, sheet, marks.get(name), hidden) for name, sheet in sheets.items()]


def _table(
    kind: Format, name: str, sheet: Sequence[Sequence[Cell]], known: SheetMarks | None, hidden: Collection[str]
) -> Table:
    marks = known or SheetMarks()
    rows = tuple(_row(number, cells, marks) for number, cells in enumerate(sheet, 1))
    return Table(kind, rows, name, name in hidden, marks.hidden_columns, marks.epoch_1904)


def _row(number: int, cells: Sequence[Cell], marks: SheetMarks) -> Row:
    """Return the row as a person sees it: a number with the currency that its format shows beside it."""
    texts = tuple(_shown(cell, marks.beside.get((number, place), "")) for place, cell in enumerate(cells))
    unvalued = frozenset(place for place in range(len(cells)) if (number, place) in marks.unvalued)
    return Row(number, texts, number in marks.hidden_rows, unvalued)


def _shown(cell: Cell, beside: str) -> str:
    text = text_of(cell)
    return f"{text} {beside}" if beside and isinstance(cell, int | float) and not isinstance(cell, bool) else text


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
