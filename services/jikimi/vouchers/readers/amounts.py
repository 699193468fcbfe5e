"""Read amounts of money exactly, or not at all.

Only spellings with one meaning are read. `1.234,50`, and any decimals in a currency without decimals, are
refused rather than guessed; nothing unreadable ever becomes zero.
"""

import re
import unicodedata
from decimal import Decimal

from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.words import is_foreign, says_nothing

_EXACT_DIGITS = 15
_MINUS = str.maketrans("−–△▲", "----")
_SPELLING = re.compile(
    r"(?P<opened>\()?"
    r"(?P<before>[-+]?)(?:₩|\\|krw)?(?P<inside>-?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<decimals>[0-9]+))?"
    r"(?:원|krw)?(?P<after>-?)"
    r"(?P<closed>\))?"
)
_WITH_DECIMALS = re.compile(r"[-+(]?[0-9.,]*[0-9][.,][0-9]+\)?")


def parse_amount(text: str, digits: int, column: str) -> Decimal:
    """Return the amount that *text* of *column* states, below zero if it is marked so.

    Raises:
        RowRefused: it is empty, has more than *digits* decimals, or has no single meaning.
    """
    bare = "".join(unicodedata.normalize("NFKC", text).translate(_MINUS).casefold().split())
    if not bare or bare == "n/a":
        raise RowRefused("amount_empty", column=column)
    found = _SPELLING.fullmatch(bare)
    if found is None and is_foreign(text, "KRW"):
        raise RowRefused("currency_foreign", column=column, value=text)
    if found is None:
        code = "amount_decimals" if _WITH_DECIMALS.fullmatch(bare) else "amount_unreadable"
        raise RowRefused(code, column=column, value=text, digits=digits)
    return _value(found, text, digits, column)


def parse_optional(text: str, digits: int, column: str) -> Decimal | None:
    """Return the amount in *text*, or None where the cell says that there is none."""
    return None if says_nothing(text) else parse_amount(text, digits, column)


def _value(found: re.Match[str], text: str, digits: int, column: str) -> Decimal:
    decimals = found["decimals"] or ""
    whole = found["whole"].replace(",", "")
    if len(decimals) > digits:
        raise RowRefused("amount_decimals", column=column, value=text, digits=digits)
    if len(whole.lstrip("0")) + len(decimals) > _EXACT_DIGITS:
        raise RowRefused("amount_too_large", column=column, value=text)
    value = Decimal(f"{whole}.{decimals}" if decimals else whole)
    return -value if _is_negative(found, text, column) else value


def _is_negative(found: re.Match[str], text: str, column: str) -> bool:
    signs = [sign for sign in (found["opened"], found["before"], found["inside"], found["after"]) if sign]
    if len(signs) > 1 or bool(found["opened"]) != bool(found["closed"]):
        raise RowRefused("amount_unreadable", column=column, value=text)
    return bool(signs) and signs != ["+"]
