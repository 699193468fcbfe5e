"""Read the day and the time of day of a transaction, in the ways Korean statements write them.

A date with more than one meaning is refused. A two-digit year is taken year first, as in Korea, but only
if no other order gives a day nearer to today.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from jikimi.vouchers.readers.refusal import RowRefused

_YEARS_BACK = 10
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 -- a spreadsheet's day has no zone
_EPOCHS_APART = 1462
_WEEKDAY = r"(?:\s*\([월화수목금토일]\))?"
_FOUR_DIGIT = re.compile(r"(\d{4})\s*([-./])\s*(\d{1,2})\s*\2\s*(\d{1,2})\.?" + _WEEKDAY, re.ASCII)
_TWO_DIGIT = re.compile(r"(\d{2})\s*([-./])\s*(\d{1,2})\s*\2\s*(\d{1,2})\.?" + _WEEKDAY, re.ASCII)
_KOREAN = re.compile(r"(\d{2}|\d{4})\s*년\s*(\d{1,2})\s*월\s*(\d{1,2})\s*일" + _WEEKDAY, re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{4}|\d{6})?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_CLOCK = re.compile(
    r"(?P<half>오전|오후|am|pm)?\s*(?P<hour>\d{1,2})\s*[:시]\s*(?P<minute>\d{1,2})\s*분?"
    r"(?:\s*:?\s*(?P<second>\d{1,2})(?:\.\d+)?\s*초?)?\s*(?P<late_half>am|pm)?",
    re.ASCII,
)
_DIGITS_ONLY = re.compile(r"(\d{2})(\d{2})(\d{2})?", re.ASCII)
_DAY_AND_CLOCK = re.compile(
    r"(?P<day>.*?\d[.일]?(?:\s*\([월화수목금토일]\))?)(?:\s+|t)(?P<clock>(?:오전|오후|am|pm)?\s*\d{1,2}\s*[:시].*)"
)
_NOON = 12
_LONGEST = 60
"""Longer than any date; the patterns would take their time over a whole page."""


def parse_moment(text: str, today: date, column: str) -> tuple[date, time | None]:
    """Return the day, and the time of day if *text* has one.

    Raises:
        RowRefused: there is no such day, it has several meanings, or it lies too far back or ahead.
    """
    bare = unicodedata.normalize("NFKC", text).strip().casefold()
    if not bare:
        raise RowRefused("date_empty", column=column)
    try:
        day, clock = _parse(bare, today)
    except LookupError as unclear:
        raise RowRefused(str(unclear.args[0]), column=column, value=text) from unclear
    except (ValueError, OverflowError) as wrong:
        raise RowRefused("date_impossible", column=column, value=text) from wrong
    return _within(day, today, text, column), clock


def parse_clock(text: str) -> time | None:
    """Return the time of day in *text*, None if it has none that can be read."""
    bare = unicodedata.normalize("NFKC", text).strip().casefold()
    try:
        return _clock(bare)
    except ValueError:
        return None


def in_1900(text: str) -> str:
    """Return *text* as a day counted from 1900, if it is a bare number counted from 1904."""
    whole, mark, part = text.strip().partition(".")
    return f"{int(whole) + _EPOCHS_APART}{mark}{part}" if _SERIAL.fullmatch(text.strip()) else text


def has_clock(text: str) -> bool:
    """Tell whether *text*, a day that could be read, has a time of day with it."""
    bare = unicodedata.normalize("NFKC", text).strip().casefold()
    found = _COMPACT.fullmatch(bare)
    return bool(found[4]) if found else "." in bare if _SERIAL.fullmatch(bare) else bool(_DAY_AND_CLOCK.fullmatch(bare))


def has_seconds(text: str) -> bool:
    """Tell whether *text*, a time of day that could be read, states its seconds."""
    bare = unicodedata.normalize("NFKC", text).strip().casefold()
    if found := _COMPACT.fullmatch(bare):
        return len(found[4] or "") == len("hhmmss")
    if _SERIAL.fullmatch(bare):
        return True
    found = _DAY_AND_CLOCK.fullmatch(bare)
    clock = found["clock"].strip() if found else bare
    if found := _DIGITS_ONLY.fullmatch(clock):
        return found[3] is not None
    found = _CLOCK.fullmatch(clock)
    return found is not None and found["second"] is not None


def _parse(bare: str, today: date) -> tuple[date, time | None]:
    if len(bare) > _LONGEST:
        raise LookupError("date_unreadable")
    if _SERIAL.fullmatch(bare):
        return _from_serial(bare)
    if found := _COMPACT.fullmatch(bare):
        year, month, day, clock = found.groups()
        return date(int(year), int(month), int(day)), _clock(clock) if clock else None
    if found := _DAY_AND_CLOCK.fullmatch(bare):
        return _day(found["day"].strip(), today), _clock(found["clock"])
    return _day(bare, today), None


def _from_serial(bare: str) -> tuple[date, time | None]:
    whole, _, part = bare.partition(".")
    moment = _EXCEL_DAY_ZERO + timedelta(days=int(whole), seconds=round(float(f"0.{part or 0}") * 86_400))
    return moment.date(), moment.time() if part else None


def _day(bare: str, today: date) -> date:
    if found := _FOUR_DIGIT.fullmatch(bare):
        return date(int(found[1]), int(found[3]), int(found[4]))
    if found := _KOREAN.fullmatch(bare):
        return date(_full_year(int(found[1])), int(found[2]), int(found[3]))
    if found := _TWO_DIGIT.fullmatch(bare):
        return _year_first(int(found[1]), int(found[3]), int(found[4]), today)
    raise LookupError("date_unreadable")


def _year_first(first: int, second: int, third: int, today: date) -> date:
    """Read year first; refuse if day first or month first would lie nearer to today."""
    others = list(_days((third, second, first), (third, first, second)))
    near = [day for day in others if today.year - _YEARS_BACK <= day.year and day <= today]
    mine = next(_days((first, second, third)), None)
    if mine is None and not near:
        raise ValueError
    if mine is None or any(abs(today - day) < abs(today - mine) for day in near):
        raise LookupError("date_ambiguous")
    return mine


def _days(*readings: tuple[int, int, int]) -> Iterator[date]:
    """Give the readings that are days at all."""
    for year, month, day in readings:
        try:
            yield date(_full_year(year), month, day)
        except ValueError:
            continue


def _full_year(year: int) -> int:
    return year + 2000 if year < 100 else year  # noqa: PLR2004 -- two digits


def _within(day: date, today: date, text: str, column: str) -> date:
    if not today.year - _YEARS_BACK <= day.year <= today.year + 1:
        raise RowRefused("date_year", column=column, value=text, first=today.year - _YEARS_BACK, last=today.year + 1)
    if day > today:
        raise RowRefused("date_future", column=column, value=text, today=today.isoformat())
    return day


def _clock(bare: str) -> time:
    if found := _DIGITS_ONLY.fullmatch(bare):
        return time(int(found[1]), int(found[2]), int(found[3] or 0))
    found = _CLOCK.fullmatch(bare)
    if found is None:
        raise ValueError
    half = found["half"] or found["late_half"] or ""
    return time(_hour(int(found["hour"]), half), int(found["minute"]), int(found["second"] or 0))


def _hour(hour: int, half: str) -> int:
    """Return the hour of 24; 오전 12 is midnight, and 오후 15 is only said twice."""
    if half in {"오후", "pm"}:
        return hour if hour >= _NOON else hour + _NOON
    if half and hour > _NOON:
        raise ValueError
    return 0 if half and hour == _NOON else hour
