"""Read vouchers that another program has made: rows with one key are the sides of one voucher.

Any fault of a row is its voucher's, for half a voucher is none: all rows of that key are rejected, and the
others go on.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jikimi.tables.reasons import Reason
from jikimi.vouchers.line import Fault, JournalEntry, Kind, Line
from jikimi.vouchers.readers.amounts import parse_optional
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.qualifiers import check_currency
from jikimi.vouchers.readers.record import NUMBER_LOST, Record, account_in, cleaned, moment
from jikimi.vouchers.readers.refusal import RowRefused

REQUIRED = ("key", "on", "account", "debit", "credit")
ACCOUNT = "계정코드"
_BESIDE = "계정"  # where our reject files have room for an account; also what many programs call theirs


@dataclass(frozen=True, slots=True)
class _Side:
    """One row that could be read."""

    key: str
    on: date
    entry: JournalEntry


def journal_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns without one called 계정, which elsewhere means that a person has mended the file."""
    if ACCOUNT in names:
        return tuple(name for name in names if name != _BESIDE)
    return tuple(ACCOUNT if name == _BESIDE else name for name in names)


def read_journal(records: Sequence[Record], options: ReadOptions) -> tuple[tuple[Line, ...], tuple[Fault, ...]]:
    """Return a line for each voucher, and a fault for each row of a voucher that cannot be one."""
    groups: defaultdict[str, list[tuple[Record, _Side | Reason]]] = defaultdict(list)
    faults = []
    for record in records:
        try:
            groups[_key(record)].append((record, _read_side(record, options)))
        except RowRefused as no:
            faults.append(_fault(record, no.reason))
    lines = []
    for rows in groups.values():
        made = _voucher(rows, options)
        if isinstance(made, Line):
            lines.append(made)
        else:
            faults += [_fault(record, own if isinstance(own, Reason) else made) for record, own in rows]
    return tuple(lines), tuple(sorted(faults, key=lambda fault: fault.row))


def _fault(record: Record, reason: Reason) -> Fault:
    return Fault(record.number, reason, _cells(record))


def _read_side(record: Record, options: ReadOptions) -> _Side | Reason:
    try:
        record.check_whole()
        return _side(record, options)
    except RowRefused as no:
        return no.reason


def _key(record: Record) -> str:
    """Return what names the row's voucher."""
    text = unicodedata.normalize("NFKC", record.text("key")).strip()
    if not text:
        raise RowRefused("key_empty", column=record.column("key"))
    if NUMBER_LOST.fullmatch(text):
        raise RowRefused("number_lost", column=record.column("key"), value=text)
    return text


def _side(record: Record, options: ReadOptions) -> _Side:
    check_currency(record, options.currency)
    on, _ = moment(record, options.today)
    account = account_in(_account_cell(record))
    if not account:
        raise RowRefused("no_account_written")
    debit, credit = (_amount(record, side, options.digits) for side in ("debit", "credit"))
    columns = f"{record.column('debit')}, {record.column('credit')}"
    if debit and credit:
        raise RowRefused("both_sides", column=columns)
    if not debit and not credit:
        raise RowRefused("amount_empty", column=columns)
    return _Side(_key(record), on, JournalEntry(account, debit, credit, cleaned(record.text("memo"))))


def _amount(record: Record, side: str, digits: int) -> Decimal:
    amount = parse_optional(record.text(side), digits, record.column(side)) or Decimal(0)
    if amount < 0:
        raise RowRefused("amount_negative", column=record.column(side), value=str(amount))
    return amount


def _voucher(rows: Sequence[tuple[Record, _Side | Reason]], options: ReadOptions) -> Line | Reason:
    sides = [side for _, side in rows if isinstance(side, _Side)]
    first = rows[0][0]
    if len(sides) < len(rows):
        wrong = ", ".join(str(record.number) for record, side in rows if isinstance(side, Reason))
        return Reason("key_incomplete", {"rows": wrong})
    if len({side.on for side in sides}) > 1:
        return Reason("key_days", {"days": ", ".join(sorted({side.on.isoformat() for side in sides})[:5])})
    entries = tuple(side.entry for side in sides)
    debit, credit = (sum(sums, Decimal(0)) for sums in zip(*((e.debit, e.credit) for e in entries), strict=True))
    if debit != credit:
        return Reason("unbalanced", {"rule": "", "debit": debit, "credit": credit})
    key = sides[0].key
    return Line(
        row=first.number,
        kind=Kind.JOURNAL,
        on=sides[0].on,
        amount=debit,
        currency=options.currency,
        counterparty=next((entry.memo for entry in entries if entry.memo), cleaned(key)),
        instrument="",
        natural=(key,),
        content=(key, *(text for record, _ in rows for text in record.texts)),
        cells=_cells(first),
        entries=entries,
        further=tuple((record.number, _cells(record)) for record, _ in rows[1:]),
    )


def _account_cell(record: Record) -> str:
    """Return the account; in a reject file, the one that a person wrote beside the row."""
    texts = [text for text in record.all_texts("account") if text.strip()]
    if record.has("reason"):
        texts.reverse()
    return next(iter(texts), "")


def _cells(record: Record) -> Mapping[str, str]:
    cells = dict(record.cells())
    beside = cells.get(_BESIDE, "")
    if ACCOUNT not in cells or (record.has("reason") and beside.strip()):
        cells[ACCOUNT] = beside
    names = journal_names(list(record.cells()))
    return {name: cells.get(name, "") for name in names}
