"""Find what a statement states of itself as a whole: its first and last balance, and its totals.

Only words that mean this statement's own balances are read: 현재잔액 may be that of the day of the download.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from jikimi.tables.table import Row
from jikimi.vouchers.line import Figure, Stated, StatementKind
from jikimi.vouchers.readers.amounts import parse_optional
from jikimi.vouchers.readers.columns import Header
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.totals import Read, totals_in
from jikimi.vouchers.readers.words import plain

_OPENING = (
    r"기초잔[액고]|시작잔[액고]|거래전잔[액고]|(?:전월|전일|전기)?이월(?:잔[액고]|금액?)?|(?:전월|전일|전기)잔[액고]"
    r"|openingbalance|beginningbalance"
)
_CLOSING = (
    r"기말잔[액고]|최종잔[액고]|종료잔[액고]|마감잔[액고]|거래후잔[액고]|(?:차월|차기)이월(?:잔[액고]|금액?)?"
    r"|closingbalance|endingbalance"
)
_LABEL = re.compile(
    rf"(?<![가-힣a-z0-9])(?:(?P<opening>{_OPENING})|(?P<closing>{_CLOSING}))(?:[(\[](?:원|krw)[)\]])?"
    r"(?:[:=\]]?(?P<value>[-+△▲]?[₩\\]?[0-9][0-9,.]*)(?:원|krw)?(?![0-9가-힣a-z.,/-])|[:=\]]?(?=$))"
)
_MONEY = ("in", "out", "amount")


def is_mended(header: Header) -> bool:
    """Tell whether this is one of our own reject files, mended by a person."""
    return "reason" in header.columns and "account" in header.columns


def is_balance_row(row: Row, header: Header) -> bool:
    """Tell whether a row below the header states only a balance, such as 전월이월 with no money in or out."""
    if "balance" not in header.columns or is_mended(header):
        return False
    moved = (row.cell(place) for name in _MONEY for place in header.columns.get(name, ()))
    if any(plain(cell).strip("-0") for cell in moved):
        return False
    return any(_LABEL.fullmatch(_bare(cell)) for cell in row.cells) and any(True for _ in _figures(row, header, 0))


def stated_in(header: Header, read: Read) -> Stated:
    """Return what the rows state that were not read as transactions."""
    if is_mended(header):
        return Stated(is_part=True)
    totals = totals_in(header, read)
    if read.kind is not StatementKind.BANK:
        return Stated(totals=totals)
    rows = read.others([*header.rows_above(), *header.rows_below()])
    found: dict[str, list[Figure]] = {"opening": [], "closing": []}
    for row in rows:
        for name, value in _figures(row, header, read.options.digits):
            found[name].append(Figure(row.number, value))
    return Stated(opening=_only(found["opening"]), closing=_only(found["closing"]), totals=totals)


def _only(figures: Sequence[Figure]) -> Figure | None:
    """Return the one figure that is stated; two that differ belong to several accounts or pages."""
    return figures[0] if len({figure.value for figure in figures}) == 1 else None


def _figures(row: Row, header: Header, digits: int) -> Iterator[tuple[str, Decimal]]:
    """Yield the balances that a row states, each in the cell of its name, in the next one or in its own column."""
    filled = [cell for cell in row.cells if cell.strip()]
    below = row.number > header.table.rows[header.place].number
    for place, cell in enumerate(filled):
        for label in _LABEL.finditer(_bare(cell)):
            name = "opening" if label["opening"] else "closing"
            beside = filled[place + 1] if place + 1 < len(filled) else ""
            in_column = row.cell(header.columns["balance"][0]) if below and "balance" in header.columns else ""
            texts = [label["value"]] if label["value"] else [in_column, beside]
            value = next((value for text in texts if (value := _amount(text, digits)) is not None), None)
            if value is not None:
                yield name, value


def _amount(text: str, digits: int) -> Decimal | None:
    try:
        return parse_optional(text, digits, "")
    except RowRefused:
        return None


def _bare(cell: str) -> str:
    """Return a cell without blanks, but with the one that parts a balance from the next."""
    return plain(re.sub(r"(?<=[0-9원])\s+(?=[가-힣A-Za-z])", "|", cell))
