"""The words by which a statement says that an amount is not simply an amount in our money."""

import re
import unicodedata


def word_set(words: str) -> frozenset[str]:
    """Return the words of *words*, which blanks part."""
    return frozenset(words.split())


NOTHING = frozenset({"", "-", "--", "n/a", "na", "없음", "해당없음", "해당사항없음"})
"""What a cell holds that says nothing."""

_CODES = word_set(
    "usd eur jpy cny cnh rmb gbp hkd twd sgd thb vnd aud cad nzd chf php idr myr inr rub mop mnt kzt aed sar dkk nok "
    "sek brl mxn zar khr lak mmk huf pln czk ils kwd qar bhd try egp krw"
)
_SIGNS = word_set("$ us$ hk$ s$ a$ c$ nt$ € £ ¥ 元 円 ₫ ฿ ₩ \\")
_NAMES = re.compile(
    r"(?:미국?|us|홍콩|호주|캐나다|싱가포르|대만|뉴질랜드)?(?:달러|dollars?)|미화|미불|외화|유로화?|euros?|(?:일본)?엔화?|yen"
    r"|(?:중국)?위안화?|yuan|(?:영국)?파운드화?|pounds?|(?:태국)?바트|(?:베트남)?동화|(?:대만|호주|캐나다)달러"
)
_OURS = {
    "KRW": frozenset({"krw", "원", "원화", "₩", "\\", "won", "한국원", "대한민국원", "한국원화", "410"}),
    "USD": frozenset({"usd", "$", "us$", "달러", "미국달러", "미달러", "미화", "dollar", "dollars", "us달러"}),
    "EUR": frozenset({"eur", "€", "유로", "유로화", "euro", "euros"}),
    "JPY": frozenset({"jpy", "¥", "円", "엔", "엔화", "일본엔", "yen"}),
}
_WON = _OURS["KRW"] - {"410"}
_NUMBER_SIGNS = re.compile(r"[-+△▲]?[0-9][0-9.,]*-?")
_APART = re.compile(r"[()\[\]{}<>/:·]+")

UNITS = word_set(
    "백원 천원 만원 십만원 백만원 천만원 억원 십억원 조원 천달러 백만달러 천usd 백만usd thousand thousands"
    " million millions inthousands inmillions thousandwon millionwon krwthousand krwmillion krw1000 krw1,000 1000krw "
    "1,000krw 1,000원 1000원 10,000원 1,000,000원 천 만 백만 억"
)
"""Units that are not the won itself, without blanks."""


def plain(text: str) -> str:
    """Return *text* without blanks, in lower case and in one spelling."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def says_nothing(text: str) -> bool:
    """Tell whether a cell is empty or only says that there is nothing."""
    return plain(text) in NOTHING


def is_ours(text: str, currency: str) -> bool:
    """Tell whether *text* names *currency* and nothing else."""
    ours = _OURS.get(currency, frozenset({currency.casefold()}))
    parts = [part for part in _APART.split(plain(text)) if part]
    return bool(parts) and all(part in ours for part in parts)


def is_foreign(text: str, currency: str) -> bool:
    """Tell whether *text* is the name of another currency than *currency*, alone or beside a number."""
    bare = _NUMBER_SIGNS.sub("", plain(text), count=1)
    parts = [part for part in _APART.split(bare) if part]
    ours = _OURS.get(currency, frozenset({currency.casefold()}))
    return bool(parts) and all(_is_currency(part) for part in parts) and any(part not in ours for part in parts)


def currency_in_brackets(name: str, currency: str) -> str:
    """Return the foreign currency that *name* has in brackets, "" without one."""
    inside = re.findall(r"[(\[](.*?)[)\]]", unicodedata.normalize("NFKC", name), re.DOTALL)
    return next((text.strip() for text in inside if is_foreign(text, currency)), "")


def _is_currency(part: str) -> bool:
    return part in _CODES or part in _SIGNS or part in _WON or _NAMES.fullmatch(part) is not None
