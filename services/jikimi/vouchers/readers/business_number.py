"""Check a 사업자번호, the ten digits of a Korean business, the last of which is computed from the others."""

import unicodedata

from jikimi.vouchers.readers.refusal import RowRefused

_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_LENGTH = 10


def check_business_number(text: str, column: str) -> str:
    """Return the ten digits in *text*, "" if the cell is empty.

    Raises:
        RowRefused: there are not ten digits, or the last one is wrong.
    """
    digits = "".join(unicodedata.normalize("NFKC", text).replace("-", "").split())
    if not digits:
        return ""
    if len(digits) != _LENGTH or not (digits.isascii() and digits.isdigit()) or not _adds_up(digits):
        raise RowRefused("business_number_wrong", column=column, value=text)
    return digits


def _adds_up(digits: str) -> bool:
    *first, ninth, check = (int(digit) for digit in digits)
    weighted = sum(digit * weight for digit, weight in zip([*first, ninth], _WEIGHTS, strict=True))
    return (weighted + ninth * _WEIGHTS[-1] // 10 + check) % 10 == 0
