"""Read from the parts of an XLSX what the native reader does not tell and a person sees, or does not see.

Hidden rows and columns, currencies of number formats, formulas without a value, and the epoch of its days.
The parts have been unpacked within limits before (`package`); they are searched, not parsed, in linear time.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

from jikimi.tables.number_formats import styles

_TRUE = frozenset({b"1", b"true"})
_FLAT = frozenset({b"0", b"0.0"})
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_EPOCH = re.compile(rb"<(?:\w+:)?workbookPr\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_CELL = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*?)(/?)>")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)\b[^>/]*>[^<]")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_PLACE = re.compile(rb"([A-Za-z]{1,3})([0-9]{1,7})")
_WIDEST = 16_384
_ATTRIBUTE: Mapping[bytes, re.Pattern[bytes]] = {
    name: re.compile(rb"(?<![\w:])" + name + rb"""\s*=\s*["']([^"']*)["']""")
    for name in (b"name", b"Id", b"Target", b"date1904", b"hidden", b"min", b"max", b"ht", b"width", b"r", b"s", b"t")
}


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """What is to be known of one sheet beside its values; rows count from 1, columns from 0.

    Attributes:
        beside: what the number format of a cell shows beside its number, by row and column.
        unvalued: the cells of formulas without a value, or with an error.
    """

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    beside: Mapping[tuple[int, int], str] = field(default_factory=dict)
    unvalued: frozenset[tuple[int, int]] = frozenset()
    epoch_1904: bool = False


def marks_of(workbook: bytes) -> Mapping[str, SheetMarks]:
    """Return the marks of each sheet of an unpacked XLSX, by its name."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        names = {name.casefold(): name for name in package.namelist()}

        def part(name: str) -> bytes:
            found = names.get(name.casefold())
            return package.read(found) if found else b""

        book = part("xl/workbook.xml")
        targets = {
            _attribute(tag, b"Id"): _attribute(tag, b"Target").decode("utf-8", "replace")
            for tag in _RELATION.findall(part("xl/_rels/workbook.xml.rels"))
        }
        epoch = any(_attribute(tag, b"date1904") in _TRUE for tag in _EPOCH.findall(book))
        shown = styles(part("xl/styles.xml"))
        return {
            unescape(_attribute(tag, b"name").decode("utf-8", "replace")): _sheet(part(_path(target)), shown, epoch)
            for tag in _SHEET.findall(book)
            if (target := targets.get(_relation_id(tag)))
        }


def _relation_id(tag: bytes) -> bytes:
    found = re.search(rb"""\w+:id\s*=\s*["']([^"']*)["']""", tag)
    return found[1] if found else b""


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


def _sheet(xml: bytes, shown: Mapping[int, str], epoch: bool) -> SheetMarks:  # noqa: FBT001 -- a fact, not a switch
    hidden = frozenset(
        place
        for tag in _COLUMN.findall(xml)
        if _attribute(tag, b"hidden") in _TRUE or _attribute(tag, b"width") in _FLAT
        for place in range(_number(tag, b"min", 1) - 1, min(_number(tag, b"max", 1), _WIDEST))
    )
    beside: dict[tuple[int, int], str] = {}
    unvalued: set[tuple[int, int]] = set()
    if shown or _FORMULA.search(xml) or b't="e"' in xml:
        for place, tag, inner in _cells(xml):
            words = shown.get(_number(tag, b"s", 0))
            if words and inner:
                beside[place] = words
            sort = _attribute(tag, b"t")
            if sort == b"e" or (sort != b"str" and _FORMULA.search(inner) and not _VALUE.search(inner)):
                unvalued.add(place)
    return SheetMarks(frozenset(_hidden_rows(xml)), hidden, beside, frozenset(unvalued), epoch)


def _hidden_rows(xml: bytes) -> Iterator[int]:
    number = 0
    for tag in _ROW.findall(xml):
        number = _number(tag, b"r", number + 1)
        if _attribute(tag, b"hidden") in _TRUE or _attribute(tag, b"ht") in _FLAT:
            yield number


def _cells(xml: bytes) -> Iterator[tuple[tuple[int, int], bytes, bytes]]:
    """Yield the row and column, the tag and what is in it, of every cell."""
    row = column = 0
    for found in _CELL.finditer(xml):
        tag = found[2]
        if found[1] == b"row":
            row, column = _number(tag, b"r", row + 1), -1
            continue
        named = _PLACE.fullmatch(_attribute(tag, b"r"))
        row, column = (int(named[2]), _column(named[1])) if named else (row, column + 1)
        end = None if found[3] else _CELL_END.search(xml, found.end())
        yield (row, column), tag, xml[found.end() : end.start()] if end else b""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _number(tag: bytes, name: bytes, otherwise: int) -> int:
    text = _attribute(tag, name)
    return int(text) if text.isdigit() and len(text) < 8 else otherwise  # noqa: PLR2004 -- no sheet is longer


def _attribute(tag: bytes, name: bytes) -> bytes:
    found = _ATTRIBUTE[name].search(tag)
    return found[1] if found else b""
