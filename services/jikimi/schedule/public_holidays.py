"""Public holidays, as the library `holidays` knows them; years are looked up as they come."""

from collections.abc import Callable
from datetime import date

import holidays


def holidays_of(country: str) -> Callable[[date], bool]:
    """Return what tells whether a day is a public holiday in *country*, such as "KR" or "DE-BY"; "" has none."""
    if not country:
        return lambda _: False
    name, _, part = country.partition("-")
    known = holidays.country_holidays(name, subdiv=part or None)
    return lambda day: day in known
