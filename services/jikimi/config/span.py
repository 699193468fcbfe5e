"""Spans of time as a person writes them: "90s", "30m", "2h", "14d"."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")


def parse_span(value: object) -> timedelta:
    """Return the span that *value* names.

    Raises:
        ValueError: it is not a number with a unit.
    """
    if isinstance(value, timedelta):
        return value
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'write a number and a unit, such as "90s", "30m", "2h" or "14d" (got {value!r})')
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


def write_span(span: timedelta) -> str:
    """Return *span* in the largest unit that divides it."""
    milliseconds = round(span / timedelta(milliseconds=1))
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


Span = Annotated[timedelta, BeforeValidator(parse_span), PlainSerializer(write_span)]
