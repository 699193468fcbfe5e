"""Which rows of a statement stand in the books already, which are new, and which a person has to be asked about.

The rows of one file are matched with the vouchers of their days. Within a file two rows are two transactions, so
each voucher answers for at most one row: two equal coffees stay two, also over overlapping exports.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jikimi.erp.port import Booked
from jikimi.vouchers.facts import MATCHES, Facts, Likeness, agreements, compare
from jikimi.vouchers.identity import group_of, key_in_group, ordinal_of
from jikimi.vouchers.line import Kind
from jikimi.vouchers.meeting import Meeting

_QUESTIONS = (Likeness.UNLIKE, Likeness.HIDDEN)


@dataclass(frozen=True, slots=True)
class Item:
    """A row to be matched.

    Attributes:
        first_release_key: the key that the first release gave to it.
        carried_key: the key that a mend file carries for it, else "".
        verdict: what a person has said: True the same, False another transaction, None not asked.
    """

    facts: Facts
    first_release_key: str
    carried_key: str = ""
    verdict: bool | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A voucher, posted or a draft, that is not undone by a person."""

    booked: Booked
    facts: Facts


@dataclass(frozen=True, slots=True)
class Match:
    """What matching found for one row.

    Attributes:
        key: the key that its voucher bears, or would bear.
        standing: the voucher that stands for it already, posted or as a draft.
        question: the voucher that it is likely the same as; a person decides.
        conflict: the voucher with the same approval number and another amount.
    """

    key: str
    standing: Standing | None = None
    question: Standing | None = None
    conflict: Standing | None = None


@dataclass(slots=True)
class _Day:
    """The rows and the vouchers of one kind on one day, and which voucher answers for which row."""

    rows: list[int] = field(default_factory=list)
    vouchers: list[Standing] = field(default_factory=list)


def match(items: Sequence[Item], standing: Sequence[Standing], used_keys: Collection[str] = ()) -> list[Match]:
    """Return what becomes of each item, in their order.

    Args:
        standing: vouchers of the items' days.
        used_keys: keys that no new voucher may bear, such as those of vouchers that were undone.
    """
    pairs = _exact_pairs(items, standing)
    guessed: dict[int, Standing] = {}
    for day in _days(items, standing, pairs):
        guessed |= _best_pairs(items, day)
    unclear = _unclear(items, standing, guessed, [place for place in range(len(items)) if place not in pairs | guessed])
    pairs |= guessed
    taken = {id(found) for found in pairs.values()}
    free: defaultdict[date, list[Standing]] = defaultdict(list)
    for voucher in standing:
        if id(voucher) not in taken:
            free[voucher.facts.on].append(voucher)
    keys = _Keys({one.booked.key for one in standing} | set(used_keys))
    found: dict[int, Match] = {}
    for place in sorted(range(len(items)), key=lambda place: _order(items[place].facts, place)):
        item = items[place]
        if place in unclear and item.verdict is not False:
            found[place] = _of_unclear(item, unclear[place], keys)
        elif place in pairs:
            found[place] = Match(pairs[place].booked.key, standing=pairs[place])
        else:
            found[place] = _of_unpaired(item, free[item.facts.on], keys)
    return [found[place] for place in range(len(items))]


def _unclear(
    items: Sequence[Item], standing: Sequence[Standing], guessed: Mapping[int, Standing], unpaired: Sequence[int]
) -> dict[int, Standing]:
    """Return the rows of which nothing says whether they stand already, each with the voucher it may be.

    A row may be shown again or be the equal of one, where two statements meet within a day. And where one voucher
    may be any of several rows that differ, the count is known but not which of them is new.
    """
    meeting = Meeting([item.facts for item in items], [one.facts for one in standing])
    unclear = {
        place: voucher for place, voucher in guessed.items() if meeting.is_unclear(items[place].facts, voucher.facts)
    }
    of_day: defaultdict[date, list[int]] = defaultdict(list)
    for place in guessed:
        of_day[items[place].facts.on].append(place)
    for place in unpaired:
        mine = items[place].facts
        for other in of_day[mine.on]:
            theirs, voucher = items[other].facts, guessed[other]
            if compare(mine, voucher.facts) not in MATCHES:
                continue
            differs = compare(mine, theirs) not in MATCHES
            if other in unclear or (differs and compare(theirs, voucher.facts) is Likeness.ALIKE):
                unclear |= {place: voucher, other: voucher}
    return unclear


def _of_unclear(item: Item, voucher: Standing, keys: "_Keys") -> Match:
    if item.verdict:
        return Match(voucher.booked.key, standing=voucher)
    return Match(keys.next(item), question=voucher)


