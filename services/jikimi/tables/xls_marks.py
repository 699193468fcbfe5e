"""Read from an XLS what the native reader does not tell: hidden rows and columns, currencies, and the epoch."""

import os
from collections.abc import Mapping

import xlrd

from jikimi.tables.number_formats import shown_beside
from jikimi.tables.sheet_marks import SheetMarks

_ERROR = 5  # xlrd's type of a cell that holds an error


def xls_marks(workbook: bytes) -> Mapping[str, SheetMarks]:
    """Return the marks of each sheet of an XLS, by its name; none for one that only the native reader can read."""
    try:
        with open(os.devnull, "w") as silence:  # noqa: PTH123 - it writes of damage to where it is told
            book = xlrd.open_workbook(
                file_contents=workbook, formatting_info=True, ragged_rows=True, on_demand=False, logfile=silence
            )
    except Exception:  # noqa: BLE001 - whatever it meets in a file that the native reader has read
        return {}
    words = {place: _words(book, style.format_key) for place, style in enumerate(book.xf_list)}
    shown = {place: said for place, said in words.items() if said}
    return {sheet.name: _sheet(sheet, shown, epoch=bool(book.datemode)) for sheet in book.sheets()}


def _words(book: xlrd.Book, key: int) -> str:
    found = book.format_map.get(key)
    return shown_beside(found.format_str) if found else ""


def _sheet(sheet: xlrd.sheet.Sheet, shown: Mapping[int, str], *, epoch: bool) -> SheetMarks:
    rows = frozenset(place + 1 for place, row in sheet.rowinfo_map.items() if row.hidden or row.height == 0)
    columns = frozenset(place for place, column in sheet.colinfo_map.items() if column.hidden or column.width == 0)
    beside: dict[tuple[int, int], str] = {}
    unvalued: set[tuple[int, int]] = set()
    for row in range(sheet.nrows):
        for column, (style, sort) in enumerate(zip(_styles(sheet, row), sheet.row_types(row), strict=True)):
            if style in shown:
                beside[row + 1, column] = shown[style]
            if sort == _ERROR:
                unvalued.add((row + 1, column))
    return SheetMarks(rows, columns, beside, frozenset(unvalued), epoch)


def _styles(sheet: xlrd.sheet.Sheet, row: int) -> list[int]:
    return [sheet.cell_xf_index(row, column) for column in range(sheet.row_len(row))]
