"""Measure the rectangle that a sheet would fill, from its packed form and without laying it out."""

import re
from collections.abc import Callable, Mapping

from jikimi.tables.sniff import Format

_XLSX_TAG = re.compile(rb"<(?:\w+:)?(?:row|c)\b([^>]*)>")
_XLSX_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,10})["']""")
_ODS_TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table)\b([^>]*)>")
_ODS_REPEAT = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']([0-9]{1,10})["']""")
_XLSB_ROW = 0
_MORE = 0x80
_XLSB_CELLS = range(1, 12)


def area(name: str, content: bytes, kind: Format) -> int:
    """Return how many cells lie between A1 and the last cell of the part *name*; 0 for no sheet."""
    place, measure = _SHEETS[kind]
    return measure(content) if place.search(name) else 0


def _xlsx_area(content: bytes) -> int:
    """Take the furthest row and column of any tag that is not empty; styles alone are never laid out."""
    rows = columns = 1
    for attributes in _XLSX_TAG.findall(content):
        place = None if attributes.endswith(b"/") else _XLSX_PLACE.search(attributes)
        if place is not None:
            rows = max(rows, int(place[2]))
            columns = max(columns, _column_number(place[1]))
    return rows * columns


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _ods_area(content: bytes) -> int:
    """Count repeats up to the last row and cell that hold a value; what is empty beyond is never laid out."""
    largest = rows = last_row = columns = last_column = repeat = 0
    for tag, attributes in _ODS_TAG.findall(content):
        times = _repeats(attributes)
        if tag == b"table":
            rows = last_row = last_column = repeat = 0
        elif tag == b"table-row":
            rows, repeat, columns = rows + times, times, 0
        else:
            columns += times
            if b"value-type" in attributes:
                last_row, last_column = max(rows, repeat), max(last_column, columns)
        largest = max(largest, last_row * last_column)
    return largest


def _repeats(attributes: bytes) -> int:
    found = _ODS_REPEAT.search(attributes)
    return max(1, int(found[1])) if found else 1


def _xlsb_area(content: bytes) -> int:
    rows = columns = 1
    at = 0
    while at < len(content):
        record, at = _number(content, at, 2)
        size, at = _number(content, at, 4)
        first = int.from_bytes(content[at : at + 4], "little") + 1
        if record == _XLSB_ROW:
            rows = max(rows, first)
        elif record in _XLSB_CELLS:
            columns = max(columns, first)
        at += size
    return rows * columns


def _number(content: bytes, at: int, longest: int) -> tuple[int, int]:
    """Return the number at *at*, seven bits a byte, and where it ends."""
    number = 0
    for step, byte in enumerate(content[at : at + longest]):
        number |= (byte & ~_MORE) << (7 * step)
        if not byte & _MORE:
            return number, at + step + 1
    return number, at + longest


_SHEETS: Mapping[Format, tuple[re.Pattern[str], Callable[[bytes], int]]] = {
    Format.XLSX: (re.compile(r"^xl/worksheets/.*\.xml$"), _xlsx_area),
    Format.XLSB: (re.compile(r"^xl/worksheets/.*\.bin$"), _xlsb_area),
    Format.ODS: (re.compile(r"^content\.xml$"), _ods_area),
}
