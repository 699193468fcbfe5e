"""Refuse a file whose titles say that its amounts are in another unit or currency than ours."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from jikimi.tables.refusal import refused, shown
from jikimi.vouchers.readers.words import UNITS, is_foreign, is_ours, plain, word_set

_LABEL = r"(?:(?:금액|화폐|표시|통화)?단위|(?:기준|거래|계좌|표시)?통화(?:코드|구분|종류|명)?|currency|units?)"
_STATED = re.compile(
    _LABEL + r"\s*(?:[:=]|(?=[(\[]))\s*[(\[]?\s*(?P<value>[^\s)\]>,/;|]+(?:\s*[,/]\s*[^\s)\]>,/;|]+)*)", re.ASCII
)
_BARE_LABEL = re.compile(r"[(\[<]?" + _LABEL + r"[:=]?")
_SPOKEN = re.compile(
    r"(?<![0-9가-힣])(?:백|천|만|십만|백만|천만|억|십억)\s*원\s*단위|단위\s*(?:백|천|만|십만|백만|천만|억|십억)\s*원"
)
_ENGLISH = re.compile(
    r"\bin\s+(?:krw\s+|won\s+)?(?:thousands?|millions?)\b|\b(?:thousand|million)s?\s+(?:of\s+)?(?:krw|won)\b"
)
_BRACKETED = re.compile(r"[(\[<]([^()\[\]<>]{1,20})[)\]>]")
_CODE = re.compile(r"(?<![a-z0-9])(?:usd|eur|jpy|cny|us\$)(?![a-z])|[$€¥]\s*[0-9]")
_FOREIGN_ACCOUNT = re.compile(r"외화\s*(?:보통|정기|당좌|저축|자유)?\s*(?:예금|계좌|통장|입출금)")
_RATE = re.compile(r"환율|rate")
_COUNTS = word_set("건 개 매 명 회 일 % 건수 장 전체")


def check_titles(titles: Iterable[Sequence[str]], currency: str) -> None:
    """Make sure that no row above the transactions states another unit or currency.

    Raises:
        FileRefused: one does; the reason repeats it.
    """
    for cells in titles:
        check_notes([cells], currency)
        for cell in cells:
            text = _lower(cell)
            named = _CODE.search(text) if currency == "KRW" and not _RATE.search(text) else None
            if named or _FOREIGN_ACCOUNT.search(text):
                raise refused("unit_other", value=shown(cell))


def check_notes(rows: Iterable[Sequence[str]], currency: str) -> None:
    """Make sure that no row that is no transaction states another unit than one won.

    Raises:
        FileRefused: one does; the reason repeats it.
    """
    for cells in rows:
        filled = [cell for cell in cells if cell.strip()]
        for place, cell in enumerate(filled):
            beside = filled[place + 1] if place + 1 < len(filled) else ""
            if _states_another(cell, beside, currency):
                raise refused("unit_other", value=shown(f"{cell} {beside}" if _is_label(cell) else cell))


def _states_another(cell: str, beside: str, currency: str) -> bool:
    text = _lower(cell)
    if _SPOKEN.search(text) or _ENGLISH.search(text) or _is_other(text, currency):
        return True
    if _is_label(cell):
        return bool(beside.strip()) and not _all_known(beside, currency)
    if any(not _all_known(found["value"], currency) for found in _STATED.finditer(text)):
        return True
    return any(_is_other(inside, currency) for inside in _BRACKETED.findall(text))


def _is_label(cell: str) -> bool:
    return _BARE_LABEL.fullmatch(plain(cell)) is not None


def _is_other(text: str, currency: str) -> bool:
    bare = plain(text).strip("()[]<>")
    return bare in UNITS or (is_foreign(bare, currency) and not any(sign.isdigit() for sign in bare))


def _all_known(value: str, currency: str) -> bool:
    parts = [part for part in re.split(r"[,/;|·()\[\]]", plain(value)) if part]
    return all(part in _COUNTS or part.removeprefix("1") in _COUNTS or _is_one(part, currency) for part in parts)


def _is_one(part: str, currency: str) -> bool:
    return is_ours(part.removeprefix("1") or part, currency) or part == "일원"


def _lower(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
