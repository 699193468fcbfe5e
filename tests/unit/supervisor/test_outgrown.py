"""Of the evidence goes what is old, and the oldest of what is too much; a clock that runs ahead takes not all."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jikimi.supervisor.outgrown import NEWEST_KEPT, Kept, outgrown

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)
KEEP = 14 * DAY


def days(*ages: float, size: int = 1) -> list[Kept]:
    return [Kept(f"{age:06.2f}", NOW - age * DAY, size) for age in ages]


def test_what_is_older_goes_the_oldest_first() -> None:
    found = days(*range(11), 14, 14.5, 20)

    assert outgrown(found, NOW, KEEP, 100) == ["020.00", "014.50"]


def test_of_too_much_the_oldest_goes() -> None:
    assert outgrown(days(1, 2, 3, 4, size=10), NOW, KEEP, 25) == ["004.00", "003.00"]
    assert outgrown(days(1, 2, size=10), NOW, KEEP, 20) == []


def test_the_newest_one_stays_even_if_it_is_too_much() -> None:
    assert outgrown([*days(1, size=1000), *days(2)], NOW, KEEP, 10) == ["002.00"]


def test_after_a_leap_of_the_clock_the_newest_are_still_there() -> None:
    found = days(*range(30))

    left = {one.name for one in found} - set(outgrown(found, NOW + 4000 * DAY, KEEP, 100))

    assert left == {one.name for one in days(*range(NEWEST_KEPT))}


@given(st.lists(st.tuples(st.floats(-5, 400), st.integers(0, 100))), st.integers(0, 1000))
def test_what_is_left_fits_and_nothing_newer_went_for_age(found: list[tuple[float, int]], most: int) -> None:
    kept = [Kept(str(number), NOW - age * DAY, size) for number, (age, size) in enumerate(found)]

    going = outgrown(kept, NOW, KEEP, most)
    left = [one for one in kept if one.name not in going]

    assert len(set(going)) == len(going)
    assert not kept or left
    assert len(left) == 1 or sum(one.bytes for one in left) <= most
    again = outgrown(left, NOW, KEEP, most)
    assert again == []
