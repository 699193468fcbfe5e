"""Recognise the rows of a statement in the books: read what stands on its days, and match.

What a person has answered, and what a mend file carries of the row that it mends, comes first.
"""

import json
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jikimi.erp.port import Booked, Books
from jikimi.vouchers.facts import Facts, facts_of, folded, read, write
from jikimi.vouchers.identity import first_release_keys, key_in_group, undo_key
from jikimi.vouchers.line import Kind, Line, Statement, StatementKind
from jikimi.vouchers.lineage import UNDOES, free_keys
from jikimi.vouchers.matching import Item, Match, Standing, match

ORIGIN = "원본"
"""The column of a mend file that says which row it mends."""

VERDICT = "판단"
"""The column of a mend file in which a person says whether two transactions are the same."""

ACCOUNT = "계정"
"""The column of a mend file in which a person writes an account."""

_SAME, _DIFFERENT = frozenset({"같음", "같다", "same"}), frozenset({"다름", "다르다", "different"})
_REFERENCE = re.compile(r"(?P<instrument>[0-9*]+|-) (?P<approval>[0-9A-Za-z]+)")
_ORIGIN_MARK = "jk:"
_NO_KEYS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recognised:
    """A line, what is known of it, and what stands in the books for it.

    Attributes:
        verdict: what a person has said of a likely twin: True the same, False another, None nothing.
    """

    line: Line
    facts: Facts
    match: Match
    verdict: bool | None = None
    first_release_key: str = ""

    @property
    def key(self) -> str:
        """The key that its voucher bears, or would bear."""
        return self.match.key

    @property
    def row(self) -> int:
        """Its row in the file."""
        return self.line.row


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a mend file carries of the row that it mends."""

    facts: Facts | None
    source: str
    key: str
    first_release_key: str


def recognise(
    statement: Statement,
    file_id: str,
    books: Books,
    counter: str,
    answer_of: Callable[[str], bool | None] = lambda _: None,
) -> list[Recognised]:
    """Return every line of *statement* with what stands for it.

    Args:
        file_id: of the file; "" for one that is only looked at.
        counter: the account on the other side of the profile's vouchers; tells which vouchers of the first
            release are of this kind of statement, and in which direction.
        answer_of: what a person has said of the row with that source: the same, another, or nothing.

    Raises:
        Unavailable, NotAllowed: the books could not be asked.
    """
    days = None if is_mended(statement) else _span(statement.lines)
    old_keys = first_release_keys(statement.lines)
    items = [
        _item(line, f"{file_id}#{line.row}" if file_id else "", days, old, answer_of)
        for line, old in zip(statement.lines, old_keys, strict=True)
    ]
    if statement.kind is StatementKind.JOURNAL:
        return _of_journal(statement.lines, items, books)
    standing, used = _standing(books, {item.facts.on for item in items}, statement.kind, counter)
    repeats = _repeats(items)
    found = iter(match([item for place, item in enumerate(items) if place not in repeats], standing, used))
    matches: list[Match] = []
    for place in range(len(items)):
        matches.append(matches[repeats[place]] if place in repeats else next(found))
    return [
        Recognised(line, item.facts, matches[place], item.verdict, item.first_release_key)
        for place, (line, item) in enumerate(zip(statement.lines, items, strict=True))
    ]


def is_mended(statement: Statement) -> bool:
    """Tell whether this is a mend file: a person has written accounts or verdicts beside the rows."""
    return ACCOUNT in statement.header or VERDICT in statement.header


def origin_of(recognised: Recognised) -> str:
    """Return what a mend file carries of a row, as text in a cell."""
    body = {"f": write(recognised.facts), "k": recognised.key, "o": recognised.first_release_key}
    return _packed(body)


def origin_of_fault(source: str) -> str:
    """Return what a mend file carries of a row that could not be read."""
    return _packed({"s": source})


def source_of(cell: str) -> str:
    """Return the source of the row that a row of a mend file mends, by its cell; "" if it names none."""
    carried = _carried(cell)
    return carried.source if carried else ""


def _packed(body: Mapping[str, str]) -> str:
    """Return *body* as one word: editing the file as text or in a spreadsheet changes nothing of it."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _ORIGIN_MARK + urlsafe_b64encode(text.encode()).decode().rstrip("=")


def verdict_of(line: Line) -> bool | None:
    """Return what a person wrote beside a row of a mend file: True the same, False another, None nothing."""
    word = "".join(unicodedata.normalize("NFKC", line.cells.get(VERDICT, "")).casefold().split())
    return True if word in _SAME else False if word in _DIFFERENT else None


