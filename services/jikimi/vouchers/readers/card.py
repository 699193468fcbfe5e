"""Read the rows of a card statement.

A cancellation comes in three ways: a row that is marked so, a negative amount, or the approval's own row
that a later export shows as cancelled. All three become one `Kind`, with the reference of the approval.
"""

import re
import unicodedata
from decimal import Decimal

from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.readers.amounts import parse_amount, parse_optional
from jikimi.vouchers.readers.business_number import check_business_number
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.record import Record, account, check_currency, cleaned, clock_of, instrument, moment, said
from jikimi.vouchers.readers.refusal import RowRefused

REQUIRED = ("on", "merchant", "amount")

_CANCELLED = frozenset(
    {
        "취소",
        "승인취소",
        "취소승인",
        "y",
        "전체취소",
        "부분취소",
        "취소완료",
        "매출취소",
        "cancel",
        "cancelled",
        "canceled",
    }
)
_APPROVED = frozenset(
    {
        "",
        "-",
        "승인",
        "정상",
        "정상승인",
        "승인완료",
        "정상매출",
        "n",
        "일시불",
        "할부",
        "국내",
        "신용",
        "체크",
        "approved",
    }
)
_INSTALMENTS = re.compile(r"할부\(?\d{1,2}(개월)?\)?|\d{1,2}개월(할부)?")
_PENDING = frozenset({"미매입", "매입전", "매입대기", "접수전", "미접수", "접수대기", "미확정", "n"})
_FINAL = frozenset({"", "-", "매입", "매입완료", "접수", "접수완료", "확정", "정상", "y"})
_APPROVAL = re.compile(r"[0-9a-z]+", re.IGNORECASE)


def read_card_row(record: Record, options: ReadOptions) -> Line:
    """Return the line that *record* stands for.

    Raises:
        RowRefused: something in it cannot be read for certain.
    """
    check_currency(record, options.currency)
    on, clock = moment(record, options.today)
    signed = _amount(record, options)
    kind = _kind(record, signed)
    number = instrument(record)
    approval = _approval(record, options)
    supply, vat = _parts(record, options, signed, kind)
    business = check_business_number(record.text("business"), record.column("business"))
    return Line(
        row=record.number,
        kind=kind,
        on=on,
        amount=abs(signed),
        currency=options.currency,
        counterparty=_merchant(record),
        instrument=number,
        natural=(number, on.isoformat(), approval) if approval else None,
        content=(number, on.isoformat(), clock, approval, record.text("merchant"), business, str(abs(signed))),
        cells=record.cells(),
        supply=supply,
        vat=vat,
        reference=f"{number or '-'} {approval}" if approval else "",
        pending=_is_pending(record),
        account=account(record),
        time=clock_of(clock),
        approval=approval,
        said=said(party=record.text("merchant"), business=business),
    )


def _amount(record: Record, options: ReadOptions) -> Decimal:
    column = record.column("amount")
    amount = parse_amount(record.text("amount"), options.digits, column)
    if amount == 0:
        raise RowRefused("amount_zero", column=column)
    return amount


def _kind(record: Record, signed: Decimal) -> Kind:
    says_so = [_is_cancelled(text, record) for text in record.all_texts("marker")]
    cancelled = any(says_so) or _has_day(record.text("cancelled_on")) or signed < 0
    return Kind.CARD_CANCELLATION if cancelled else Kind.CARD_APPROVAL


def _is_cancelled(text: str, record: Record) -> bool:
    word = _word(text)
    if word in _CANCELLED:
        return True
    if word in _APPROVED or _INSTALMENTS.fullmatch(word):
        return False
    raise RowRefused("marker_unknown", column=record.column("marker"), value=text)


def _has_day(text: str) -> bool:
    """Tell whether a 취소일자 is filled in; dashes and zeros are how some companies leave it out."""
    return bool(_word(text).strip("-0./:"))


def _is_pending(record: Record) -> bool:
    text = record.text("purchase")
    word = _word(text)
    if word not in _PENDING | _FINAL:
        raise RowRefused("marker_unknown", column=record.column("purchase"), value=text)
    return word in _PENDING


def _approval(record: Record, options: ReadOptions) -> str:
    """Return the approval number with the leading zeros that a spreadsheet took from it."""
    text = record.text("approval")
    bare = "".join(unicodedata.normalize("NFKC", text).replace("-", "").split())
    if not bare:
        return ""
    if not _APPROVAL.fullmatch(bare):
        raise RowRefused("approval_unreadable", column=record.column("approval"), value=text)
    return bare.zfill(options.approval_digits) if bare.isdecimal() else bare


def _merchant(record: Record) -> str:
    name = cleaned(record.text("merchant"))
    if not name:
        raise RowRefused("merchant_empty", column=record.column("merchant"))
    return name


def _parts(record: Record, options: ReadOptions, signed: Decimal, kind: Kind) -> tuple[Decimal | None, Decimal | None]:
    """Return supply and VAT as the file states them; a cancellation may state them below zero."""
    supply, vat = (parse_optional(record.text(name), options.digits, record.column(name)) for name in ("supply", "vat"))
    if kind is Kind.CARD_CANCELLATION:
        supply, vat = (None if part is None else abs(part) for part in (supply, vat))
    if supply is not None and vat is not None and supply + vat != abs(signed):
        raise RowRefused("parts_do_not_sum", supply=str(supply), vat=str(vat), total=str(abs(signed)))
    return supply, vat


def _word(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
