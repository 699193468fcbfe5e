"""One row under its header: raw texts by field, and what every kind of statement reads alike."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from jikimi.vouchers.readers.dates import has_clock, has_seconds, in_1900, parse_clock, parse_moment
from jikimi.vouchers.readers.matching import Columns
from jikimi.vouchers.readers.refusal import RowRefused

_NAME_LENGTH = 200
NUMBER_LOST = re.compile(r"[0-9][0-9.,]*e[+-]?[0-9]+|[0-9]+\.[0-9]+", re.IGNORECASE)
_MASKED = re.compile(r"[0-9*x●#•\s-]+", re.IGNORECASE)
_MASK = re.compile(r"[x●#•]", re.IGNORECASE)
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII)
_ACCOUNT = re.compile(r"[0-9][0-9A-Za-z.-]*")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table's records: their names, no two the same, and which field is where.

    Attributes:
        epoch_1904: a day that is a bare number counts from 1904, not from 1900.
        unread: the places that no field takes.
    """

    names: tuple[str, ...]
    columns: Columns
    epoch_1904: bool = False
    unread: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        taken = {place for places in self.columns.values() for place in places}
        object.__setattr__(self, "unread", tuple(place for place in range(len(self.names)) if place not in taken))


@dataclass(frozen=True, slots=True)
class Record:
    """A row, with the layout that says what its cells are.

    Attributes:
        overflow: what stands to the right of every column in a format where that shifts cells, else "".
        hidden: a person who opens the file does not see the row.
        unvalued: the places of formulas that have no value, or an error for one.
    """

    number: int
    layout: Layout
    texts: tuple[str, ...]
    overflow: str = ""
    hidden: bool = False
    unvalued: frozenset[int] = frozenset()

    def cells(self) -> Mapping[str, str]:
        """Return the row as it stood in the file."""
        return dict(zip(self.layout.names, self.texts, strict=True))

    def has(self, field: str) -> bool:
        """Tell whether the statement has a column for *field*."""
        return field in self.layout.columns

    def places(self, field: str) -> Sequence[int]:
        """Return where the columns of *field* stand."""
        return self.layout.columns.get(field, ())

    def name(self, place: int) -> str:
        """Return the name of the column at *place*."""
        return self.layout.names[place]

    def unread_places(self) -> Sequence[int]:
        """Return where the columns stand that no field takes."""
        return self.layout.unread

    def day_text(self, field: str) -> str:
        """Return the text of a day; of a bare number as counted from 1900."""
        text = self.text(field)
        return in_1900(text) if self.layout.epoch_1904 else text

    def text(self, field: str) -> str:
        """Return the raw text of *field*, "" without such a column."""
        return next(iter(self.all_texts(field)), "")

    def all_texts(self, field: str) -> Sequence[str]:
        """Return the raw texts of every column of *field*."""
        return [self.texts[place] for place in self.layout.columns.get(field, ())]

    def column(self, field: str) -> str:
        """Return the name of the first column of *field*, "" without one."""
        return next((self.layout.names[place] for place in self.layout.columns.get(field, ())), "")

    def check_whole(self) -> None:
        """Make sure that the row is what a person sees, with every value in its own column.

        Raises:
            RowRefused: it is hidden, a formula has no value, or a cell was pushed out of its column, as by the
                comma of an unquoted `4,500`, so that every cell may be another than it seems.
        """
        if self.hidden:
            raise RowRefused("row_hidden")
        for place in sorted(self.unvalued):
            raise RowRefused("formula_unvalued", column=self.name(place))
        if self.overflow:
            raise RowRefused("row_too_long", value=self.overflow)


def moment(record: Record, today: date) -> tuple[date, str]:
    """Return the day and, in one spelling for all formats, the time of day.

    Midnight sharp counts as no time: it is what a spreadsheet makes of a day alone. A time that cannot
    be read stays as it is written, for it still tells one row from another.

    Raises:
        RowRefused: the day cannot be read for certain.
    """
    day, clock = parse_moment(record.day_text("on"), today, record.column("on"))
    written = record.text("at")
    clock = clock or parse_clock(written)
    if clock is None:
        return day, written
    return day, "" if clock == time() else clock.isoformat()


def clock_of(record: Record, clock: str) -> str:
    """Return *clock*, which `moment` gave, as exactly as the row writes it; "" if it is no time of day."""
    if not _CLOCK.fullmatch(clock):
        return ""
    written = record.text("on") if has_clock(record.text("on")) else record.text("at")
    return clock if has_seconds(written) else clock[:5]


def said(**roles: str) -> dict[str, str]:
    """Return those of *roles* that say anything."""
    return {role: text.strip() for role, text in roles.items() if text.strip()}


def instrument(record: Record) -> str:
    """Return the card or account number as digits and `*`.

    Raises:
        RowRefused: a spreadsheet has rounded the number away.
    """
    text = unicodedata.normalize("NFKC", record.text("instrument")).strip()
    if NUMBER_LOST.fullmatch(text):
        raise RowRefused("number_lost", column=record.column("instrument"), value=text)
    if _MASKED.fullmatch(text):
        text = _MASK.sub("*", text)
    return "".join(sign for sign in text if sign in "0123456789*")


def cleaned(text: str) -> str:
    """Return *text* composed (NFC), on one line, without control characters, at most 200 characters long."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in composed)
    return " ".join(seen.split())[:_NAME_LENGTH].rstrip()


def account(record: Record) -> str:
    """Return the account that a person wrote beside the row, "" without one."""
    return account_in(record.text("account"))


def account_in(text: str) -> str:
    """Return the number of an account: "811" of "811 복리후생비"; what begins otherwise stays as it is."""
    written = cleaned(text)
    found = _ACCOUNT.match(written)
    return found[0] if found else written
