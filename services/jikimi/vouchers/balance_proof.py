"""Prove a statement by the balances and totals that it states, before anything of it is posted.

A row's balance is the one before it, plus what came in, less what went out; the first follows from the opening
balance, and the last is the closing one. Exports stand in either order of time; what was altered so that it
follows in the other order is not noticed on a single day.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from jikimi.tables.reasons import Reason
from jikimi.vouchers.line import Fault, Kind, Line, Stated, Statement

_NOTHING = Stated()


@dataclass(frozen=True, slots=True)
class Break:
    """Where the balances of a statement do not follow from its amounts."""

    row: int
    expected: Decimal
    stated: Decimal


@dataclass(frozen=True, slots=True)
class _Step:
    """A row on the way from the opening balance to the closing one; *moved* is None where it is not known."""

    row: int
    on: date | None
    time: str = ""
    moved: Decimal | None = None
    balance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a statement speaks of an account.

    Attributes:
        first, last: the days of its first and its last row.
        opening, closing: the balances before and after them, None where the statement does not say for certain.
    """

    account: str
    first: date
    last: date
    opening: Decimal | None
    closing: Decimal | None


def spans_of(statement: Statement) -> tuple[Span, ...]:
    """Return the span of each account of a bank statement that does not contradict itself."""
    accounts = _accounts(statement.lines, statement.faults)
    stated = statement.stated if len(accounts) == 1 else _NOTHING
    spans = (_span(account, steps, stated) for account, steps in accounts.items())
    return tuple(span for span in spans if span is not None)


def _span(account: str, steps: Sequence[_Step], stated: Stated) -> Span | None:
    days = [step.on for step in steps if step.on is not None]
    if not days:
        return None
    held = [order for order in _orders(steps) if _walk(order, stated) is None]
    openings = {stated.opening.value} if stated.opening else {_opening(order, stated) for order in held}
    closings = {stated.closing.value} if stated.closing else {_closing(order, stated) for order in held}
    # Where the rows may stand in either order, what they begin and end with may be either.
    opening, closing = (next(iter(some)) if len(some) == 1 else None for some in (openings, closings))
    return Span(account, min(days), max(days), opening, closing)


def _opening(steps: Sequence[_Step], stated: Stated) -> Decimal | None:
    moved = Decimal(0)
    for step in steps:
        if step.moved is None:
            return None
        moved += step.moved
        if step.balance is not None:
            return step.balance - moved
    return stated.closing.value - moved if stated.closing else None


def _closing(steps: Sequence[_Step], stated: Stated) -> Decimal | None:
    moved = Decimal(0)
    for step in reversed(steps):
        if step.balance is not None:
            return step.balance + moved
        if step.moved is None:
            return None
        moved += step.moved
    return stated.opening.value + moved if stated.opening else None


def contradiction(statement: Statement) -> Reason | None:
    """Return where the statement first contradicts itself, None if it does not."""
    if statement.stated.is_part:
        return None
    if broken := balance_break(statement.lines, statement.faults, statement.stated):
        facts = {"row": broken.row, "expected": f"{broken.expected:,}", "stated": f"{broken.stated:,}"}
        return Reason("balance_broken", facts)
    for total in statement.stated.totals:
        if total.stated not in total.sums:
            nearest = min(total.sums, key=lambda some: (abs(some - total.stated), some))
            facts = {"row": total.row, "column": total.column}
            return Reason("total_broken", {**facts, "expected": f"{nearest:,}", "stated": f"{total.stated:,}"})
    return None


def balance_break(lines: Sequence[Line], faults: Sequence[Fault] = (), stated: Stated = _NOTHING) -> Break | None:
    """Return the first row at which the balances contradict the amounts, None if none does or none is stated.

    A rejected row counts with the amount that it states; where that is not certain, nothing is proved across it.
    """
    accounts = _accounts(lines, faults)
    if len(accounts) > 1:
        # Of which account the balances outside the rows are is not said.
        stated = replace(stated, opening=None, closing=None)
    breaks = [_first_break(steps, stated) for steps in accounts.values()]
    return next((found for found in breaks if found is not None), None)


def _accounts(lines: Sequence[Line], faults: Sequence[Fault]) -> dict[str, list[_Step]]:
    """Return the steps of each account, by row; a rejected row whose account is not known stands in all."""
    accounts: defaultdict[str, list[_Step]] = defaultdict(list)
    for line in lines:
        if line.kind in (Kind.BANK_IN, Kind.BANK_OUT):
            moved = line.amount if line.kind is Kind.BANK_IN else -line.amount
            accounts[line.instrument].append(_Step(line.row, line.on, line.time, moved, line.balance))
    for fault in faults:
        move = fault.move
        if move.instrument is not None and (move.instrument in accounts or not accounts):
            accounts[move.instrument].append(_Step(fault.row, move.on, "", move.amount, move.balance))
        elif len(accounts) == 1:
            next(iter(accounts.values())).append(_Step(fault.row, move.on))
        else:
            for steps in accounts.values():
                steps.append(_Step(fault.row, None))
    return {account: sorted(steps, key=lambda step: step.row) for account, steps in accounts.items()}


def _first_break(steps: Sequence[_Step], stated: Stated) -> Break | None:
    found = [_walk(order, stated) for order in _orders(steps)]
    if any(one is None for one in found):
        return None
    # The order that holds longest is the one that was meant; a person is shown where that one breaks.
    return max((one for one in found if one is not None), key=lambda one: one[0], default=(0, None))[1]


def _orders(by_row: Sequence[_Step]) -> list[Sequence[_Step]]:
    """Return the orders of time in which the rows may stand: days that go up or down leave only one.

    Rows of a single day without times may stand in either order, and days in disorder are put in order first;
    there a rejected row without a day may stand anywhere, and its amount is not taken to be known.
    """
    backwards = by_row[::-1]
    days = [step.on for step in by_row if step.on is not None]
    goes_up, goes_down = (all(one <= two for one, two in pairwise(order)) for order in (days, days[::-1]))
    if goes_up and goes_down:
        return [by_row, backwards]
    if goes_up or goes_down:
        return [by_row if goes_up else backwards]
    if any(step.on is None for step in by_row):
        return []
    return [sorted(rows, key=lambda step: (step.on or date.min, step.time)) for rows in (by_row, backwards)]


def _walk(steps: Sequence[_Step], stated: Stated) -> tuple[int, Break] | None:
    """Return how far the balances hold in this order and where they break; None if they hold to the end."""
    balance = None if stated.opening is None else stated.opening.value
    for count, step in enumerate(steps):
        balance = None if balance is None or step.moved is None else balance + step.moved
        if step.balance is not None:
            if balance is not None and balance != step.balance:
                return count, Break(step.row, balance, step.balance)
            balance = step.balance
    if stated.closing is not None and balance is not None and balance != stated.closing.value:
        return len(steps), Break(stated.closing.row, balance, stated.closing.value)
    return None
