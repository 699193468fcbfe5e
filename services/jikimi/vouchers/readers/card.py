"""Read the rows of a card statement.

A cancellation comes in three ways: a row that is marked so, a negative amount, or the approval's own row
that a later export shows as cancelled. All three become one `Kind`, with the reference of the approval.
"""

import re
import unicodedata
from decimal import Decimal

from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.readers.amounts import parse_optional
from jikimi.vouchers.readers.business_number import check_business_number
from jikimi.vouchers.readers.card_marks import Movement, is_pending, movement
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.qualifiers import check_currency, check_foreign_amount, check_undone
from jikimi.vouchers.readers.record import Record, account, cleaned, clock_of, instrument, moment, said
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.words import says_nothing

REQUIRED = ("on", "merchant", "amount")

_APPROVAL = re.compile(r"[0-9a-z]+", re.IGNORECASE)


def read_card_row(record: Record, options: ReadOptions) -> Line:
    """Return the line that *record* stands for.

    Raises:
        RowRefused: something in it cannot be read for certain.
    """
    check_foreign_amount(record, options.currency, options.digits)
    check_currency(record, options.currency)
    on, clock = moment(record, options.today)
    moved = movement(record, options)
    cancelled = moved.kind is Kind.CARD_CANCELLATION
    check_undone(record, cancelled=cancelled, amount=moved.amount, digits=options.digits)
    number = instrument(record)
    approval = _approval(record, options)
    supply, vat = _parts(record, options, moved)
    business = _business(record)
    stated = str(abs(moved.stated))
    return Line(
        row=record.number,
        kind=moved.kind,
        on=on,
        amount=moved.amount,
        currency=options.currency,
        counterparty=_merchant(record),
        instrument=number,
        natural=(number, on.isoformat(), approval) if approval else None,
        content=(number, on.isoformat(), clock, approval, record.text("merchant"), business, stated),
        cells=record.cells(),
        supply=supply,
        vat=vat,
        reference=f"{number or '-'} {approval}" if approval else "",
        pending=is_pending(record),
        account=account(record),
        time=clock_of(record, clock),
        approval=approval,
        said=said(party=record.text("merchant"), business=business),
        approved_too=moved.approved_too,
    )


def _business(record: Record) -> str:
    text = record.text("business")
    return "" if says_nothing(text) else check_business_number(text, record.column("business"))


def _approval(record: Record, options: ReadOptions) -> str:
    """Return the approval number with the leading zeros that a spreadsheet took from it."""
    text = record.text("approval")
    bare = "".join(unicodedata.normalize("NFKC", text).replace("-", "").split())
    if not bare or says_nothing(text):
        return ""
    if not _APPROVAL.fullmatch(bare):
        raise RowRefused("approval_unreadable", column=record.column("approval"), value=text)
    return bare.zfill(options.approval_digits) if bare.isdecimal() else bare


def _merchant(record: Record) -> str:
    name = cleaned(record.text("merchant"))
    if not name:
        raise RowRefused("merchant_empty", column=record.column("merchant"))
    return name


def _parts(record: Record, options: ReadOptions, moved: Movement) -> tuple[Decimal | None, Decimal | None]:
    """Return supply and VAT as the file states them; a cancellation may state them below zero.

    Beside a cancellation in part they are those of the whole, and say nothing of the part.
    """
    supply, vat = (parse_optional(record.text(name), options.digits, record.column(name)) for name in ("supply", "vat"))
    total = abs(moved.stated)
    if moved.kind is Kind.CARD_CANCELLATION:
        supply, vat = (None if part is None else abs(part) for part in (supply, vat))
    if supply is not None and vat is not None and supply + vat != total:
        raise RowRefused("parts_do_not_sum", supply=str(supply), vat=str(vat), total=str(total))
    return (None, None) if moved.is_part() else (supply, vat)
