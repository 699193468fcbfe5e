"""What a voucher says in the ERP of the one that it undoes, or in whose place it stands.

Both are written with the witnesses, so that a reversal or a correction that was killed is understood from the
books alone.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jikimi.erp.port import Booked, Books
from jikimi.vouchers.identity import key_after, undo_key

UNDOES = '{"undoes":'
"""How the witnesses of a voucher begin that undoes another: it is no row of a statement."""

_CORRECTED_BY, _CORRECTS = "corrected_by", "corrects"


def inverse_witnesses(key: str, corrected_by: str = "") -> str:
    """Return the witnesses of the voucher that undoes *key*; *corrected_by* replaces it."""
    return json.dumps({"undoes": key} | ({_CORRECTED_BY: corrected_by} if corrected_by else {}))


def corrected_by(inverse: Booked) -> str:
    """Return the key of what replaces the voucher undone, "" for a plain reversal."""
    return str(_body(inverse.witnesses).get(_CORRECTED_BY, ""))


def correcting(witnesses: str, key: str) -> str:
    """Return *witnesses* with the mark of a voucher that corrects the one with *key*."""
    return json.dumps({**_body(witnesses), _CORRECTS: key}, ensure_ascii=False, separators=(",", ":"))


def corrects(witnesses: str) -> str:
    """Return the key of the voucher that the one with *witnesses* corrects, "" for none."""
    return str(_body(witnesses).get(_CORRECTS, ""))


def inverses(books: Books, booked: Sequence[Booked]) -> dict[str, Booked]:
    """Return the posted inverse of each voucher that has one, by the key undone."""
    found = {one.key: one for one in books.find_reversals([one.id for one in booked])} if booked else {}
    return {one.key: found[undo_key(one.key)] for one in booked if undo_key(one.key) in found}


def with_successors(books: Books, keys: Sequence[str]) -> list[str]:
    """Return *keys*, and those of the vouchers by which they were corrected, and so on."""
    known = dict.fromkeys(keys)
    fresh = list(known)
    while fresh:
        undone = inverses(books, [one for one in books.find(fresh) if one.posted])
        named = [key for inverse in undone.values() if (key := corrected_by(inverse)) and key not in known]
        fresh = [one.key for one in books.find(named) if one.posted] if named else []
        known |= dict.fromkeys(fresh)
    return list(known)


def successor(books: Books, inverse: Booked) -> tuple[Booked, Booked | None] | None:
    """Return the last voucher that replaces what *inverse* undoes, and its own inverse."""
    key = corrected_by(inverse)
    posted = next((one for one in books.find([key]) if one.posted), None) if key else None
    if posted is None:
        return None
    undone = inverses(books, [posted]).get(key)
    return (undone and successor(books, undone)) or (posted, undone)


def free_keys(books: Books, keys: Sequence[str]) -> dict[str, str]:
    """Return for each of *keys* the first key of its group that no undone voucher bears."""
    free = {key: key for key in keys}
    asked = list(free.values())
    while asked:
        undone = inverses(books, [one for one in books.find(asked) if one.posted])
        moved = {key: key_after(mine) for key, mine in free.items() if mine in undone}
        free |= moved
        asked = list(moved.values())
    return free


def _body(witnesses: str) -> Mapping[str, Any]:
    try:
        body = json.loads(witnesses) if witnesses else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
