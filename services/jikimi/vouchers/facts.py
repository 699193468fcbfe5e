"""What is known of one transaction, and whether two views of statements speak of the same one.

Key facts name a group of transactions: kind, day, card or account, approval number, amount, balance. Witnesses
are all else that a view may show or leave out; one that is missing agrees with everything. Both stand in the
ERP with the voucher, so that nothing here depends on a state of our own.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum, auto

from jikimi.vouchers.line import Kind, Line

SHOWN_DIGITS = 4
"""How many of the last digits of a card or account number every mask shows."""

_FORMAT = 2
_SECONDS = len("HH:MM:SS")
_MINUTES = len("HH:MM")
_SEPARATORS = re.compile(r"[\s\-]+")
_LONGEST = 120


class Likeness(Enum):
    """How two sets of facts stand to each other."""

    SAME = auto()  # a fact that is hardly ever shared agrees, and none contradicts
    ALIKE = auto()  # none contradicts
    HIDDEN = auto()  # none contradicts, but one of the two hides its card or account
    UNLIKE = auto()  # the key facts agree, a witness contradicts
    CONFLICT = auto()  # one approval number, or one number of the bank, with two amounts
    OTHER = auto()  # the key facts differ: another transaction


MATCHES = (Likeness.SAME, Likeness.ALIKE)
"""What lets two views be taken for one transaction."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one transaction.

    Attributes:
        instrument: the card or account number as digits and `*`, "" where the view hides it.
        time: HH:MM:SS or HH:MM, as exactly as the view shows it.
        said: the other witnesses by role, folded.
        source: the statement's row, as `<file id>#<row>`; "" where it is not known.
        at_start, at_end: whether the statement may begin, or end, within this day.
        first_release: known only by what the first release wrote: `said["texts"]` holds the voucher's texts.
    """

    kind: Kind
    on: date
    amount: Decimal
    instrument: str = ""
    approval: str = ""
    balance: Decimal | None = None
    time: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    at_start: bool = False
    at_end: bool = False
    first_release: bool = False

    @property
    def is_bank(self) -> bool:
        """Whether it is a bank's and not a card's."""
        return self.kind in (Kind.BANK_IN, Kind.BANK_OUT)

    @property
    def last_digits(self) -> str:
        """The digits of the card or account number that every mask shows, "" where there are fewer."""
        digits = self.instrument[-SHOWN_DIGITS:]
        return digits if len(digits) == SHOWN_DIGITS and digits.isdecimal() else ""

    def group(self) -> tuple[str, ...]:
        """Return the key facts of the group that this transaction belongs to, as text."""
        head = (self.kind.value, self.last_digits, self.on.isoformat())
        amount = f"{self.amount.normalize():f}"
        if self.is_bank:
            return (*head, amount, "" if self.balance is None else f"{self.balance.normalize():f}")
        if self.approval and self.kind is Kind.CARD_APPROVAL:
            return (*head, self.approval)
        return (*head, self.approval, amount)


def facts_of(line: Line, source: str, days: tuple[date, date] | None) -> Facts:
    """Return the facts of a statement's *line*.

    Args:
        source: `<file id>#<row>`.
        days: the statement's first and last day; None for a file that is no statement of a span of days.
    """
    return Facts(
        kind=line.kind,
        on=line.on,
        amount=line.amount,
        instrument=line.instrument,
        approval=line.approval,
        balance=line.balance,
        time=line.time,
        said={role: _short(folded(text)) for role, text in line.said.items() if folded(text)},
        source=source,
        at_start=days is not None and line.on == days[0],
        at_end=days is not None and line.on == days[1],
    )


def folded(text: str) -> str:
    """Return *text* without what a view may change: width, composition, case, blanks and hyphens."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).casefold())


