"""The fiscal years of the books: last year, this year and next year, month by month.

A statement may still bring lines of last December in January, and a bookkeeper
may date a voucher into next January in December. So three years are always open.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any


def years_around(today: dt.date) -> tuple[int, int, int]:
    """Last year, this year and next year."""
    return today.year - 1, today.year, today.year + 1


def open_years(pool: Any, company: int, years: Iterable[int]) -> None:
    """Make each fiscal year of *years* with its own number sequence and twelve months.

    The months are made in one call for all years. Call it inside a transaction.
    """
    kind = pool.get("ir.model.data").get_id("account", "sequence_type_account_move")
    years = list(years)
    sequences = pool.get("ir.sequence.strict").create(
        [
            {
                "name": f"전표 {year}",
                "sequence_type": kind,
                "company": company,
                "prefix": f"{year}-",
                "padding": 6,
            }
            for year in years
        ]
    )
    fiscal_year = pool.get("account.fiscalyear")
    made = fiscal_year.create(
        [
            {
                "name": str(year),
                "company": company,
                "start_date": dt.date(year, 1, 1),
                "end_date": dt.date(year, 12, 31),
                "move_sequence": sequence.id,
            }
            for year, sequence in zip(years, sequences, strict=True)
        ]
    )
    fiscal_year.create_period(made)
