"""Correct a voucher: undo it and post it again with another account, both in one request to the ERP.

A correction that was killed in between is finished when it is asked for again: both keys are made of the key
corrected, so nothing is undone or posted twice.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal

from jikimi.erp.port import Booked, Books, Catalogue, Entry, Voucher
from jikimi.tables.reasons import Reason
from jikimi.vouchers.facts import read
from jikimi.vouchers.identity import first_release_key, group_of, ordinal_of, undo_key
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk, settle
from jikimi.vouchers.undo import undo_plan

CORRECTED = "corrected"
"""The name of the new voucher among the outcomes of a correction."""


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
    plan = correction_plan(desk.erp, key, account, day, desk.erp.catalogue(), keeps_vat=account not in no_vat)
    if isinstance(plan, Reason):
        return {key: Outcome(State.REJECTED, plan)}
    drafts = [draft for draft in desk.erp.find([plan[CORRECTED].key]) if not draft.posted]
    if drafts:  # of a correction that was killed, and that may have named another account
        desk.lease.check()
        desk.erp.discard(drafts)
    settled = settle(replace(desk, batch=max(desk.batch, len(plan))), list(plan.values()), progress)
    return {name: settled[voucher.key] for name, voucher in plan.items()}


def correction_plan(
    books: Books, key: str, account: str, day: date, catalogue: Catalogue, *, keeps_vat: bool = True
) -> dict[str, Voucher] | Reason:
    """Return the inverse and the corrected voucher, or why the voucher cannot be corrected."""
    original = next((booked for booked in books.find([key]) if booked.posted), None)
    if original is None:
        return Reason("not_posted")
    if account not in catalogue.accounts:
        return Reason("no_such_account", {"account": account})
    if reason := _hindrance(original, books):
        return reason
    corrected = _corrected(original, account, books, catalogue, keeps_vat=keeps_vat)
    if corrected is None:
        return Reason("cannot_be_corrected", {"number": original.number})
    inverse = undo_plan(books, [key], day, catalogue)[key]
    on = original.on if catalogue.takes(original.on) else day
    plan = {CORRECTED: replace(corrected, on=on)}
    if isinstance(inverse, Voucher):
        return {key: inverse, **plan}
    return plan if inverse.code == "reversed_already" else inverse


def _hindrance(original: Booked, books: Books) -> Reason | None:
    reversals = books.find_reversals([original.id])
    if any(one.key != undo_key(original.key) for one in reversals):
        return Reason("has_cancellations", {"number": original.number})
    successor = _successor(original, books) if reversals else None
    return Reason("corrected_already", {"number": successor.number}) if successor else None


def _corrected(
    original: Booked, account: str, books: Books, catalogue: Catalogue, *, keeps_vat: bool
) -> Voucher | None:
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
    return Voucher(_next_key(original, books), original.on, entries, None, original.description, original.witnesses)


def _successor(original: Booked, books: Books) -> Booked | None:
    """Return the voucher that stands in the place of *original*, which is undone."""
    source = facts.source if (facts := read(original.witnesses)) else ""
    if not source:
        return next((one for one in books.find([_next_key(original, books)]) if one.posted), None)
    alike = [one for one in books.find_on([original.on]) if one.posted and one.key != original.key]
    alike = [one for one in alike if (facts := read(one.witnesses)) and facts.source == source]
    undone = {one.key for one in books.find_reversals([one.id for one in alike])}
    return next((one for one in alike if undo_key(one.key) not in undone), None)


def _next_key(original: Booked, books: Books) -> str:
    """Return the next key of the voucher's group that no posted voucher bears."""
    if read(original.witnesses) is None:
        return first_release_key(("corrected", original.key))
    group = group_of(original.key)
    posted = [one.key for one in books.find_on([original.on]) if one.posted]
    return f"{group}-{max(ordinal_of(key) for key in (original.key, *posted) if group_of(key) == group) + 1}"
