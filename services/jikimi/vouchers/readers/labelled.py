"""Find amounts that stand beside their names in the rows around the transactions, such as 기초잔액: 1,000,000."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from jikimi.tables.table import Row
from jikimi.vouchers.readers.amounts import parse_optional
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.words import plain


def labels(names: Mapping[str, str]) -> re.Pattern[str]:
    """Return what finds the words of each name (a pattern), alone or with the amount in the same cell."""
    words = "|".join(f"(?P<{name}>{pattern})" for name, pattern in names.items())
    return re.compile(
        rf"(?<![가-힣a-z0-9])(?:{words})(?:[(\[](?:원|krw)[)\]])?"
        r"(?:[:=\]]?(?P<value>[-+△▲]?[₩\\]?[0-9][0-9,.]*)(?:원|krw)?(?![0-9가-힣a-z.,/-])|[:=\]]?(?=$))"
    )


def is_label(cell: str, pattern: re.Pattern[str]) -> bool:
    """Tell whether a cell holds one label of *pattern* and nothing else but its amount."""
    return pattern.fullmatch(_bare(cell)) is not None


def labelled(
    row: Row, pattern: re.Pattern[str], digits: int, column: int | None = None
) -> Iterator[tuple[str, Decimal]]:
    """Yield each name in the row with its amount, in the same cell, in *column* or in the next cell.

    Of two amounts beside a name the first may be a count of rows: neither is taken.
    """
    filled = [cell for cell in row.cells if cell.strip()]
    for place, cell in enumerate(filled):
        for label in pattern.finditer(_bare(cell)):
            value = amount_in(label["value"] or "", digits)
            if not label["value"]:
                value = None if column is None else amount_in(row.cell(column), digits)
                beside, beyond = (amount_in(text, digits) for text in (*filled[place + 1 :], "", "")[:2])
                value = beside if value is None and beyond is None else value
            name = next(name for name, word in label.groupdict().items() if name != "value" and word)
            if value is not None:
                yield name, value


def amount_in(text: str, digits: int) -> Decimal | None:
    """Return the amount in a cell, None for what is none."""
    try:
        return parse_optional(text, digits, "")
    except RowRefused:
        return None


def _bare(cell: str) -> str:
    """Return a cell without blanks, but with a mark for the one that parts an amount from the next name."""
    return plain(re.sub(r"(?<=[0-9원])\s+(?=[가-힣A-Za-z])", "|", cell))
