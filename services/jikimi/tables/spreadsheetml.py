"""Read the XML that Excel 2003 called "XML Spreadsheet" and that many sites still hand out as .xls."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from jikimi.tables.limits import CELLS, COLUMNS
from jikimi.tables.number_formats import shown_beside
from jikimi.tables.refusal import refused
from jikimi.tables.sniff import Format
from jikimi.tables.table import Row, Table
from jikimi.tables.workbook import text_of

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_FIXED = {"Euro Currency": "€"}
_HIDDEN = frozenset({"SheetHidden", "SheetVeryHidden"})


def spreadsheetml_tables(text: str) -> list[Table]:
    """Return one table a sheet of *text*.

    Raises:
        FileRefused: it is no sound XML, declares entities, or would fill more cells than a person's table.
    """
    try:
        book = fromstring(_DECLARATION.sub("", text, count=1))
        return _tables(book)
    except (ParseError, DefusedXmlException, ValueError, OverflowError) as broken:
        raise refused("broken_workbook") from broken


def _tables(book: Element) -> list[Table]:
    beside = {style.get(f"{_SS}ID", ""): _beside(style) for style in book.iter(f"{_SS}Style")}
    epoch = book.find(f".//{_X}Date1904") is not None
    tables = []
    for sheet in book.iter(f"{_SS}Worksheet"):
        hidden = (sheet.findtext(f".//{_X}Visible") or "").strip() in _HIDDEN
        table = sheet.find(f"{_SS}Table")
        rows = () if table is None else tuple(_rows(table, beside))
        columns = frozenset() if table is None else frozenset(_hidden_columns(table))
        tables.append(Table(Format.SPREADSHEETML, rows, sheet.get(f"{_SS}Name", ""), hidden, columns, epoch))
    return tables


def _beside(style: Element) -> str:
    code = next((found.get(f"{_SS}Format", "") for found in style.iter(f"{_SS}NumberFormat")), "")
    return _FIXED.get(code) or shown_beside(code)


def _hidden_columns(table: Element) -> Iterator[int]:
    number = 0
    for column in table.iter(f"{_SS}Column"):
        number = _whole(column, "Index", number + 1)
        last = number + _whole(column, "Span", 0)
        if column.get(f"{_SS}Hidden") == "1":
            yield from range(number - 1, min(last, COLUMNS))
        number = last


def _rows(table: Element, beside: Mapping[str, str]) -> Iterator[Row]:
    room = CELLS
    number = 0
    for row in table.findall(f"{_SS}Row"):
        after, number = number, _whole(row, "Index", number + 1)
        texts, unvalued = _cells(row, beside)
        room -= len(texts) + max(0, number - after)
        if room < 0:
            raise refused("too_many_cells", limit=CELLS)
        yield from (Row(blank, ()) for blank in range(after + 1, number))
        yield Row(number, tuple(texts), row.get(f"{_SS}Hidden") == "1", frozenset(unvalued))
        number += _whole(row, "Span", 0)


def _cells(row: Element, beside: Mapping[str, str]) -> tuple[list[str], set[int]]:
    texts: list[str] = []
    unvalued: set[int] = set()
    for cell in row.findall(f"{_SS}Cell"):
        place = _whole(cell, "Index", len(texts) + 1) - 1
        across = _whole(cell, "MergeAcross", 0)
        if place + across >= COLUMNS * 16:
            raise refused("too_many_cells", limit=CELLS)
        texts += [""] * (place - len(texts))
        data = cell.find(f"{_SS}Data")
        if (data is None and cell.get(f"{_SS}Formula")) or (data is not None and data.get(f"{_SS}Type") == "Error"):
            unvalued.add(len(texts))
        texts += [_text(data, beside.get(cell.get(f"{_SS}StyleID", ""), "")), *[""] * across]
    return texts, unvalued


def _text(data: Element | None, beside: str) -> str:
    if data is None:
        return ""
    text = "".join(data.itertext())
    match data.get(f"{_SS}Type"):
        case "Number":
            number = text_of(float(text))
            return f"{number} {beside}" if beside else number
        case "DateTime":
            return text_of(datetime.fromisoformat(text.strip().removesuffix("Z")))
        case "Boolean":
            return text_of(text.strip() == "1")
        case _:
            return text


def _whole(element: Element, name: str, otherwise: int) -> int:
    text = element.get(f"{_SS}{name}", "")
    return int(text) if re.fullmatch(r"[0-9]{1,7}", text) else otherwise
