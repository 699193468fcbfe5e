"""Read the transactions of an OFX file (also QFX), of every account in it, into lines and faults.

A bank takes the statements of bank accounts, a card those of card accounts.

The rows of our own reject files are read as well: they hold the same tags as columns, and one cell that
no spreadsheet takes for a number and that names the transaction as the bank did.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import quote, unquote

from jikimi.tables.limits import CELLS, COLUMNS
from jikimi.tables.refusal import refused
from jikimi.tables.sniff import Format
from jikimi.tables.table import Row, Table
from jikimi.vouchers.line import Fault, Figure, Kind, Line, Stated, Statement, StatementKind
from jikimi.vouchers.readers.amounts import parse_amount
from jikimi.vouchers.readers.dates import parse_moment
from jikimi.vouchers.readers.ofx_tags import BANK, CARD, PENDING, LedgerBalance, Transaction, ofx_text, with_balances
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.record import account_in, cleaned, said
from jikimi.vouchers.readers.refusal import RowRefused

_ID, _CURRENCY, _SORT = "거래ID", "CURDEF", "OFX"
_HEAD = (_ID, _CURRENCY, _SORT)
_MENDED = frozenset({_ID, _CURRENCY, _SORT, "이유", "계정"})
_ID_FORM = re.compile(r"ofx:([^:]*):(.*)", re.DOTALL)
_NAMES = ("NAME", "PAYEE.NAME", "PAYEE", "MEMO", "CHECKNUM")
_DAY = re.compile(r"([0-9]{8})(?:[0-9]{2,6}(?:\.[0-9]*)?)?\s*(?:\[[^\]]*\])?")
_AMOUNT = re.compile(r"([+-]?)0*([0-9]*)(?:([.,])([0-9]*))?")
_OUT = frozenset({"DEBIT", "FEE", "SRVCHG", "ATM", "POS", "CHECK", "PAYMENT", "DIRECTDEBIT", "REPEATPMT"})
_IN = frozenset({"CREDIT", "DEP", "INT", "DIV", "DIRECTDEP"})
_EITHER = frozenset({"XFER", "CASH", "OTHER"})
_THOUSANDS = 3
_CENTS = 2
_LONGEST = 60  # the pattern would take its time over a whole page
_APOSTROPHES = ("'=", "'+", "'-", "'@")


@dataclass(frozen=True, slots=True)
class _Found:
    """A transaction with its place in the file and the cells that stand for it."""

    number: int
    cells: Mapping[str, str]
    whole: bool = True
    written: str = ""  # the account that a person wrote beside it


def read_ofx(data: bytes, kind: StatementKind, options: ReadOptions) -> Statement:
    """Return the lines and the faults of an OFX file; a row is the number of a transaction in it.

    Raises:
        FileRefused: the file as a whole cannot be read.
    """
    found, balances = with_balances(ofx_text(data))
    if not found:
        raise refused("ofx_empty")
    if all(one.card is not (kind is StatementKind.CARD) for one in found):
        raise refused("ofx_elsewhere" if kind is StatementKind.CARD else "ofx_card")
    header = tuple(dict.fromkeys([*_HEAD, *(tag for one in found for tag in one.tags)]))
    if len(header) > COLUMNS or len(header) * len(found) > CELLS:
        raise refused("too_many_cells", limit=CELLS)
    rows = [
        _Found(number, {**dict.fromkeys(header, ""), **_cells(one)}, one.whole) for number, one in enumerate(found, 1)
    ]
    stated = Stated(closing=_closing(found, balances, options))
    return _statement(Statement(Format.OFX, kind, header, (), (), 0, stated), rows, options)


def read_mended_ofx(tables: Iterable[Table], kind: StatementKind, options: ReadOptions) -> Statement | None:
    """Return what a person has mended of an OFX file, or None if *tables* are something else."""
    table = next((table for table in tables if table.rows and set(table.rows[0].cells) >= _MENDED), None)
    if table is None:
        return None
    header = table.rows[0].cells
    rows = [_mended(row, header) for row in table.rows[1:] if not row.is_blank()]
    if not rows:
        raise refused("ofx_empty")
    return _statement(Statement(table.format, kind, header, (), (), 0, Stated(is_part=True)), rows, options)


def _closing(found: Sequence[Transaction], balances: Sequence[LedgerBalance], options: ReadOptions) -> Figure | None:
    """Return the balance after the last transaction of the only account, None if it may be of another day."""
    if len(balances) != 1 or {one.account for one in found} != {balances[0].account}:
        return None
    tags, last = balances[0].tags, max(_as_day(one.tags.get("DTPOSTED", "")) for one in found)
    if not last <= _as_day(tags.get("DTASOF", "")) <= (_as_day(balances[0].end) or last):
        return None
    try:
        return Figure(0, _amount(tags.get("BALAMT", ""), options.digits))
    except RowRefused as no:
        return Figure(0, Decimal(0)) if no.reason.code == "amount_zero" else None


def _as_day(text: str) -> str:
    """Return the eight digits of a day, "" if it is none."""
    found = _DAY.fullmatch(text.strip())
    return found[1] if found else ""


def _mended(row: Row, header: tuple[str, ...]) -> _Found:
    texts = [row.cell(place) for place in range(len(header))]
    cells = dict(zip(header, [text[1:] if text.startswith(_APOSTROPHES) else text for text in texts], strict=True))
    return _Found(row.number, cells, written=account_in(cells["계정"]))


def _cells(one: Transaction) -> dict[str, str]:
    """Return the tags, with the day and the identity written so that no spreadsheet rounds them."""
    name = f"ofx:{quote(one.account, safe='')}:{one.tags.get('FITID', '')}"
    own = {_ID: name, _CURRENCY: one.currency, _SORT: CARD if one.card and one.sort == BANK else one.sort}
    found = _DAY.fullmatch(one.tags.get("DTPOSTED", ""))
    if found is not None:
        own["DTPOSTED"] = f"{found[1][:4]}-{found[1][4:6]}-{found[1][6:]}"
    return {**one.tags, **own}


def _statement(empty: Statement, rows: Sequence[_Found], options: ReadOptions) -> Statement:
    lines, faults = [], []
    for row in rows:
        try:
            lines.append(_line(row, empty.kind, options))
        except RowRefused as no:
            faults.append(Fault(row.number, no.reason, row.cells))
    return replace(empty, lines=tuple(lines), faults=tuple(faults))


def _line(row: _Found, kind: StatementKind, options: ReadOptions) -> Line:
    tags = row.cells
    _check_sort(row, kind)
    _check_currency(tags, options.currency)
    on = _day(tags.get("DTPOSTED", ""), options)
    amount = _amount(tags.get("TRNAMT", ""), options.digits)
    _check_sign(tags, amount)
    account, transaction = _identity(tags[_ID])
    texts = tuple(tags.get(tag, "") for tag in _NAMES)
    return Line(
        row=row.number,
        kind=_kind(tags, kind, amount),
        on=on,
        amount=abs(amount),
        currency=options.currency,
        counterparty=next((name for name in map(cleaned, texts) if name), ""),
        instrument="".join(sign for sign in account if sign in "0123456789*"),
        natural=(account, transaction),
        content=(account, transaction, on.isoformat(), str(amount), *texts),
        cells=tags,
        account=row.written,
        said=said(
            party=next((tags[tag] for tag in ("NAME", "PAYEE.NAME", "PAYEE") if tags.get(tag)), ""),
            memo=tags.get("MEMO", ""),
            bank_id=transaction,
        ),
    )


def _check_sort(row: _Found, kind: StatementKind) -> None:
    sort = row.cells[_SORT]
    if sort == PENDING or row.cells.get("TRNTYPE", "").strip().upper() == "HOLD":
        raise RowRefused("pending")
    if sort not in (BANK, CARD):
        raise RowRefused("not_bank_money", sort=sort)
    if (sort == CARD) is not (kind is StatementKind.CARD):
        raise RowRefused("ofx_card" if sort == CARD else "ofx_elsewhere")
    if not row.whole:
        raise RowRefused("ofx_unended")
    if row.cells.get("CORRECTFITID"):
        raise RowRefused("ofx_corrects", value=row.cells["CORRECTFITID"])


def _check_sign(tags: Mapping[str, str], amount: Decimal) -> None:
    """Refuse a type that the sign of the amount gainsays: one of the two is wrong, and which is not said."""
    sort = tags.get("TRNTYPE", "").strip().upper()
    if sort and sort not in _OUT | _IN | _EITHER:
        raise RowRefused("ofx_type_unknown", value=sort)
    if (sort in _OUT and amount > 0) or (sort in _IN and amount < 0):
        raise RowRefused("ofx_type_gainsaid", sort=sort, value=tags["TRNAMT"])


def _kind(tags: Mapping[str, str], kind: StatementKind, amount: Decimal) -> Kind:
    """Return what has happened; what a card account was credited may be a refund, or the bill that was paid."""
    if kind is not StatementKind.CARD:
        return Kind.BANK_IN if amount > 0 else Kind.BANK_OUT
    if amount > 0 or tags.get("TRNTYPE", "").strip().upper() in {"PAYMENT", "XFER"}:
        raise RowRefused("ofx_card_credit", value=tags["TRNAMT"])
    return Kind.CARD_APPROVAL


def _check_currency(tags: Mapping[str, str], currency: str) -> None:
    """Refuse another currency, be it the account's, the amount's or the one that it was exchanged from."""
    columns = [name for name in ("CURRENCY.CURSYM", "ORIGCURRENCY.CURSYM") if tags.get(name)]
    for column in [*columns, _CURRENCY]:
        if tags[column].strip().casefold() != currency.casefold():
            raise RowRefused("currency_foreign", column=column, value=tags[column])


def _day(text: str, options: ReadOptions) -> date:
    """Return the day as the bank counts it: its hours and its zone are not ours to turn into another day."""
    found = _DAY.fullmatch(text.strip())
    return parse_moment(found[1] if found else text, options.today, "DTPOSTED")[0]


def _amount(text: str, digits: int) -> Decimal:
    """Return what came in, below zero for what went out.

    A point or a comma stands before decimals and nothing else does; `1,000` and `1.000` may have been
    meant as a thousand, and are refused.
    """
    if not text.strip():
        raise RowRefused("amount_empty", column="TRNAMT")
    found = _AMOUNT.fullmatch("".join(text.split())) if len(text) <= _LONGEST else None
    if found is None or not (found[2] or found[4] or "0" in text):
        raise RowRefused("amount_unreadable", column="TRNAMT", value=text)
    sign, whole, mark, decimals = found[1], found[2] or "0", found[3], found[4] or ""
    if (mark == "," and len(decimals) > _CENTS) or (len(decimals) == _THOUSANDS and digits < _THOUSANDS):
        raise RowRefused("amount_unreadable", column="TRNAMT", value=text)
    exact = decimals.rstrip("0")
    amount = parse_amount(f"{sign}{whole}.{exact}" if exact else f"{sign}{whole}", digits, "TRNAMT")
    if amount == 0:
        raise RowRefused("amount_zero", column="TRNAMT")
    return amount


def _identity(text: str) -> tuple[str, str]:
    """Return the account and the bank's own name of the transaction, both of which it must have."""
    found = _ID_FORM.fullmatch(text)
    account, transaction = (unquote(found[1]), found[2].strip()) if found else ("", "")
    if not account or not transaction:
        raise RowRefused("ofx_nameless", value=text)
    return account, transaction