def _short(text: str) -> str:
    """Return *text*, or its beginning and what tells its rest from another."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def compare(one: Facts, other: Facts) -> Likeness:
    """Return how *one* stands to *other*."""
    if one.first_release or other.first_release:
        return _compare_with_first_release(one, other)
    if not _key_facts_agree(one, other):
        return Likeness.OTHER
    is_named = _same_name(one, other)
    if (one.amount, one.kind) != (other.amount, other.kind):
        return Likeness.CONFLICT if is_named else Likeness.OTHER
    if not _witnesses_agree(one, other):
        return Likeness.UNLIKE
    return Likeness.SAME if is_named else _by_witnesses(one, other)


def is_to_the_second(one: Facts, other: Facts) -> bool:
    """Tell whether both show the same second."""
    return len(one.time) >= _SECONDS and one.time == other.time


def _by_witnesses(one: Facts, other: Facts) -> Likeness:
    """Return how two sets of facts stand to each other whose key facts and witnesses agree as far as both go."""
    if one.balance and one.balance == other.balance:
        return Likeness.SAME
    if bool(one.last_digits) != bool(other.last_digits):
        return Likeness.HIDDEN
    return Likeness.SAME if is_to_the_second(one, other) else Likeness.ALIKE


def _key_facts_agree(one: Facts, other: Facts) -> bool:
    """Tell whether day, card or account, and what numbers them can be the same, whatever the amounts."""
    if one.on != other.on or one.is_bank != other.is_bank or not _masks_agree(one.instrument, other.instrument):
        return False
    if _differ(one.approval, other.approval) or _differ(one.balance, other.balance):
        return False
    return not _differ(one.said.get("bank_id", ""), other.said.get("bank_id", ""))


def _same_name(one: Facts, other: Facts) -> bool:
    """Tell whether both have one approval number, or one number of the bank; each names a single transaction."""
    if one.approval and Kind.CARD_CANCELLATION not in (one.kind, other.kind):
        return one.approval == other.approval
    bank_id = one.said.get("bank_id", "")
    if one.approval and one.kind is other.kind:
        return one.approval == other.approval and one.amount == other.amount
    return bool(bank_id) and bank_id == other.said.get("bank_id")


def agreements(one: Facts, other: Facts) -> int:
    """Return how many witnesses both have, and have alike."""
    both = [role for role in one.said if one.said[role] == other.said.get(role)]
    return len(both) + bool(one.time and one.time == other.time) + bool(one.instrument == other.instrument)


def write(facts: Facts) -> str:
    """Return *facts* as one line of text that `read` understands."""
    body: dict[str, object] = {"v": _FORMAT, "k": facts.kind.value, "d": facts.on.isoformat(), "a": str(facts.amount)}
    optional = {
        "i": facts.instrument,
        "n": facts.approval,
        "b": "" if facts.balance is None else str(facts.balance),
        "t": facts.time,
        "w": dict(facts.said),
        "s": facts.source,
        "e": "<" * facts.at_start + ">" * facts.at_end,
    }
    body |= {name: value for name, value in optional.items() if value}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Facts | None:
    """Return the facts in *text*, None if it is not of ours."""
    try:
        body = json.loads(text)
        edge = body.get("e", "")
        return Facts(
            kind=Kind(body["k"]),
            on=date.fromisoformat(body["d"]),
            amount=Decimal(body["a"]),
            instrument=body.get("i", ""),
            approval=body.get("n", ""),
            balance=Decimal(body["b"]) if "b" in body else None,
            time=body.get("t", ""),
            said=dict(body.get("w", {})),
            source=body.get("s", ""),
            at_start="<" in edge,
            at_end=">" in edge,
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        return None


def as_approval(facts: Facts) -> Facts:
    """Return the facts of the approval that a row tells of beside its cancellation."""
    return replace(facts, kind=Kind.CARD_APPROVAL, source=f"{facts.source}+" if facts.source else "")


def _compare_with_first_release(one: Facts, other: Facts) -> Likeness:
    """Compare with a voucher that has no witnesses: it counts only if one of its texts is the row's own."""
    mine, old = (one, other) if other.first_release else (other, one)
    if (mine.kind, mine.on) != (old.kind, old.on) or not _masks_agree(mine.instrument, old.instrument):
        return Likeness.OTHER
    has_approval = bool(mine.approval and mine.approval == old.approval)
    if mine.amount != old.amount:
        return Likeness.CONFLICT if has_approval and mine.kind is Kind.CARD_APPROVAL else Likeness.OTHER
    if has_approval:
        return Likeness.SAME
    if mine.approval and old.approval:
        return Likeness.OTHER
    texts = old.said.get("texts", "").split("\n")
    shares = any(mine.said.get(role, "") in texts for role in ("party", "memo") if mine.said.get(role))
    return Likeness.ALIKE if shares else Likeness.OTHER


def _differ(one: object, other: object) -> bool:
    """Tell whether both are stated and are not the same."""
    return one not in ("", None) and other not in ("", None) and one != other


def _masks_agree(one: str, other: str) -> bool:
    """Tell whether two numbers can be the same one; the last digits stand below each other, whatever the mask."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    if len(one) == len(other):
        return all(mine == theirs or "*" in (mine, theirs) for mine, theirs in pairs)
    shown = [pair for pair, _ in zip(pairs, range(SHOWN_DIGITS), strict=False)]
    return all(mine == theirs or "*" in (mine, theirs) for mine, theirs in shown)


def _witnesses_agree(one: Facts, other: Facts) -> bool:
    precision = min(len(one.time), len(other.time), _SECONDS)
    if precision >= _MINUTES and one.time[:precision] != other.time[:precision]:
        return False
    return not any(_differ(text, other.said.get(role, "")) for role, text in one.said.items())
