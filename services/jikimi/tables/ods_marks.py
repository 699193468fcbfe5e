"""Read from the content of an ODS what the native reader does not tell: hidden rows and columns, and currencies."""

import io
import re
import zipfile
from collections.abc import Mapping
from html import unescape

from jikimi.tables.limits import CELLS, COLUMNS
from jikimi.tables.sheet_marks import SheetMarks

_TAG = re.compile(rb"<table:(table-row|table-column|table-cell|covered-table-cell|table)\b([^>]*)>")
_REPEAT = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']([0-9]{1,10})["']""")
_HIDDEN = re.compile(rb"""table:visibility\s*=\s*["'](?:collapse|filter)["']""")
_CURRENCY = re.compile(rb"""office:currency\s*=\s*["']([^"']{1,20})["']""")
_NAME = re.compile(rb"""table:name\s*=\s*["']([^"']*)["']""")
_ERROR = re.compile(rb"""calcext:value-type\s*=\s*["']error["']""")


def ods_marks(workbook: bytes) -> Mapping[str, SheetMarks]:
    """Return the marks of each sheet of an unpacked ODS, by its name."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        content = package.read("content.xml")
    sheets: dict[str, _Sheet] = {}
    sheet = _Sheet()
    for tag, attributes in _TAG.findall(content):
        if tag == b"table":
            found = _NAME.search(attributes)
            sheet = sheets.setdefault(unescape(found[1].decode("utf-8", "replace")) if found else "", _Sheet())
        else:
            sheet.take(tag, attributes)
    return {name: sheet.marks() for name, sheet in sheets.items()}


class _Sheet:
    """Follows the tags of one sheet; what is repeated beyond any person's table is not followed."""

    def __init__(self) -> None:
        self._row = self._below = self._column = self._columns = 0
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._beside: dict[tuple[int, int], str] = {}
        self._unvalued: set[tuple[int, int]] = set()

    def take(self, tag: bytes, attributes: bytes) -> None:
        found = _REPEAT.search(attributes)
        times = max(1, int(found[1])) if found else 1
        if tag == b"table-column":
            if _HIDDEN.search(attributes):
                self._hidden_columns.update(range(self._columns, min(self._columns + times, COLUMNS)))
            self._columns += times
        elif tag == b"table-row":
            self._row, self._below, self._column = self._below + 1, self._below + times, 0
            if _HIDDEN.search(attributes):
                self._hidden_rows.update(range(self._row, min(self._below, self._row + CELLS // COLUMNS) + 1))
        else:
            self._cell(attributes, times)
            self._column += times

    def _cell(self, attributes: bytes, times: int) -> None:
        currency = _CURRENCY.search(attributes)
        error = _ERROR.search(attributes)
        if b"value-type" not in attributes or (currency is None and error is None):
            return  # an area of empty cells is not bounded, as `package` bounds that of values
        for row in range(self._row, min(self._below, self._row + COLUMNS) + 1):
            for column in range(self._column, min(self._column + times, COLUMNS)):
                if currency:
                    self._beside[row, column] = currency[1].decode("utf-8", "replace")
                if error:
                    self._unvalued.add((row, column))

    def marks(self) -> SheetMarks:
        """Return what was found; the won beside a number says nothing."""
        beside = {place: words for place, words in self._beside.items() if words.upper() != "KRW"}
        hidden = frozenset(self._hidden_rows), frozenset(self._hidden_columns)
        return SheetMarks(*hidden, beside, frozenset(self._unvalued))
