"""Measure the rectangle that a sheet would fill, from its packed form and without laying it out."""

import re
from collections.abc import Callable, Mapping

from jikimi.tables.sniff import Format

_XLSX_TAG = re.compile(rb"<(?:\w+:)?(?:row|c)\b([^>]*)>")
_XLSX_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,10})["']""")
_ODS_TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table)\b([^>]*)>")
_ODS_REPEAT = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']([0-9]{1,10})["']""")


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


_SHEETS: Mapping[Format, tuple[re.Pattern[str], Callable[[bytes], int]]] = {
    Format.XLSX: (re.compile(r"^xl/worksheets/.*\.xml$"), _xlsx_area),
    Format.ODS: (re.compile(r"^content\.xml$"), _ods_area),
}
