"""Which transaction a line speaks of: the key that a voucher bears in the ERP.

A key comes from the statement alone, never from our own state: after losing the state the same
statement gives the same keys, and what stands in the ERP is found again.
"""

import hashlib
from base64 import b32encode
from collections import Counter
from collections.abc import Sequence

from jikimi.vouchers.line import Kind, Line

_PREFIX = "jk1-"
_LETTERS = 20
_BETWEEN, _ESCAPE = "\x1f", "\x1b"


def key_of(fields: Sequence[str]) -> str:
    """Return the key for these identifying *fields*: `jk1-` and 100 bits of their SHA-256.

    What stands between two fields is escaped within one, so that other fields are other bytes.
    """
    escaped = (field.replace(_ESCAPE, f"{_ESCAPE}0").replace(_BETWEEN, f"{_ESCAPE}1") for field in fields)
    digest = hashlib.sha256(_BETWEEN.join(escaped).encode()).digest()
    return _PREFIX + b32encode(digest).decode()[:_LETTERS].lower()


def keys_of(lines: Sequence[Line]) -> list[str]:
    """Return the key of each line of one file, in order.

    A natural key names the transaction by itself, so two rows with the same one get the same key.
    Elsewhere equal rows are told apart by their occurrence in this file: two equal coffees are two
    transactions, and an overlapping export counts them the same way. A cancellation has its
    occurrence too, for the same sum may be cancelled in part twice.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    keys = []
    for line in lines:
        fields = _fields(line)
        if line.natural is None or line.kind is Kind.CARD_CANCELLATION:
            seen[fields] += 1
            fields = (*fields, str(seen[fields]))
        keys.append(key_of(fields))
    return keys


def _fields(line: Line) -> tuple[str, ...]:
    if line.natural is None:
        return (line.kind, *line.content)
    if line.kind is Kind.CARD_CANCELLATION:
        return (line.kind, *line.natural, f"{line.amount.normalize():f}")
    if line.kind in (Kind.BANK_IN, Kind.BANK_OUT):
        return ("bank", *line.natural)  # the other direction is another amount of the same transaction
    return (line.kind, *line.natural)
