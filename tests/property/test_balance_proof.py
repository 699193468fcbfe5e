"""A statement with balances testifies: no amount, sign or row of it is altered unnoticed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from jikimi.tables.reasons import Reason
from jikimi.vouchers.balance_proof import balance_break
from jikimi.vouchers.line import Fault, Kind, Line

moves = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 5).map(lambda n: n * 1000), st.booleans()), min_size=2, max_size=12
)
SIGN = {Kind.BANK_IN: 1, Kind.BANK_OUT: -1}


def statement(made: list[tuple[int, int, bool]], *, reverse: bool) -> list[Line]:
    """Return the lines of a statement whose balances follow from its amounts."""
    days = list(accumulate(step for step, _, _ in made))
    signed = [amount if incoming else -amount for _, amount, incoming in made]
    balances = list(accumulate(signed, initial=100_000))[1:]
    lines = [
        Line(
            row=0,
            kind=Kind.BANK_IN if amount > 0 else Kind.BANK_OUT,
            on=date(2026, 11, 1) + timedelta(days=day),
            amount=Decimal(abs(amount)),
            currency="KRW",
            counterparty="가게",
            instrument="",
            natural=None,
            content=(),
            cells={},
            balance=Decimal(balance),
        )
        for day, amount, balance in zip(days, signed, balances, strict=True)
    ]
    return numbered(lines[::-1] if reverse else lines)


def numbered(lines: list[Line]) -> list[Line]:
    return [replace(line, row=row) for row, line in enumerate(lines, 2)]


@given(made=moves, reverse=st.booleans())
def test_statement_holds_in_either_order_of_time(made: list[tuple[int, int, bool]], *, reverse: bool) -> None:
    assert balance_break(statement(made, reverse=reverse)) is None


@given(made=moves, data=st.data(), reverse=st.booleans())
def test_statement_breaks_when_an_amount_or_a_sign_is_altered(
    made: list[tuple[int, int, bool]], data: st.DataObject, *, reverse: bool
) -> None:
    lines = statement([*made, (1, 1000, True)], reverse=reverse)  # of two days, so that their order is known
    first = len(lines) - 1 if reverse else 0
    place = data.draw(st.sampled_from([place for place in range(len(lines)) if place != first]))
    line = lines[place]
    other = {Kind.BANK_IN: Kind.BANK_OUT, Kind.BANK_OUT: Kind.BANK_IN}[line.kind]
    altered = data.draw(st.sampled_from([replace(line, amount=line.amount + 1), replace(line, kind=other)]))
    lines[place] = altered

    assert balance_break(lines) is not None


@given(moves, st.data())
def test_statement_breaks_when_a_row_is_doubled(made: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    lines = statement([*made, (1, 1000, True)], reverse=False)
    place = data.draw(st.integers(0, len(lines) - 1))

    assert balance_break(numbered([*lines[: place + 1], *lines[place:]])) is not None


@given(moves, st.data())
def test_nothing_is_proved_across_a_row_that_could_not_be_read(
    made: list[tuple[int, int, bool]], data: st.DataObject
) -> None:
    lines = statement(made, reverse=False)
    place = data.draw(st.integers(0, len(lines) - 1))
    gone = lines.pop(place)

    assert balance_break(lines, [Fault(gone.row, Reason("amount_empty"), {})]) is None


def test_break_names_the_row_and_both_balances() -> None:
    lines = statement([(0, 1000, True), (1, 2000, True), (1, 3000, False)], reverse=False)
    lines[1] = replace(lines[1], amount=Decimal(2500))

    found = balance_break(lines)

    assert found is not None
    assert (found.row, found.expected, found.stated) == (3, Decimal(103_500), Decimal(103_000))
