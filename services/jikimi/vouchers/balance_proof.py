"""Prove a bank statement by the balances that it states, before anything of it is posted.

A row's balance is the one before it, plus what came in, less what went out. Exports stand in either order of
time; what was altered so that it follows in the other order is not noticed on a single day.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from jikimi.vouchers.line import Fault, Kind, Line


@dataclass(frozen=True, slots=True)
class Break:
    """Where the balances of a statement do not follow from its amounts."""

    row: int
    expected: Decimal
    stated: Decimal


def balance_break(lines: Sequence[Line], faults: Sequence[Fault] = ()) -> Break | None:
    """Return the first row at which the statement contradicts itself, None if it does not, or states no balances.

    A row that could not be read has an unknown amount: nothing is proved across it.
    """
    accounts: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.kind in (Kind.BANK_IN, Kind.BANK_OUT):
            accounts[line.instrument].append(line)
    unread = {fault.row for fault in faults}
    breaks = [
        _first_break(some, unread) for some in accounts.values() if any(line.balance is not None for line in some)
    ]
    return next((found for found in breaks if found is not None), None)


def _first_break(lines: Sequence[Line], unread: set[int]) -> Break | None:
    found = [_walk(order, unread) for order in _orders(sorted(lines, key=lambda line: line.row))]
    if any(one is None for one in found):
        return None
    # The order that holds longest is the one that was meant; a person is shown where that one breaks.
    return max((one for one in found if one is not None), key=lambda one: one[0])[1]


def _orders(by_row: Sequence[Line]) -> list[Sequence[Line]]:
    """Return the orders of time in which the rows may stand: days that go up or down leave only one.

    Rows of a single day without times may stand in either order, and days in disorder are put in order first.
    """
    backwards = by_row[::-1]
    goes_up, goes_down = (all(one.on <= two.on for one, two in pairwise(rows)) for rows in (by_row, backwards))
    if goes_up and goes_down:
        return [by_row, backwards]
    if goes_up or goes_down:
        return [by_row if goes_up else backwards]
    return [sorted(rows, key=lambda line: (line.on, line.time)) for rows in (by_row, backwards)]


def _walk(lines: Sequence[Line], unread: set[int]) -> tuple[int, Break] | None:
    """Return how far the balances hold in this order and where they break; None if they hold to the end."""
    balance: Decimal | None = None
    before: Line | None = None
    for count, line in enumerate(lines):
        if before is not None and _between(before.row, line.row, unread):
            balance = None
        if balance is not None:
            balance += line.amount if line.kind is Kind.BANK_IN else -line.amount
        if line.balance is not None:
            if balance is not None and balance != line.balance:
                return count, Break(line.row, balance, line.balance)
            balance = line.balance
        before = line
    return None


def _between(one: int, other: int, rows: set[int]) -> bool:
    low, high = sorted((one, other))
    return any(low < row < high for row in rows)
