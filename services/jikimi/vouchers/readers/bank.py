"""Read the rows of a bank statement: money in, or money out, never both."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from jikimi.tables.reasons import Reason
from jikimi.vouchers.line import Kind, Line, Move
from jikimi.vouchers.readers.amounts import parse_amount, parse_optional
from jikimi.vouchers.readers.matching import Columns
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.qualifiers import UNDONE, check_currency, check_foreign_amount, check_undone, is_not_final
from jikimi.vouchers.readers.record import Record, account, cleaned, clock_of, instrument, moment, said
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.words import plain, says_nothing

_TWO_COLUMNS = ("on", "text", "in", "out")
_ONE_COLUMN = ("on", "text", "amount", "direction")
_IN = frozenset({"입금", "입", "입금(+)", "+", "in", "deposit"})
UNCERTAIN = frozenset({"amount_qualified", "currency_foreign", "foreign_only", "currency_abroad", "part_unknown"})
"""The reasons that leave open whether the amount of a row has moved at all, or in our money."""

_T = TypeVar("_T")
_OUT = frozenset({"출금", "출", "지급", "출금(-)", "-", "out", "withdrawal"})


def required_columns(columns: Columns) -> tuple[str, ...]:
    """Return what a bank statement must have: two columns of money, or one with its direction."""
    has_sides = "in" in columns or "out" in columns or "amount" not in columns
    required = _TWO_COLUMNS if has_sides else _ONE_COLUMN
    has_names = "party" in columns or "memo" in columns
    return tuple(name for name in required if name != "text" or not has_names)


def read_bank_row(record: Record, options: ReadOptions) -> Line:
    """Return the line that *record* stands for.

    Raises:
        RowRefused: something in it cannot be read for certain.
    """
    check_foreign_amount(record, options.currency, options.digits)
    check_currency(record, options.currency)
    on, clock = moment(record, options.today)
    kind, amount = _movement(record, options)
    check_undone(record, cancelled=False, amount=amount, digits=options.digits)
    number = instrument(record)
    names = [*record.all_texts("party"), *record.all_texts("memo")]
    texts = record.all_texts("text") if record.has("text") else names
    return Line(
        row=record.number,
        kind=kind,
        on=on,
        amount=amount,
        currency=options.currency,
        counterparty=next((name for name in map(cleaned, names) if name and not says_nothing(name)), ""),
        instrument=number,
        natural=None,
        content=(number, on.isoformat(), clock, *_sides(kind, amount), _balance(record, options), *texts),
        cells=record.cells(),
        account=account(record),
        pending=is_not_final(record),
        time=clock_of(record, clock),
        balance=_stated_balance(record, options),
        said=said(
            party=_joined(record.all_texts("party")),
            memo=_joined(record.all_texts("memo")),
            branch=_joined(record.all_texts("branch")),
        ),
    )


def bank_move(record: Record, options: ReadOptions, reason: Reason) -> Move:
    """Return what a row that was rejected for *reason* still says for certain of the account's balance."""
    if record.overflow or record.unvalued:
        return Move()
    moved = _or_none(lambda: _moved(record, options))
    return Move(
        on=_or_none(lambda: _day(record, options)),
        amount=None if reason.code in UNCERTAIN else moved,
        balance=_stated_balance(record, options),
        instrument=_or_none(lambda: instrument(record)),
    )


def _day(record: Record, options: ReadOptions) -> date:
    return moment(record, options.today)[0]


def _moved(record: Record, options: ReadOptions) -> Decimal:
    kind, amount = _movement(record, options)
    return amount if kind is Kind.BANK_IN else -amount


def _or_none(read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except RowRefused:
        return None


def _joined(texts: Sequence[str]) -> str:
    return " ".join(text.strip() for text in texts if not says_nothing(text))


def _movement(record: Record, options: ReadOptions) -> tuple[Kind, Decimal]:
    if record.has("in") and record.has("out"):
        kind, amount = _from_sides(record, options)
        _check_direction(record, kind)
    else:
        amount = parse_amount(record.text("amount"), options.digits, record.column("amount"))
        kind = _direction(record)
    column = record.column("in" if kind is Kind.BANK_IN else "out") or record.column("amount")
    if amount == 0:
        raise RowRefused("amount_zero", column=column)
    if amount < 0:
        raise RowRefused("amount_negative", column=column, value=str(amount))
    return kind, amount


def _from_sides(record: Record, options: ReadOptions) -> tuple[Kind, Decimal]:
    columns = f"{record.column('in')}, {record.column('out')}"
    came, went = (parse_optional(record.text(side), options.digits, record.column(side)) for side in ("in", "out"))
    if came is None and went is None:
        raise RowRefused("amount_empty", column=columns)
    if came and went:
        raise RowRefused("amount_on_both_sides", column=columns)
    return (Kind.BANK_OUT, went) if went else (Kind.BANK_IN, came or Decimal(0))


def _check_direction(record: Record, kind: Kind) -> None:
    """Make sure that a column of directions does not gainsay the column that holds the money."""
    word = plain(record.text("direction"))
    against = _OUT if kind is Kind.BANK_IN else _IN
    if word in against or word in UNDONE:
        raise RowRefused("amount_qualified", column=record.column("direction"), value=record.text("direction"))


def _direction(record: Record) -> Kind:
    text = record.text("direction")
    word = plain(text)
    if word in _IN:
        return Kind.BANK_IN
    if word in _OUT:
        return Kind.BANK_OUT
    raise RowRefused("direction_unknown", column=record.column("direction"), value=text)


def _sides(kind: Kind, amount: Decimal) -> tuple[str, str]:
    return (str(amount), "") if kind is Kind.BANK_IN else ("", str(amount))


def _balance(record: Record, options: ReadOptions) -> str:
    """Return the balance in one spelling for all formats, or as it stands if it is no number."""
    text = record.text("balance")
    try:
        return str(parse_amount(text, options.digits, record.column("balance")))
    except RowRefused:
        return text


def _stated_balance(record: Record, options: ReadOptions) -> Decimal | None:
    try:
        return parse_optional(record.text("balance"), options.digits, record.column("balance"))
    except RowRefused:
        return None
