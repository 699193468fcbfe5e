"""Two statements that meet within a day: is a row shown again by the second, or is it the equal of one?"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from jikimi.vouchers.facts import Facts, Likeness, compare, is_to_the_second
from jikimi.vouchers.line import Kind

Day = tuple[date, bool]


class Meeting:
    """The rows of a statement beside the vouchers of its days.

    Args:
        rows: of the statement.
        standing: of the vouchers.
    """

    def __init__(self, rows: Sequence[Facts], standing: Sequence[Facts]) -> None:
        self._rows = _by_day(rows)
        self._standing = _by_day(standing)

    def is_unclear(self, mine: Facts, other: Facts) -> bool:
        """Tell whether nothing says that the row *mine* and the voucher *other* are one transaction.

        Balances say so unless the later part begins with the balance at which the earlier one may have ended.
        """
        if mine.source and mine.source == other.source:
            return False
        goes_on, went_before = mine.at_start and other.at_end, mine.at_end and other.at_start
        if not goes_on and not went_before:
            return False
        if compare(mine, other) is Likeness.ALIKE:
            return True
        if mine.balance is None or mine.balance != other.balance or is_to_the_second(mine, other):
            return False
        rows, standing = self._rows[mine.on, True], self._standing[mine.on, True]
        return (goes_on and _may_follow(rows, standing)) or (went_before and _may_follow(standing, rows))


def _by_day(many: Iterable[Facts]) -> dict[Day, list[Facts]]:
    days: dict[Day, list[Facts]] = {}
    for facts in many:
        days.setdefault((facts.on, facts.is_bank), []).append(facts)
    return days


def _may_follow(later: Sequence[Facts], earlier: Sequence[Facts]) -> bool:
    """Tell whether *later* may begin where *earlier* ends, by their balances."""
    ends = {facts.balance for facts in later}
    befores = {before for facts in later if (before := _before(facts)) is not None}
    openings = befores - ends or befores  # where a day comes back to its opening balance, it may begin anywhere
    return bool(openings & {facts.balance for facts in earlier})


def _before(facts: Facts) -> Decimal | None:
    if facts.balance is None:
        return None
    return facts.balance - facts.amount if facts.kind is Kind.BANK_IN else facts.balance + facts.amount
