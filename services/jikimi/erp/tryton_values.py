"""Days and amounts as Tryton's REST reads and writes them."""

from datetime import date
from decimal import Decimal
from typing import Any


def as_date(value: Any) -> date:
    """Return the day that an answer holds."""
    return date.fromisoformat(value) if isinstance(value, str) else date(value["year"], value["month"], value["day"])


def as_decimal(value: Any) -> Decimal:
    """Return the amount that an answer holds."""
    return Decimal(value["decimal"] if isinstance(value, dict) else str(value))


def write_date(day: date) -> dict[str, Any]:
    """Return a day for a request."""
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def write_decimal(amount: Decimal) -> dict[str, Any]:
    """Return an amount for a request."""
    return {"__class__": "Decimal", "decimal": str(amount)}
