"""Correct a voucher: undo it and post it again with another account, both in one request to the ERP.

The inverse says which voucher takes the place of what it undoes, and the draft of that one stands until it is posted.
So a correction that was killed in between is finished when it is asked for again, nothing is undone or posted twice,
and a plain reversal is told from it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from jikimi.erp.port import Booked, Books, Catalogue, Entry, NotAllowed, Refused, Unavailable, Voucher
from jikimi.queue.port import LeaseLost, QueueAway
from jikimi.tables.reasons import Reason
from jikimi.vouchers.facts import read
from jikimi.vouchers.identity import first_release_key, group_of, ordinal_of, undo_key
from jikimi.vouchers.lineage import corrected_by, correcting, corrects, inverse_witnesses, inverses, successor
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk, settle
from jikimi.vouchers.undo import undo_plan

CORRECTED = "corrected"
"""The name of the new voucher among the outcomes of a correction."""

Plan = Mapping[str, Voucher]


def correct(
    desk: Desk,
    key: str,
    account: str,
    day: date,
    progress: Callable[[int], None],
    *,
    no_vat: Collection[str] = (),
) -> dict[str, Outcome]:
    """Return how the inverse of the voucher *key* ended, under that key, and its correction, under "corrected".

    The lease must be held. The account that takes the expense or the income is replaced; VAT and the other side stay.
    Only where *account* is one of *no_vat*, the VAT becomes part of the expense.
    """
    catalogue, keeps_vat = desk.erp.catalogue(), account not in no_vat
    plan = correction_plan(desk.erp, key, account, day, catalogue, keeps_vat=keeps_vat)
    try:
        if not isinstance(plan, Reason) and _draft(desk, key, plan):
            plan = correction_plan(desk.erp, key, account, day, catalogue, keeps_vat=keeps_vat)
    except Refused as refusal:
        return {key: Outcome(State.REJECTED, Reason("refused", {"answer": refusal.facts["answer"]}))}
    except (Unavailable, NotAllowed, LeaseLost, QueueAway) as away:
        return {key: Outcome(State.WAITING, Reason("stopped", {"why": str(away)}))}
    if isinstance(plan, Reason):
        return _refused(desk.erp, key, account, plan)
    settled = settle(replace(desk, batch=max(desk.batch, len(plan))), list(plan.values()), progress)
    return {name: settled[voucher.key] for name, voucher in plan.items()}


def correction_plan(
    books: Books, key: str, account: str, day: date, catalogue: Catalogue, *, keeps_vat: bool = True
) -> dict[str, Voucher] | Reason:
    """Return the inverse and the corrected voucher, or why the voucher cannot be corrected."""
    original = next((booked for booked in books.find([key]) if booked.posted), None)
    if original is None:
        return Reason("not_posted")
    inverse = inverses(books, [original]).get(key)
    unknown = None if account in catalogue.accounts else Reason("no_such_account", {"account": account})
    if reason := unknown or _hindrance(original, inverse, books):
        return reason
    corrected = _corrected(original, account, catalogue, keeps_vat=keeps_vat)
    if corrected is None:
        return Reason("cannot_be_corrected", {"number": original.number})
    place = corrected_by(inverse) if inverse else _next_key(original, books)
    on = original.on if catalogue.takes(original.on) else day
    plan = {CORRECTED: replace(corrected, key=place, on=on)}
    if inverse is not None:
        return plan  # of a correction that was killed, all but its second half stands
    made = undo_plan(books, [key], day, catalogue)[key]
    if isinstance(made, Reason):
        return made
    return {key: replace(made, witnesses=inverse_witnesses(key, place)), **plan}


def _draft(desk: Desk, key: str, plan: Plan) -> bool:
    """Make the drafts of *plan*, both or none, then discard stale ones; return whether any were.

    Nothing is posted before the ERP has taken both. And without a draft of the second half, the first one, if that
    stands, would be taken for a plain reversal.

    Raises:
        Refused, Unavailable, NotAllowed, LeaseLost, QueueAway
    """
    stale = _stale(desk.erp, key, plan)
    old = {one.id for one in stale}
    there = {one.key for one in desk.erp.find([voucher.key for voucher in plan.values()]) if one.id not in old}
    missing = [voucher for voucher in plan.values() if voucher.key not in there]
    desk.lease.check()
    if missing:
        desk.erp.stage(missing)
    if stale:
        desk.erp.discard(stale)
    return bool(stale)


def _hindrance(original: Booked, inverse: Booked | None, books: Books) -> Reason | None:
    if inverse is None:
        cancellations = books.find_reversals([original.id])
        undone = inverses(books, cancellations)
        if any(one.key not in undone for one in cancellations):
            return Reason("has_cancellations", {"number": original.number})
        return None
    if not corrected_by(inverse):
        return Reason("reversed_already", {"number": inverse.number})
    found = successor(books, inverse)
    if found is None:  # a correction that was killed, unless its draft was withdrawn by a reversal
        half = any(corrects(one.witnesses) == original.key for one in books.find([corrected_by(inverse)]))
        return None if half else Reason("reversed_already", {"number": inverse.number})
    last, undone_by = found
    if undone_by is not None:
        return Reason("reversed_already", {"number": undone_by.number})
    return Reason("corrected_already", {"number": last.number})


def _refused(books: Books, key: str, account: str, reason: Reason) -> dict[str, Outcome]:
    """Return the outcomes of a refusal; a correction to this account may stand already."""
    if reason.code == "corrected_already":
        original = [booked for booked in books.find([key]) if booked.posted]
        inverse = inverses(books, original).get(key)
        found = successor(books, inverse) if inverse else None
        if inverse and found and found[0].entries[0].account == account:
            first, second = inverse.number, found[0].number
            return {
                key: Outcome(State.ALREADY, Reason("reversed_already", {"number": first}), first),
                CORRECTED: Outcome(State.ALREADY, reason, second),
            }
    return {key: Outcome(State.REJECTED, reason)}


def _corrected(original: Booked, account: str, catalogue: Catalogue, *, keeps_vat: bool) -> Voucher | None:
    """Return *original* with another account on the rule's side; None if a rule has not chosen a single one."""
    own, *rest = original.entries
    vat = [entry for entry in rest[:-1] if "부가세" in catalogue.accounts.get(entry.account, "")]
    if original.origin is not None or len(rest) != 1 + len(vat):
        return None
    if not keeps_vat:
        whole = (own, *vat)
        debit, credit = sum(one.debit for one in whole), sum(one.credit for one in whole)
        own, rest = Entry(own.account, Decimal(debit), Decimal(credit), own.text), rest[-1:]
    entries = (replace(own, account=account), *rest)
    witnesses = correcting(original.witnesses, original.key)
    return Voucher(original.key, original.on, entries, None, original.description, witnesses)


def _next_key(original: Booked, books: Books) -> str:
    """Return the next free key of the voucher's group, passing over drafts that correct it."""
    if read(original.witnesses) is None:
        return first_release_key(("corrected", original.key))
    group = group_of(original.key)
    of_day = books.find_on([original.on])
    used = [one.key for one in of_day if one.posted or corrects(one.witnesses) != original.key]
    return f"{group}-{max(ordinal_of(key) for key in (original.key, *used) if group_of(key) == group) + 1}"


def _stale(books: Books, key: str, plan: Plan) -> list[Booked]:
    """Return the drafts of a killed reversal or correction of *key* that *plan* does not want."""
    inverse = plan.get(key)
    old = [one for one in books.find([undo_key(key)]) if not one.posted]
    stale = [one for one in old if inverse is None or one.witnesses != inverse.witnesses]
    wanted = plan[CORRECTED]
    places = sorted({wanted.key, *filter(None, map(corrected_by, old))})
    marked = [one for one in books.find(places) if not one.posted and corrects(one.witnesses) == key]
    return stale + [one for one in marked if one.key != wanted.key or one.entries != wanted.entries]
