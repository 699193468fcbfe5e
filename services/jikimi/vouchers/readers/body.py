"""Sort the rows around a header into records to read and rows that are neither lines nor faults.

Two things that stand outside a row are put into it here, so that a rejected row can stand alone in another
file and still be the same transaction: the account or card number of the title rows becomes a column, and
the marks that our own reject files add to cells are taken off again.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from jikimi.tables.errors_csv import unguarded
from jikimi.tables.limits import CELLS, COLUMNS
from jikimi.tables.refusal import refused, shown
from jikimi.tables.sniff import Format
from jikimi.tables.table import Row
from jikimi.vouchers.readers.amounts import parse_optional
from jikimi.vouchers.readers.columns import Header, distinct
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.record import Layout, Record
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.stated import is_balance_row, is_mended
from jikimi.vouchers.readers.units import check_notes, check_titles

_FOOTER = re.compile(
    r"[<\[(]?(소계|합계|총계|누계|총합계|누적합계|계|총\d+건|subtotal|total)(금액|액|건수)?(?![가-힣a-z])"
)
_STATES_UNIT = re.compile(r"\s*[(\[]?\s*(?:금액|화폐)?\s*단위")
_NOTE = ("※", "*")
_TITLES = (
    ("계좌번호", re.compile(r"계좌\s*번호\s*[:\])]?\s*([0-9*][0-9*-]{6,})")),
    ("카드번호", re.compile(r"카드\s*번호\s*[:\])]?\s*([0-9*][0-9*xX-]{6,})")),
)


@dataclass(frozen=True, slots=True)
class Body:
    """What stands below a header.

    Attributes:
        names: the columns of every record.
        skipped: the other rows, those above the header included.
    """

    names: tuple[str, ...]
    records: tuple[Record, ...]
    skipped: int


def body_of(header: Header, options: ReadOptions) -> Body:
    """Return the records below *header*.

    Raises:
        FileRefused: they would fill more cells than any statement has, their amounts are in another unit, or a
            heading spans amounts that have no name of their own.
    """
    check_titles([(header.table.sheet,), *(row.cells for row in header.rows_above())], options.currency)
    below = [row for row in header.rows_below() if not _is_passed_over(row, header)]
    dated = {row.number for row in below if row.cell(header.columns["on"][0]).strip() and not _is_alone(row)}
    check_notes((row.cells for row in header.rows_below() if row.number not in dated), options.currency)
    check_notes(([text] for text in header.table.beside), options.currency)
    check_notes(([name] for name in header.names if _STATES_UNIT.match(name)), options.currency)
    _check_spans(header, below, options)
    width = max([len(header.names), *map(_width, below)])
    if width > COLUMNS or width * len(below) > CELLS:
        raise refused("too_many_cells", limit=CELLS)
    title = _title_number(header)
    layout = _layout(header, width, title)
    records = tuple(_record(row, header, layout, width, title) for row in below)
    return Body(layout.names, records, len(header.table.rows) - 1 - len(below))


def _check_spans(header: Header, below: Sequence[Row], options: ReadOptions) -> None:
    """Refuse a heading of money with amounts in the nameless columns beside it: which of them counts is not said."""
    for field in ("amount", "in", "out"):
        for place in header.columns.get(field, ()):
            beside = place + 1
            nameless = beside < len(header.names) or header.table.format != Format.CSV
            if nameless and not (header.names[beside : beside + 1] or ("",))[0].strip():
                found = next((row.cell(beside) for row in below if _is_amount(row.cell(beside), options)), None)
                if found is not None:
                    raise refused("header_spans", column=shown(header.names[place]), columns=shown(found))


def _is_amount(text: str, options: ReadOptions) -> bool:
    try:
        return bool(parse_optional(text, options.digits, ""))
    except RowRefused:
        return False


def _layout(header: Header, width: int, title: tuple[str, str] | None) -> Layout:
    """Lay out the header's columns, those that only rows have, and the one from the title."""
    names = [*header.names, *[""] * (width - len(header.names))]
    columns = dict(header.columns)
    if title is not None:
        columns["instrument"] = (len(names),)
        names.append(title[0])
    return Layout(distinct(names), columns, header.table.epoch_1904)


def _record(row: Row, header: Header, layout: Layout, width: int, title: tuple[str, str] | None) -> Record:
    texts = [row.cell(place) for place in range(width)]
    if is_mended(header):
        texts = [unguarded(text) for text in texts]
    beyond = texts[len(header.names) :] if header.table.format == Format.CSV else []
    overflow = next((text for text in beyond if text.strip()), "")
    everything = (*texts, title[1]) if title else tuple(texts)
    unvalued = frozenset(place for place in row.unvalued if place < width)
    return Record(row.number, layout, everything, overflow, row.hidden, unvalued)


def _title_number(header: Header) -> tuple[str, str] | None:
    """Return the column name and the account or card number that stand above the header, if only there."""
    if "instrument" in header.columns:
        return None
    above = "\n".join(" ".join(row.cells) for row in header.rows_above())
    found = [(name, number[1]) for name, pattern in _TITLES for number in pattern.finditer(above)]
    return found[0] if len(found) == 1 else None


def _is_passed_over(row: Row, header: Header) -> bool:
    if row.is_blank() or any(_cells(row.cells) == _cells(printed) for printed in header.printed):
        return True
    return _is_footer(row, header) or _is_note(row) or is_balance_row(row, header)


def _is_footer(row: Row, header: Header) -> bool:
    """Tell whether the row adds others up: it says so, and has no day of its own."""
    words = [_plain(cell) for cell in row.cells if cell.strip()]
    day = _plain(row.cell(header.columns["on"][0]))
    return (not day or bool(_FOOTER.match(day))) and any(_FOOTER.match(word) for word in words)


def _is_note(row: Row) -> bool:
    """Tell whether a single cell holds words only, or a remark: neither can be a transaction."""
    said = [cell.strip() for cell in row.cells if cell.strip()]
    return len(said) == 1 and (said[0].startswith(_NOTE) or not any(sign.isdigit() for sign in said[0]))


def _is_alone(row: Row) -> bool:
    return len(_cells(row.cells)) == 1


def _cells(cells: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells if cell.strip()]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _width(row: Row) -> int:
    return max(
        (place for place, cell in enumerate(row.cells, 1) if cell.strip() or place - 1 in row.unvalued), default=0
    )
