"""The idempotency keys that vouchers bear in the ERP.

A key is `jk2-`, 100 bits of the group's key facts, and which transaction of the group it is. It comes from the
statement and the books alone, never from our own state. The keys of the first release, `jk1-`, were made of a
row's spelling; they are still computed, to find what it has posted.
"""

import hashlib
from base64 import b32encode
from collections import Counter
from collections.abc import Sequence

from jikimi.vouchers.line import Kind, Line

PREFIXES = ("jk1-", "jk2-")
_FIRST, _PREFIX = PREFIXES
_LETTERS = 20
_BETWEEN, _ESCAPE = "\x1f", "\x1b"


def key_in_group(group: Sequence[str], ordinal: int) -> str:
    """Return the key of the transaction *ordinal*, from 1, of the group with these key facts."""
    return f"{_PREFIX}{_digest(group)}-{ordinal}"


def group_of(key: str) -> str:
    """Return the part of *key* that all transactions of its group share; a `jk1-` key is a group of its own."""
    return key.rpartition("-")[0] if key.startswith(_PREFIX) else key


def ordinal_of(key: str) -> int:
    """Return which transaction of its group *key* names."""
    ordinal = key.rpartition("-")[2]
    return int(ordinal) if key.startswith(_PREFIX) and ordinal.isdecimal() else 1


def key_after(key: str) -> str:
    """Return the next key of *key*'s group; for a `jk1-` key, one that is made of it."""
    if key.startswith(_PREFIX):
        return f"{group_of(key)}-{ordinal_of(key) + 1}"
    return first_release_key(("anew", key))


def undo_key(key: str) -> str:
    """Return the key of the voucher that undoes the one with *key*: asking twice undoes once."""
    return first_release_key(("undo", key))


def first_release_key(fields: Sequence[str]) -> str:
    """Return the key for these identifying *fields*: `jk1-` and 100 bits of their SHA-256.

    What stands between two fields is escaped within one, so that other fields are other bytes.
    """
    return _FIRST + _digest(fields)


def first_release_keys(lines: Sequence[Line]) -> list[str]:
    """Return the key that the first release gave to each line of one file, in order."""
    seen: Counter[tuple[str, ...]] = Counter()
    keys = []
    for line in lines:
        fields = _fields(line)
        if line.natural is None or line.kind is Kind.CARD_CANCELLATION:
            seen[fields] += 1
            fields = (*fields, str(seen[fields]))
        keys.append(first_release_key(fields))
    return keys


def _digest(fields: Sequence[str]) -> str:
    escaped = (field.replace(_ESCAPE, f"{_ESCAPE}0").replace(_BETWEEN, f"{_ESCAPE}1") for field in fields)
    digest = hashlib.sha256(_BETWEEN.join(escaped).encode()).digest()
    return b32encode(digest).decode()[:_LETTERS].lower()


def _fields(line: Line) -> tuple[str, ...]:
    if line.natural is None:
        return (line.kind, *line.content)
    if line.kind is Kind.CARD_CANCELLATION:
        return (line.kind, *line.natural, f"{line.amount.normalize():f}")
    if line.kind in (Kind.BANK_IN, Kind.BANK_OUT):
        return ("bank", *line.natural)  # the other direction is another amount of the same transaction
    return (line.kind, *line.natural)
