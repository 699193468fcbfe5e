"""What a row of a card statement says of itself: approved, cancelled as a whole or in part, final or not."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jikimi.vouchers.line import Kind
from jikimi.vouchers.readers.amounts import parse_amount, parse_optional
from jikimi.vouchers.readers.dates import parse_moment
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.qualifiers import is_not_final
from jikimi.vouchers.readers.record import Record
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.words import NOTHING, plain, says_nothing, word_set

_IN_PART = frozenset({"부분취소", "부분환불", "부분매출취소", "일부취소"})
_CANCELLED = word_set(
    "취소 승인취소 취소승인 y 전체취소 취소완료 매출취소 매입취소 전표취소 취소전표 취소매출 전표매입취소 승인취소완료"
    " cancel cancelled canceled"
)
_APPROVED = NOTHING | word_set(
    "승인 정상 정상승인 승인완료 정상매출 n 일시불 할부 국내 신용 체크 approved"
    " 매출 매입 매입완료 전표매입 매출승인 승인매출 국내승인 국내매출 국내이용 신용승인 체크승인 신용매출"
)
_INSTALMENTS = re.compile(r"할부\(?\d{1,2}(개월)?\)?|\d{1,2}개월(할부)?")
_PENDING_MARKS = word_set("미매입 매입전 매입대기 접수전 미접수 접수대기 미확정 예정 가승인 매입예정 확정예정 확정전")
_PENDING = _PENDING_MARKS | {"n", "미완료", "대기"}
_FINAL = NOTHING | word_set("매입 매입완료 접수 접수완료 확정 확정완료 정상 y 전표매입 전표매입완료 매출확정")


@dataclass(frozen=True, slots=True)
class Movement:
    """What has happened to how much money.

    Attributes:
        stated: the amount column as it stands, below zero if it is marked so.
        amount: what is approved or cancelled: of a cancellation in part, only that part.
    """

    kind: Kind
    stated: Decimal
    amount: Decimal
    approved_too: bool = False

    def is_part(self) -> bool:
        """Tell whether only a part of what the row states is cancelled."""
        return self.amount != abs(self.stated)


def movement(record: Record, options: ReadOptions) -> Movement:
    """Return what the row says has happened.

    Raises:
        RowRefused: its amounts and marks cannot be understood together.
    """
    column = record.column("amount")
    given_back = _given_back(record, options)
    if given_back and _is_nothing_or_zero(record, options):
        stated = given_back
    else:
        stated = parse_amount(record.text("amount"), options.digits, column)
    if stated == 0:
        raise RowRefused("amount_zero", column=column)
    marks = [_mark(record, place) for place in record.places("marker")]
    day = _cancelled_on(record, options.today)
    cancelled = "cancelled" in marks or "part" in marks or day is not None or stated < 0
    if not cancelled:
        if given_back:
            raise _qualified(record, "cancelled_amount")
        return Movement(Kind.CARD_APPROVAL, stated, stated)
    amount = _cancelled_amount(record, stated, given_back, in_part="part" in marks)
    whole = stated > 0 and amount == stated
    return Movement(Kind.CARD_CANCELLATION, stated, amount, approved_too=day is not None and whole)


def is_pending(record: Record) -> bool:
    """Tell whether the row says that it is not final yet."""
    words = [_purchase(record, place) for place in record.places("purchase")]
    marked = any(plain(text) in _PENDING_MARKS for text in record.all_texts("marker"))
    return marked or any(word in _PENDING for word in words) or is_not_final(record)


def _purchase(record: Record, place: int) -> str:
    word = plain(record.texts[place])
    if word not in _PENDING | _FINAL:
        raise RowRefused("marker_unknown", column=record.name(place), value=record.texts[place])
    return word


def _mark(record: Record, place: int) -> str:
    word = plain(record.texts[place])
    if word in _IN_PART:
        return "part"
    if word in _CANCELLED:
        return "cancelled"
    if word in _APPROVED or word in _PENDING_MARKS or _INSTALMENTS.fullmatch(word):
        return "approved"
    raise RowRefused("marker_unknown", column=record.name(place), value=record.texts[place])


def _cancelled_on(record: Record, today: date) -> date | None:
    """Return the day of the cancellation; dashes and zeros are how some companies leave it out."""
    text = record.text("cancelled_on")
    if says_nothing(text) or not plain(text).strip("-0./:"):
        return None
    return parse_moment(record.day_text("cancelled_on"), today, record.column("cancelled_on"))[0]


def _given_back(record: Record, options: ReadOptions) -> Decimal:
    """Return what the columns of cancelled amounts state, 0 if nothing.

    Raises:
        RowRefused: two of them differ, or one is no amount.
    """
    found = set()
    for place in record.places("cancelled_amount"):
        amount = parse_optional(record.texts[place], options.digits, record.name(place))
        if amount:
            found.add(abs(amount))
    if len(found) > 1:
        raise _qualified(record, "cancelled_amount")
    return found.pop() if found else Decimal(0)


def _is_nothing_or_zero(record: Record, options: ReadOptions) -> bool:
    text = record.text("amount")
    return says_nothing(text) or parse_amount(text, options.digits, record.column("amount")) == 0


def _cancelled_amount(record: Record, stated: Decimal, given_back: Decimal, *, in_part: bool) -> Decimal:
    """Return how much of *stated* is cancelled.

    Without a column for it, a row that is marked as a part states the part itself.
    """
    if not given_back:
        if in_part and stated > 0 and record.has("cancelled_amount"):
            raise RowRefused("part_unknown", column=record.column("amount"), value=record.text("amount"))
        return abs(stated)
    if given_back > abs(stated) or (given_back != abs(stated) and (not in_part or stated < 0)):
        raise _qualified(record, "cancelled_amount")
    return given_back


def _qualified(record: Record, field: str) -> RowRefused:
    texts = [text for text in record.all_texts(field) if not says_nothing(text)]
    return RowRefused("amount_qualified", column=record.column(field), value=", ".join(texts))
