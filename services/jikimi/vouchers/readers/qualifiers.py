"""Refuse a row whose other cells say that its amount is not what it seems.

A column that no field takes is not passed over: what it says of currency, unit, cancellation or finality is
understood or the row is rejected with the word that was found.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from jikimi.vouchers.readers.amounts import parse_amount
from jikimi.vouchers.readers.record import Record
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.words import (
    UNITS,
    currency_in_brackets,
    is_foreign,
    is_ours,
    plain,
    says_nothing,
    word_set,
)

_CURRENCY_NAME = re.compile(r"통화(?!료|요금|량|시간|내역)|화폐|currency|ccy")
_ABROAD_NAME = re.compile(r"해외|국외|외화|국내외|overseas|foreign|abroad")
_FOREIGN_NAME = re.compile(r"해외|국외|외화|현지|foreign|overseas|local|달러|엔화|유로|usd|us\$|\$|jpy|eur")
_MONEY_NAME = re.compile(r"금액|대금|액$|액[(\[]|amount")
_WON_NAME = re.compile(r"[(\[](?:단위:)?(?:원|원화|krw|₩|won)[)\]]|원화|국내")
_FLAG_NAME = re.compile(r"(?:여부|구분|유무|flag)$")
_ABROAD = word_set(
    "해외 국외 외국 외화 해외승인 해외이용 해외매출 해외결제 해외거래 해외일시불 해외사용 overseas foreign abroad"
)
_YES = frozenset({"y", "yes", "o", "예", "1", "true"})
UNDONE = word_set(
    "취소 승인취소 취소승인 매출취소 매입취소 거래취소 취소거래 출금취소 입금취소 이체취소 전체취소 부분취소 취소완료"
    " 취소전표 환불 환불완료 부분환불 반품 반려 거절 승인거절 실패 오류 에러 불능 미처리 정정 정정거래 cancel cancelled"
    " canceled cancellation refund refunded void voided reversed reversal failed rejected declined error"
)
_UNDONE_NAME = re.compile(r"취소|환불|반품|정정|반려|cancel|refund|void")
_FINAL_SUM_NAME = re.compile(
    r"^(?:실|최종|순)?(?:매입|확정|매출확정)금액|^최종(?:승인|이용)?금액|^(?:실승인|순매출|잔여)금?액"
)
_IN_WON_NAME = re.compile(r"^(?:원화|krw)")
_TOKEN = re.compile(
    r"(?<![a-z])(?:usd|eur|jpy|cny|gbp|hkd|us\$)(?![a-z])|[$€¥£]\s*[0-9]"
    r"|[0-9]\s*(?:미국?\s*)?(?:달러|유로|엔|위안|파운드)(?![가-힣])"
)
_UNDONE_TEXT = re.compile(r"(?:부분|일부|전체|전액|승인|매출|결제)(?:취소|환불|반품)")
_NO_TEXT = ("instrument", "branch", "balance", "direction")
"""Fields whose cells are read, but not for what they may say of a currency."""

_NO_SUM_NAME = re.compile(r"번호|일자?$|일시|시간|시각|사유|여부|구분|상태|no\.?$|date|time")
_NOT_FINAL = word_set(
    "미확정 미매입 매입전 매입대기 접수전 미접수 접수대기 가승인 예정 승인예정 매입예정 승인대기 처리중 처리대기 대기"
    " 보류 이체예정 pending"
)
_NO = frozenset({"n", "no", "x", "아니오", "0", "정상", "승인", "미취소", "false"})


def check_currency(record: Record, currency: str) -> None:
    """Make sure that no cell says that the row is in another currency or in a larger unit.

    Raises:
        RowRefused: one does, or a column of currencies says what nobody knows.
    """
    for place in record.places("currency"):
        text = record.texts[place]
        if text.strip() not in {"", "-"} and not is_ours(text, currency):
            raise RowRefused("currency_foreign", column=record.name(place), value=text)
    for place in (place for field in _NO_TEXT for place in record.places(field)):
        if _speaks_of_another(record.texts[place], currency):
            raise RowRefused("currency_foreign", column=record.name(place), value=record.texts[place])
    for place, name, text in unread(record):
        word, column = plain(text), record.name(place)
        if _names_another(name, text, currency) or _speaks_of_another(text, currency):
            raise RowRefused("currency_foreign", column=column, value=text)
        if word in UNITS and not word[0].isdigit():
            raise RowRefused("unit_other", value=f"{column}: {text}")
        if word in _ABROAD or (_ABROAD_NAME.search(name) and _FLAG_NAME.search(name) and word in _YES):
            _check_abroad(record, column, text)


def _names_another(name: str, text: str, currency: str) -> bool:
    """Tell whether a column of currencies says anything but ours; a sum or a rate in it is no currency."""
    if not _CURRENCY_NAME.search(name) or says_nothing(text) or is_ours(text, currency):
        return False
    return not (_MONEY_NAME.search(name) or "환율" in name or "rate" in name)


def _speaks_of_another(text: str, currency: str) -> bool:
    """Tell whether *text* is another currency, or has one beside a number that is not zero."""
    if is_foreign(text, currency):
        return not _is_zero(text)
    found = _TOKEN.search(unicodedata.normalize("NFKC", text).casefold())
    return found is not None and not is_ours(re.sub(r"[0-9\s]", "", found[0]), currency) and not _is_zero(text)


def _is_zero(text: str) -> bool:
    return any(sign.isdigit() for sign in text) and _number(text) == 0


def _check_abroad(record: Record, column: str, text: str) -> None:
    """Refuse a row of a use abroad, unless the column of its amount says that it is in won."""
    if not _is_named_won(record):
        raise RowRefused("currency_abroad", column=column, value=text)


def check_foreign_amount(record: Record, currency: str, digits: int) -> None:
    """Make sure that the row's amount is not stated in another currency, alone or beside ours.

    Raises:
        RowRefused: it is; the reason repeats the foreign amount.
    """
    found = next(_foreign_amounts(record, currency), None)
    if found is None:
        return
    place, amount = found
    if _is_without_amount(record, digits):
        sign = _foreign_currency(record, place, currency)
        raise RowRefused("foreign_only", value=f"{amount} {sign}".strip())
    if not _says_ours(record, currency) and not _is_named_won(record):
        raise RowRefused("currency_foreign", column=record.name(place), value=record.texts[place])


def _says_ours(record: Record, currency: str) -> bool:
    """Tell whether a column of the row names our currency."""
    named = [text for _, name, text in unread(record) if _CURRENCY_NAME.search(name)]
    return any(is_ours(text, currency) for text in (*record.all_texts("currency"), *named))


def _foreign_amounts(record: Record, currency: str) -> Iterator[tuple[int, str]]:
    """Yield the amounts above zero that their column or their own cell says are foreign ones."""
    for place, name, text in unread(record):
        if (_is_foreign_sum(name, currency) or is_foreign(text, currency)) and _number(text):
            yield place, re.sub(r"[^0-9.,-]", "", plain(text)).rstrip(".,")


def _is_foreign_sum(name: str, currency: str) -> bool:
    if currency_in_brackets(name, currency) or is_foreign(name, currency):
        return True
    return bool(_FOREIGN_NAME.search(name) and _MONEY_NAME.search(name)) and not _WON_NAME.search(name)


def _number(text: str) -> Decimal:
    found = re.search(r"[0-9][0-9,]*(?:\.[0-9]+)?", plain(text))
    try:
        return Decimal(found[0].replace(",", "")) if found else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def _foreign_currency(record: Record, place: int, currency: str) -> str:
    """Return the currency of the foreign amount: as its row, else its column, else its cell says."""
    for _, name, text in unread(record):
        if _CURRENCY_NAME.search(name) and is_foreign(text, currency):
            return text.strip()
    written = record.text("currency").strip()
    if written and not is_ours(written, currency):
        return written
    return currency_in_brackets(record.name(place), currency) or re.sub(r"[0-9.,\s-]", "", record.texts[place])


def _is_without_amount(record: Record, digits: int) -> bool:
    return all(_is_nothing(text, digits) for field in ("amount", "in", "out") for text in record.all_texts(field))


def _is_nothing(text: str, digits: int) -> bool:
    if says_nothing(text):
        return True
    try:
        return parse_amount(text, digits, "") == 0
    except RowRefused:
        return False


def _is_named_won(record: Record) -> bool:
    """Tell whether every column of its amounts says that it is in won."""
    names = [record.column(field) for field in ("amount", "in", "out") if record.has(field)]
    return all(_WON_NAME.search(plain(name)) for name in names)


def check_undone(record: Record, *, cancelled: bool, amount: Decimal, digits: int) -> None:
    """Make sure that no unread cell says that the money, or a part of it, was given back.

    Raises:
        RowRefused: one does, and the row is not *cancelled* as a whole anyway.
    """
    for place, name, text in unread(record):
        word, column = plain(text), record.name(place)
        if (word in UNDONE or _UNDONE_TEXT.search(word)) and not cancelled:
            raise RowRefused("amount_qualified", column=column, value=text)
        if (_FINAL_SUM_NAME.search(name) or _IN_WON_NAME.search(name)) and _number(text) not in (0, amount):
            raise RowRefused("amount_qualified", column=column, value=text)
        if not _UNDONE_NAME.search(name) or says_nothing(text) or word in _NO or not word.strip("-0./:,원"):
            continue
        if not _NO_SUM_NAME.search(name) and abs(_sum_in(text, digits, column)) != (amount if cancelled else 0):
            raise RowRefused("amount_qualified", column=column, value=text)
        if not cancelled:
            raise RowRefused("amount_qualified", column=column, value=text)


def _sum_in(text: str, digits: int, column: str) -> Decimal:
    try:
        return parse_amount(text, digits, column)
    except RowRefused as no:
        raise RowRefused("amount_qualified", column=column, value=text) from no


def is_not_final(record: Record) -> bool:
    """Tell whether an unread cell says that the transaction is not final yet."""
    return any(
        plain(text) in _NOT_FINAL or (plain(text) in {"n", "no", "x", "아니오"} and _is_about_finality(name))
        for _, name, text in unread(record)
    )


def _is_about_finality(name: str) -> bool:
    return ("확정" in name or "매입" in name) and _FLAG_NAME.search(name) is not None


def unread(record: Record) -> Iterator[tuple[int, str, str]]:
    """Yield place, plain name and text of the filled cells that no field takes."""
    for place in record.unread_places():
        text = record.texts[place]
        if text.strip():
            yield place, plain(record.name(place)), text