def _of_unpaired(item: Item, free: Sequence[Standing], keys: "_Keys") -> Match:
    likeness = {id(voucher): compare(item.facts, voucher.facts) for voucher in free}
    conflict = next((voucher for voucher in free if likeness[id(voucher)] is Likeness.CONFLICT), None)
    if conflict is not None:
        return Match(keys.next(item), conflict=conflict)
    similar = [voucher for voucher in free if likeness[id(voucher)] in _QUESTIONS]
    if not similar or item.verdict is False:
        return Match(keys.next(item))
    likeliest = max(similar, key=lambda voucher: agreements(item.facts, voucher.facts))
    if item.verdict:
        return Match(likeliest.booked.key, standing=likeliest)
    return Match(keys.next(item), question=likeliest)


def _exact_pairs(items: Sequence[Item], standing: Sequence[Standing]) -> dict[int, Standing]:
    """Pair rows with the vouchers that were posted for these very rows, by source or by key."""
    by_source = {one.facts.source: one for one in standing if one.facts.source}
    by_key: dict[str, Standing] = {}
    for one in standing:
        by_key.setdefault(one.booked.key, one)
    pairs: dict[int, Standing] = {}
    taken: set[int] = set()
    for place, item in enumerate(items):
        names = (by_source.get(item.facts.source), by_key.get(item.carried_key), by_key.get(item.first_release_key))
        found = next((one for one in names if one is not None and id(one) not in taken), None)
        if found is not None and _fits(item, found):
            pairs[place] = found
            taken.add(id(found))
    return pairs


def _fits(item: Item, found: Standing) -> bool:
    """Tell whether what was found by name may be believed; a voucher of the first release says no more than its key."""
    mine, other = item.facts, found.facts
    if other.first_release:
        return (mine.amount, mine.on) == (other.amount, other.on)
    if mine.source and mine.source == other.source:
        return (mine.kind, mine.on, mine.amount) == (other.kind, other.on, other.amount)
    return compare(item.facts, found.facts) in MATCHES


def _days(items: Sequence[Item], standing: Sequence[Standing], pairs: Mapping[int, Standing]) -> Iterator[_Day]:
    days: defaultdict[tuple[Kind, date], _Day] = defaultdict(_Day)
    taken = {id(found) for found in pairs.values()}
    for place, item in enumerate(items):
        if place not in pairs and item.verdict is not False:  # what is another transaction has no other voucher
            days[item.facts.kind, item.facts.on].rows.append(place)
    for voucher in standing:
        if id(voucher) not in taken:
            days[voucher.facts.kind, voucher.facts.on].vouchers.append(voucher)
    return (day for day in days.values() if day.rows and day.vouchers)


def _best_pairs(items: Sequence[Item], day: _Day) -> dict[int, Standing]:
    """Pair as many rows as can be paired, those with more in common first (Kuhn's augmenting paths)."""
    choices: dict[int, list[tuple[int, int]]] = {}
    for place in day.rows:
        mine = items[place].facts
        scored = []
        for index, voucher in enumerate(day.vouchers):
            likeness = compare(mine, voucher.facts)
            if likeness in MATCHES:
                scored.append((100 * (likeness is Likeness.SAME) + agreements(mine, voucher.facts), index))
        choices[place] = sorted(scored, reverse=True)
    owner: dict[int, int] = {}
    for place in sorted(choices, key=lambda place: choices[place][:1], reverse=True):
        _augment(place, choices, owner)
    return {place: day.vouchers[index] for index, place in owner.items()}


def _augment(start: int, choices: Mapping[int, Sequence[tuple[int, int]]], owner: dict[int, int]) -> None:
    """Give *start* a voucher if others can be moved to make one free; without recursion, for days are long."""
    came_from: dict[int, int] = {}
    waiting = [start]
    while waiting:
        place = waiting.pop(0)
        for _, index in choices[place]:
            if index in came_from:
                continue
            came_from[index] = place
            if index not in owner:
                _move(index, came_from, owner, start)
                return
            waiting.append(owner[index])


def _move(index: int, came_from: Mapping[int, int], owner: dict[int, int], start: int) -> None:
    """Hand *index* back along the path to *start*; each row on it takes the voucher that it could reach."""
    while True:
        place = came_from[index]
        held = next((mine for mine, row in owner.items() if row == place), None)
        owner[index] = place
        if place == start or held is None:
            return
        del owner[held]
        index = held


def _order(facts: Facts, place: int) -> tuple[date, str, int]:
    return (facts.on, facts.time, place)


class _Keys:
    """Gives each new voucher the next ordinal of its group."""

    def __init__(self, used: Collection[str]) -> None:
        self._last: Counter[str] = Counter()
        for key in used:
            self._last[group_of(key)] = max(self._last[group_of(key)], ordinal_of(key))

    def next(self, item: Item) -> str:
        """Return the key that a new voucher for *item* bears."""
        if item.carried_key and ordinal_of(item.carried_key) > self._last[group_of(item.carried_key)]:
            self._last[group_of(item.carried_key)] = ordinal_of(item.carried_key)
            return item.carried_key
        first = key_in_group(item.facts.group(), 1)
        group = group_of(first)
        self._last[group] += 1
        return key_in_group(item.facts.group(), self._last[group])
