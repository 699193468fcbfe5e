"""What a reader must be told, because no statement says it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to take the values of a statement.

    Attributes:
        today: the day in the company's time zone; a later date is a fault.
        approval_digits: the width of the card company's approval numbers; spreadsheets drop leading zeros.
        currency: the only currency that is read; a row in another one is a fault.
        digits: the decimals of the smallest money unit, 0 for the won.
    """

    today: date
    approval_digits: int = 8
    currency: str = "KRW"
    digits: int = 0
