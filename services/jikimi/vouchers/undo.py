"""Undo vouchers that a person names: each gets one full inverse, and so does each cancellation that rests on it.

Afterwards the books stand as if the vouchers had never been posted, whatever had been cancelled of them. The keys
of the inverses are made of the keys undone, so that a run that was killed ends the same when it is run again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from jikimi.erp.port import Booked, Books, Catalogue, Voucher
from jikimi.tables.reasons import Reason
from jikimi.text import Lang
from jikimi.vouchers.booking import take_back
from jikimi.vouchers.facts import read
from jikimi.vouchers.identity import undo_key
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk, settle

_SEVERAL = 2


def undo(desk: Desk, keys: Sequence[str], day: date, progress: Callable[[int], None]) -> dict[str, Outcome]:
    """Return, for each voucher that *keys* take with them, how its inverse ended; the lease must be held.

    An inverse bears the day of its original, or *day* where that one's period is closed.
    """
    plan = undo_plan(desk.erp, keys, day, desk.erp.catalogue())
    vouchers = {key: voucher for key, voucher in plan.items() if isinstance(voucher, Voucher)}
    settled = settle(desk, list(vouchers.values()), progress)
    outcomes = {key: Outcome(State.REJECTED, reason) for key, reason in plan.items() if isinstance(reason, Reason)}
    return outcomes | {key: settled[voucher.key] for key, voucher in vouchers.items()}


def undo_plan(books: Books, keys: Sequence[str], day: date, catalogue: Catalogue) -> dict[str, Voucher | Reason]:
    """Return the inverse of each voucher that *keys* take with them, or why there is none; nothing is written."""
    named = {booked.key: booked for booked in books.find(keys) if booked.posted}
    named |= {booked.key: booked for booked in _approvals_of(books, list(named.values()))}
    resting = books.find_reversals([booked.id for booked in named.values()])
    undone = {reversal.key: reversal for reversal in resting}
    cancellations = [one for one in resting if not _is_inverse(one, named.values())]
    undone |= {one.key: one for one in books.find_reversals([one.id for one in cancellations])}
    # Cancellations first: killed in between, no more than the whole of a voucher is ever taken back.
    everything = {one.key: one for one in (*cancellations, *named.values())}
    plan: dict[str, Voucher | Reason] = {key: Reason("not_posted") for key in keys if key not in named}
    for key, booked in everything.items():
        plan[key] = _inverse(booked, undone, cancellations, day, catalogue)
    return plan


def named(journal: Journal, wanted: str) -> list[str] | tuple[str, ...]:
    """Return the keys that *wanted* names: a list of candidates if there are several, else a tuple to undo.

    A file is named by its id, or by its name if no other has it; a voucher by its number, or the beginning of its key.
    """
    files = journal.files(wanted)
    if len(files) > 1:
        return [file.id for file in files]
    if files:
        return tuple(journal.posted_keys(files[0].sha))
    story = journal.story(wanted)
    keys = list(dict.fromkeys(line["key"] for line in story if line["ledger"] == journal.ledger))
    return tuple(keys) if len(keys) < _SEVERAL else keys


def planned(key: str, made: Voucher | Reason) -> dict[str, Any]:
    """Return what would become of the voucher *key*, as plain JSON."""
    if isinstance(made, Reason):
        return {
            "key": key,
            "outcome": "rejected",
            "number": "",
            "reason": {lang.value: made.say(lang) for lang in Lang},
        }
    return {"key": key, "outcome": "planned", "number": "", "reason": {}, "amount": str(made.debit)}


def _inverse(
    booked: Booked, undone: Mapping[str, Booked], cancellations: Sequence[Booked], day: date, catalogue: Catalogue
) -> Voucher | Reason:
    if undo_key(booked.key) in undone or _closed_by_first_release(booked, undone, cancellations):
        return Reason("reversed_already")
    on = booked.on if catalogue.takes(booked.on) else day
    voucher = take_back(booked, booked.debit, on, undo_key(booked.key), catalogue)
    if isinstance(voucher, Reason):
        return voucher
    return Voucher(
        voucher.key, voucher.on, voucher.entries, booked.id, booked.description, json.dumps({"undoes": booked.key})
    )


def _closed_by_first_release(booked: Booked, undone: Mapping[str, Booked], cancellations: Sequence[Booked]) -> bool:
    """Tell whether the first release has undone what *booked* cancels: it took back only the rest of the whole."""
    inverse = next((one for one in undone.values() if one.origin == booked.origin and one not in cancellations), None)
    return booked in cancellations and inverse is not None and not inverse.witnesses


def _is_inverse(reversal: Booked, originals: Iterable[Booked]) -> bool:
    return reversal.key in {undo_key(original.key) for original in originals}


def _approvals_of(books: Books, named: Sequence[Booked]) -> list[Booked]:
    """Return the approvals that were booked with one of *named*: a row that tells of both is undone as both."""
    sources = {f"{facts.source}+" for one in named if (facts := read(one.witnesses)) and facts.source}
    days = sorted({one.on for one in named if one.origin is not None})
    found = books.find_on(days) if days and sources else []
    return [one for one in found if one.posted and (facts := read(one.witnesses)) and facts.source in sources]
