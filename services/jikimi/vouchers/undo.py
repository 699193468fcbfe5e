"""Undo vouchers by reversals: what still stands of each is taken back, once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from jikimi.erp.port import Booked, Catalogue, Voucher
from jikimi.tables.reasons import Reason
from jikimi.vouchers.booking import take_back
from jikimi.vouchers.identity import undo_key
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk, settle


def undo(desk: Desk, keys: Sequence[str], day: date, progress: Callable[[int], None]) -> dict[str, Outcome]:
    """Return, for each of *keys*, how the reversal of its voucher ended; the lease must be held.

    A reversal bears the day of its original, or *day* where that one's period is closed. It has a key of its
    own, made from the original's, so that asking twice reverses once.
    """
    catalogue = desk.erp.catalogue()
    originals = {booked.key: booked for booked in desk.erp.find(keys) if booked.posted}
    undone: defaultdict[int | None, Decimal] = defaultdict(Decimal)
    for reversal in desk.erp.find_reversals([booked.id for booked in originals.values()]):
        undone[reversal.origin] += reversal.debit
    made = {key: _reversal(originals.get(key), undone, day, catalogue) for key in dict.fromkeys(keys)}
    vouchers = {key: voucher for key, voucher in made.items() if isinstance(voucher, Voucher)}
    settled = settle(desk, list(vouchers.values()), progress)
    outcomes = {key: Outcome(State.REJECTED, reason) for key, reason in made.items() if isinstance(reason, Reason)}
    return outcomes | {key: settled[voucher.key] for key, voucher in vouchers.items()}


def _reversal(
    original: Booked | None, undone: defaultdict[int | None, Decimal], day: date, catalogue: Catalogue
) -> Voucher | Reason:
    if original is None:
        return Reason("not_posted")
    left = original.debit - undone[original.id]
    if left <= 0:
        return Reason("reversed_already")
    on = original.on if catalogue.takes(original.on) else day
    return take_back(original, left, on, undo_key(original.key), catalogue)
