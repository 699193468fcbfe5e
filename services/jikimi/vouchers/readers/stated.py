"""Find what a statement states of itself as a whole: its first and last balance, and its totals.

Only words that mean this statement's own balances are read: 현재잔액 may be that of the day of the download.
"""

from collections.abc import Sequence

from jikimi.tables.table import Row
from jikimi.vouchers.line import Figure, Stated, StatementKind
from jikimi.vouchers.readers.columns import Header
from jikimi.vouchers.readers.labelled import is_label, labelled, labels
from jikimi.vouchers.readers.totals import Read, totals_in
from jikimi.vouchers.readers.words import plain

_BALANCES = labels(
    {
        "opening": r"(?:기초|시작|거래전)잔[액고]|(?:전월|전일|전기)?이월(?:잔[액고]|금액?)?"
        r"|(?:opening|beginning)balance",
        "closing": r"(?:기말|최종|종료|마감|거래후)잔[액고]|(?:차월|차기)이월(?:잔[액고]|금액?)?"
        r"|(?:closing|ending)balance",
    }
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
    named = any(is_label(cell, _BALANCES) for cell in row.cells)
    return named and any(True for _ in labelled(row, _BALANCES, 0, header.columns["balance"][0]))


def stated_in(header: Header, read: Read) -> Stated:
    """Return what the rows state that were not read as transactions."""
    if is_mended(header):
        return Stated(is_part=True)
    totals = totals_in(header, read)
    if read.kind is not StatementKind.BANK:
        return Stated(totals=totals)
    found: dict[str, list[Figure]] = {"opening": [], "closing": []}
    column = header.columns.get("balance", (None,))[0]
    for rows, place in ((header.rows_above(), None), (read.others(header.rows_below()), column)):
        for row in rows:
            for name, value in labelled(row, _BALANCES, read.options.digits, place):
                found[name].append(Figure(row.number, value))
    return Stated(opening=_only(found["opening"]), closing=_only(found["closing"]), totals=totals)


def _only(figures: Sequence[Figure]) -> Figure | None:
    """Return the one figure that is stated; two that differ belong to several accounts or pages."""
    return figures[0] if len({figure.value for figure in figures}) == 1 else None
