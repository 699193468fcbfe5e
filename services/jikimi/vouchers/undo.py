"""Undo vouchers that a person names: each gets one full inverse, and so does each cancellation that rests on it.

Afterwards the books stand as if the vouchers had never been posted, whatever had been cancelled of them. The keys
of the inverses are made of the keys undone, so that a run that was killed ends the same when it is run again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jikimi.erp.port import Booked, Books, Catalogue, Voucher
from jikimi.tables.reasons import Reason
from jikimi.vouchers.booking import take_back
from jikimi.vouchers.facts import read
from jikimi.vouchers.identity import undo_key
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.lineage import corrected_by, corrects, inverse_witnesses, with_successors
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk, settle


@dataclass(frozen=True, slots=True)
class Named:
    """What a person's words name.

    Attributes:
        keys: of the vouchers.
        candidates: where the words fit several, what to write instead; there are no keys then.
        file: whether they name a file; its vouchers are undone with those that correct them.
    """

    keys: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    file: bool = False


def undo(desk: Desk, keys: Sequence[str], day: date, progress: Callable[[int], None]) -> dict[str, Outcome]:
    """Return, for each voucher that *keys* take with them, how its inverse ended; the lease must be held.

    An inverse bears the day of its original, or *day* where that one's period is closed.
    """
    _withdraw_corrections(desk, keys)
    plan = undo_plan(desk.erp, keys, day, desk.erp.catalogue())
    vouchers = {key: voucher for key, voucher in plan.items() if isinstance(voucher, Voucher)}
    settled = settle(desk, list(vouchers.values()), progress)
    outcomes = {key: _unplanned(reason) for key, reason in plan.items() if isinstance(reason, Reason)}
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


def effect(books: Books, keys: Iterable[str]) -> dict[str, Decimal]:
    """Return debit minus credit, by account, of the vouchers *keys* and their inverses."""
    posted = {booked.id: booked for booked in books.find(list(keys)) if booked.posted}
    posted |= {booked.id: booked for booked in books.find_reversals(list(posted))} if posted else {}
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in (entry for booked in posted.values() for entry in booked.entries):
        sums[entry.account] += entry.debit - entry.credit
    return dict(sorted(sums.items()))


def named(journal: Journal, books: Books, wanted: str) -> Named:
    """Return what *wanted* names.

    A file is named by its id, or by its name if no other has it; a voucher by its number, or the beginning of its key.
    """
    files = journal.files(wanted)
    if len(files) > 1:
        return Named(candidates=tuple(file.id for file in files))
    if files:
        return Named(tuple(with_successors(books, journal.posted_keys(files[0].sha))), file=True)
    keys = tuple(journal.reversals.keys_named(wanted))
    return Named(keys) if len(keys) <= 1 else Named(candidates=keys)


def _unplanned(reason: Reason) -> Outcome:
    if reason.code == "reversed_already":
        return Outcome(State.ALREADY, reason, str(reason.facts["number"]))
    return Outcome(State.REJECTED, reason)


def _withdraw_corrections(desk: Desk, keys: Sequence[str]) -> None:
    """Discard the drafts of killed corrections: nothing may replace what is undone."""
    drafts = [one for one in desk.erp.find([undo_key(key) for key in keys]) if corrected_by(one)]
    replacing = sorted({corrected_by(one) for one in drafts})
    drafts += [one for one in desk.erp.find(replacing) if corrects(one.witnesses) in keys] if replacing else []
    drafts = [one for one in drafts if not one.posted]
    if drafts:
        desk.lease.check()
        desk.erp.discard(drafts)


def _inverse(
    booked: Booked, undone: Mapping[str, Booked], cancellations: Sequence[Booked], day: date, catalogue: Catalogue
) -> Voucher | Reason:
    inverse = undone.get(undo_key(booked.key)) or _closed_by_first_release(booked, undone, cancellations)
    if inverse is not None:
        return Reason("reversed_already", {"number": inverse.number})
    on = booked.on if catalogue.takes(booked.on) else day
    voucher = take_back(booked, booked.debit, on, undo_key(booked.key), catalogue)
    if isinstance(voucher, Reason):
        return voucher
    return Voucher(
        voucher.key, voucher.on, voucher.entries, booked.id, booked.description, inverse_witnesses(booked.key)
    )


def _closed_by_first_release(
    booked: Booked, undone: Mapping[str, Booked], cancellations: Sequence[Booked]
) -> Booked | None:
    """Return by what the first release undid the rest of what *booked* cancels."""
    inverse = next((one for one in undone.values() if one.origin == booked.origin and one not in cancellations), None)
    return inverse if booked in cancellations and inverse is not None and not inverse.witnesses else None


def _is_inverse(reversal: Booked, originals: Iterable[Booked]) -> bool:
    return reversal.key in {undo_key(original.key) for original in originals}


def _approvals_of(books: Books, named: Sequence[Booked]) -> list[Booked]:
    """Return the approvals that were booked with one of *named*: a row that tells of both is undone as both."""
    sources = {f"{facts.source}+" for one in named if (facts := read(one.witnesses)) and facts.source}
    days = sorted({one.on for one in named if one.origin is not None})
    found = books.find_on(days) if days and sources else []
    return [one for one in found if one.posted and (facts := read(one.witnesses)) and facts.source in sources]