def _item(
    line: Line,
    source: str,
    days: tuple[date, date] | None,
    first_release_key: str,
    answer_of: Callable[[str], bool | None],
) -> Item:
    facts, verdict = facts_of(line, source, days), verdict_of(line)
    carried = _carried(line.cells.get(ORIGIN, ""))
    if carried is None:
        return Item(facts, first_release_key, verdict=answer_of(source) if verdict is None else verdict)
    theirs, facts = carried.facts, replace(facts, source=carried.source)
    if theirs is not None and (theirs.kind, theirs.on, theirs.amount) == (facts.kind, facts.on, facts.amount):
        facts = theirs
    if verdict is None:
        verdict = answer_of(facts.source)
    return Item(facts, carried.first_release_key or first_release_key, carried.key, verdict)


def _carried(cell: str) -> _Carried | None:
    word = cell.strip().removeprefix(_ORIGIN_MARK)
    try:
        body: Mapping[str, Any] = json.loads(urlsafe_b64decode(word + "=" * (-len(word) % 4)))
        facts = read(body.get("f", ""))
        source = facts.source if facts else str(body.get("s", ""))
        return _Carried(facts, source, str(body.get("k", "")), str(body.get("o", "")))
    except (ValueError, AttributeError):
        return None


def _of_journal(lines: Sequence[Line], items: Sequence[Item], books: Books) -> list[Recognised]:
    """Name each voucher of another program by its own key; one that the first release posted keeps that name."""
    old = {booked.key for booked in books.find([item.first_release_key for item in items]) if booked.posted}
    keys = []
    for line, item in zip(lines, items, strict=True):
        key = key_in_group((Kind.JOURNAL, *(line.natural or ())), 1)
        keys.append(item.first_release_key if item.first_release_key in old else key)
    free = free_keys(books, list(dict.fromkeys(keys)))
    return [Recognised(line, item.facts, Match(free[key])) for line, item, key in zip(lines, items, keys, strict=True)]


def _span(lines: Sequence[Line]) -> tuple[date, date] | None:
    days = [line.on for line in lines]
    return (min(days), max(days)) if days else None


def _repeats(items: Sequence[Item]) -> dict[int, int]:
    """Return which places only list an earlier place's transaction again: one approval, or one bank number, twice."""
    first: dict[tuple[object, ...], int] = {}
    repeats: dict[int, int] = {}
    for place, item in enumerate(items):
        facts = item.facts
        name: tuple[object, ...]
        if facts.approval and facts.kind is Kind.CARD_APPROVAL:
            name = (facts.kind, facts.on, facts.instrument, facts.approval)
        elif facts.said.get("bank_id"):
            name = (facts.on, facts.instrument, facts.said["bank_id"])
        else:
            continue
        if name in first:
            repeats[place] = first[name]
        else:
            first[name] = place
    return repeats


def _standing(
    books: Books, days: Collection[date], kind: StatementKind, counter: str
) -> tuple[list[Standing], Collection[str]]:
    """Return the vouchers of *days* that no person has undone, and the keys of those that one has."""
    booked = books.find_on(sorted(days)) if days else []
    reversals = books.find_reversals([one.id for one in booked if one.posted])
    undone = {reversal.key for reversal in reversals}
    used = {one.key for one in booked if undo_key(one.key) in undone}
    no_rows = used | {undo_key(one.key) for one in booked}
    standing = [
        Standing(one, _facts(one, kind, counter))
        for one in booked
        if one.key not in no_rows and not one.witnesses.startswith(UNDOES)
    ]
    return standing, used or _NO_KEYS


def _facts(booked: Booked, kind: StatementKind, counter: str) -> Facts:
    return read(booked.witnesses) or _facts_of_first_release(booked, kind, counter)


def _facts_of_first_release(booked: Booked, kind: StatementKind, counter: str) -> Facts:
    """Return what a voucher without witnesses tells by its sides and texts."""
    incoming = any(entry.debit > 0 for entry in booked.entries if entry.account == counter)
    bank = kind is StatementKind.BANK
    sides = (Kind.BANK_IN, Kind.BANK_OUT) if bank else (Kind.CARD_CANCELLATION, Kind.CARD_APPROVAL)
    found = next((m for entry in booked.entries if (m := _REFERENCE.fullmatch(entry.text))), None)
    return Facts(
        kind=sides[0] if incoming else sides[1],
        on=booked.on,
        amount=booked.debit,
        instrument=found["instrument"].strip("-") if found and not bank else "",
        approval=found["approval"] if found and not bank else "",
        said={"texts": "\n".join(folded(entry.text) for entry in booked.entries)},
        first_release=True,
    )
