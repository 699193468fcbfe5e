"""Public holidays, as the library `holidays` knows them; years are looked up as they come."""

from collections.abc import Callable
from datetime import date


def holidays_of(country: str) -> Callable[[date], bool]:
    """Return what tells whether a day is a public holiday in *country*, such as "KR" or "DE-BY"; "" has none."""
    if not country:
        return lambda _: False
    from holidays import country_holidays  # noqa: PLC0415 - takes seconds: only the clock's own child ever loads it

    name, _, part = country.partition("-")
    known = country_holidays(name, subdiv=part or None)
    return lambda day: day in known
