"""No single altered, dropped, doubled or swapped amount and no sign of a file that states its sums is ever read."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.tables.reasons import FileRefused
from tests.unit.tables.samples import csv_text
from tests.unit.vouchers.readers.samples import card_rows, read_bank

OPENING = 100_000
STATES = ["balances", "edges", "edges and balances", "carried row", "totals"]
MUTATIONS = ["altered", "dropped", "doubled", "swapped", "sign"]


@dataclass(frozen=True)
class Row:
    """A row of the statement: *moved* is below zero for what went out, *balance* as the bank stated it."""

    day: int
    moved: int
    balance: int

    def cells(self) -> list[str]:
        on = (date(2026, 11, 1) + timedelta(days=self.day)).isoformat()
        return [on, "가게", str(-self.moved) if self.moved < 0 else "", str(self.moved) if self.moved > 0 else ""]


moves = st.lists(
    st.tuples(st.integers(0, 1), st.integers(-5, 5).filter(bool).map(lambda n: n * 1000)), min_size=1, max_size=8
)


def true_rows(made: list[tuple[int, int]]) -> list[Row]:
    made = [*made, (1, 1000)]  # of two days, so that their order is known
    days = accumulate(step for step, _ in made)
    balances = list(accumulate((moved for _, moved in made), initial=OPENING))[1:]
    return [Row(day, moved, balance) for day, (_, moved), balance in zip(days, made, balances, strict=True)]


def mutated(rows: list[Row], mutation: str, data: st.DataObject, *, by_row: bool) -> list[Row]:
    """Return *rows* with one of them changed; what only row balances can tell is changed only where they stand."""
    place = data.draw(st.integers(0, len(rows) - 1))
    row = rows[place]
    if mutation == "altered":
        other = data.draw(st.integers(1, 9000).filter(lambda amount: amount != abs(row.moved)))
        return [*rows[:place], replace(row, moved=other if row.moved > 0 else -other), *rows[place + 1 :]]
    if mutation == "dropped":
        return rows[:place] + rows[place + 1 :]
    if mutation == "doubled":
        return rows[: place + 1] + rows[place:]
    if mutation == "sign":
        return [*rows[:place], replace(row, moved=-row.moved), *rows[place + 1 :]]
    pairs = [
        (one, two)
        for two in range(len(rows))
        for one in range(two)
        if abs(rows[one].moved) != abs(rows[two].moved) and (by_row or rows[one].moved * rows[two].moved < 0)
    ]
    if not pairs:
        return []
    one, two = data.draw(st.sampled_from(pairs))
    signs = [1 if rows[place].moved > 0 else -1 for place in (one, two)]
    swapped = list(rows)
    swapped[one] = replace(rows[one], moved=signs[0] * abs(rows[two].moved))
    swapped[two] = replace(rows[two], moved=signs[1] * abs(rows[one].moved))
    return swapped


def file_of(rows: list[Row], truth: list[Row], states: str, *, reverse: bool) -> bytes:
    """Return the file with *rows* that states the sums of *truth*."""
    with_balances = states in {"balances", "edges and balances", "carried row"}
    header = ["거래일자", "적요", "출금액", "입금액", *(["거래후잔액"] if with_balances else [])]
    body = [[*row.cells(), *([str(row.balance)] if with_balances else [])] for row in rows]
    if states == "carried row":
        body.insert(0, ["", "전월이월", "", "", str(OPENING)])
    body = body[::-1] if reverse else body
    titles = []
    if states.startswith("edges") or states == "carried row":
        titles.append([f"기말잔액: {truth[-1].balance:,}원"])
    if states.startswith("edges"):
        titles.append(["기초잔액", f"{OPENING:,}"])
    if states == "totals":
        went = sum(-row.moved for row in truth if row.moved < 0)
        body.append(["합계", "", str(went), str(sum(row.moved for row in truth if row.moved > 0))])
    return csv_text([*titles, header, *body]).encode()


@pytest.mark.parametrize("states", STATES)
@given(made=moves, reverse=st.booleans())
def test_true_statement_is_read(made: list[tuple[int, int]], states: str, *, reverse: bool) -> None:
    rows = true_rows(made)

    assert len(read_bank(file_of(rows, rows, states, reverse=reverse)).lines) == len(rows)


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("states", STATES[1:])
@given(made=moves, data=st.data(), reverse=st.booleans())
def test_statement_with_one_change_is_refused(
    made: list[tuple[int, int]], data: st.DataObject, states: str, mutation: str, *, reverse: bool
) -> None:
    truth = true_rows(made)
    rows = mutated(truth, mutation, data, by_row=states in {"edges and balances", "carried row"})
    if not rows:
        return

    with pytest.raises(FileRefused) as refused:
        read_bank(file_of(rows, truth, states, reverse=reverse))
    assert refused.value.reason.code in {"balance_broken", "total_broken"}


@pytest.mark.parametrize("mutation", MUTATIONS)
@given(made=moves, data=st.data(), reverse=st.booleans())
def test_inner_row_that_changes_is_refused_by_row_balances_alone(
    made: list[tuple[int, int]], data: st.DataObject, mutation: str, *, reverse: bool
) -> None:
    truth = true_rows([*made, (0, 2000)])
    inner = mutated(truth[1:-1], mutation, data, by_row=True)
    if not inner:
        return

    with pytest.raises(FileRefused, match="balances break"):
        read_bank(file_of([truth[0], *inner, truth[-1]], truth, "balances", reverse=reverse))


@pytest.mark.parametrize("mutation", ["altered", "dropped", "doubled", "sign"])
@given(amounts=st.lists(st.integers(1, 9000), min_size=1, max_size=6), data=st.data())
def test_card_statement_with_a_total_and_one_change_is_refused(
    amounts: list[int], data: st.DataObject, mutation: str
) -> None:
    truth = [Row(day, amount, 0) for day, amount in enumerate(amounts)]
    rows = mutated(truth, mutation, data, by_row=True)
    header = ["승인일자", "가맹점명", "승인금액"]
    cells = [[row.cells()[0], "가게", str(row.moved)] for row in rows] or [["2026-11-04", "가게", "0"]]

    with pytest.raises(FileRefused, match="the total in row"):
        card_rows(*cells, ["합계", "", str(sum(amounts))], header=header)
