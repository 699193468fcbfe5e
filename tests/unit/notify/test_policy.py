"""The oldest goes first, nothing stands in the way, and a channel in trouble is left in peace."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.notify.policy import (
    IDLE_S,
    LONGEST_PAUSE_S,
    NEWS_PAUSE_S,
    Trouble,
    Waiting,
    choose,
    is_given_up,
    pause_s,
)
from jikimi.testing.clock import NOON

HOUR = timedelta(hours=1)


def ago(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (1, 5), (2, 10), (3, 20), (8, 640), (9, 900), (10, 900), (10_000, 900)]
)
def test_pauses_double_from_five_seconds_to_a_quarter_of_an_hour(failures: int, seconds: float) -> None:
    assert pause_s(failures) == seconds


def test_without_anything_to_send_it_rests() -> None:
    assert choose([], NOON, Trouble()) == IDLE_S


def test_the_oldest_goes_first() -> None:
    first, second = Waiting(1, NOON), Waiting(2, NOON - HOUR)

    assert choose([second, first], NOON, Trouble()) == first


def test_one_that_fails_again_and_again_lets_the_others_go_first() -> None:
    stubborn, other = Waiting(1, NOON, attempts=3, next_try=NOON), Waiting(2, NOON)

    assert choose([stubborn, other], NOON, Trouble()) == other
    assert choose([stubborn], NOON, Trouble()) == stubborn
    assert choose([Waiting(1, NOON, attempts=2, next_try=NOON), other], NOON, Trouble()).number == 1  # type: ignore[union-attr]


def test_it_waits_for_the_moment_of_the_next_try() -> None:
    late, soon = Waiting(1, NOON, 1, NOON + ago(30)), Waiting(2, NOON, 1, NOON + ago(7))

    assert choose([late, soon], NOON, Trouble()) == 7
    assert choose([late, soon], NOON + ago(7), Trouble()) == soon


def test_a_channel_in_trouble_is_left_in_peace() -> None:
    old = Waiting(1, NOON - HOUR)

    assert choose([old], NOON, Trouble(failures=3, since_s=12)) == 8
    assert choose([old], NOON, Trouble(failures=3, since_s=20)) == old


def test_news_waits_at_most_a_minute_for_a_channel_in_trouble() -> None:
    news = Waiting(1, NOON - ago(50))

    assert choose([news], NOON, Trouble(failures=9, since_s=55)) == NEWS_PAUSE_S - 55
    assert choose([news], NOON, Trouble(failures=9, since_s=60)) == news
    assert choose([news], NOON, Trouble(failures=9, since_s=50)) == LONGEST_PAUSE_S - 50


def test_a_clock_that_was_set_back_keeps_nothing_waiting() -> None:
    item = Waiting(1, NOON, 1, NOON + HOUR)

    assert choose([item], NOON, Trouble()) == item
    at_most = Waiting(1, NOON, 1, NOON + ago(LONGEST_PAUSE_S))
    assert choose([at_most], NOON, Trouble()) == LONGEST_PAUSE_S


def test_a_message_is_given_up_after_three_days() -> None:
    assert not is_given_up(NOON, NOON + timedelta(days=3))
    assert is_given_up(NOON, NOON + timedelta(days=3, seconds=1))


items = st.builds(
    Waiting,
    st.integers(1, 9),
    st.integers(-9999, 0).map(lambda s: NOON + ago(s)),
    st.integers(0, 5),
    st.one_of(st.none(), st.integers(-9999, 9999).map(lambda s: NOON + ago(s))),
)


@given(st.lists(items, max_size=6, unique_by=lambda item: item.number), st.integers(0, 30), st.floats(0, 9999))
def test_there_is_always_a_next_try(waiting: list[Waiting], failures: int, since_s: float) -> None:
    choice = choose(waiting, NOON, Trouble(failures, since_s))

    assert choice in waiting or 0 < choice <= (LONGEST_PAUSE_S if waiting else IDLE_S)  # type: ignore[operator]
