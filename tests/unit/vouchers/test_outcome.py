"""Every line that came in has one outcome, and the sum shows one that was lost."""

import pytest

from jikimi.vouchers.outcome import Counts, State, count

ONE_EACH = {"posted": 1, "already": 1, "rejected": 1, "waiting": 1, "unknown": 1}


def test_each_outcome_is_counted_under_its_own_name() -> None:
    states = [state for number, state in enumerate(State, 1) for _ in range(number)]

    assert count(15, states) == Counts(15, posted=1, already=2, rejected=3, waiting=4, unknown=5)


def test_counts_add_up_when_every_line_has_its_outcome() -> None:
    assert count(5, State).adds_up
    assert Counts().adds_up


@pytest.mark.parametrize("total", [4, 6])
def test_a_line_that_is_lost_or_counted_twice_shows(total: int) -> None:
    assert not count(total, State).adds_up


@pytest.mark.parametrize("name", ONE_EACH)
def test_every_outcome_is_part_of_the_sum(name: str) -> None:
    assert Counts(5, **ONE_EACH).adds_up
    assert not Counts(5, **{**ONE_EACH, name: 2}).adds_up


def test_counts_are_added_name_by_name() -> None:
    assert Counts(1, 2, 3, 4, 5, 6) + Counts(10, 20, 30, 40, 50, 60) == Counts(11, 22, 33, 44, 55, 66)
