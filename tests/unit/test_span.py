"""Spans of time are read as a person writes them, and written so that they are read as the same."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.config.span import parse_span, write_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("30m", 1800),
        ("2h", 7200),
        ("14d", 1_209_600),
        ("250ms", 0.25),
        ("1.5h", 5400),
        (" 3 s ", 3),
        ("0s", 0),
    ],
)
def test_a_number_and_a_unit_are_a_span(text: str, seconds: float) -> None:
    assert parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "90", "s", "-3s", "3 weeks", "3S", "1e3s", ".5s", "3s 4m", "3s\n4", 91, None, True, 1.5]
)
def test_anything_else_is_no_span_and_the_error_says_what_to_write(value: object) -> None:
    with pytest.raises(ValueError, match=r'write a number and a unit, such as "90s".* \(got '):
        parse_span(value)


def test_a_span_is_taken_as_it_is() -> None:
    assert parse_span(timedelta(seconds=5)) == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (86_400_000, "1d"),
        (90_000_000, "25h"),
        (90_000, "90s"),
        (120_000, "2m"),
        (1_500, "1500ms"),
        (1000, "1s"),
        (0, "0ms"),
    ],
)
def test_a_span_is_written_in_the_largest_unit_that_divides_it(milliseconds: int, text: str) -> None:
    assert write_span(timedelta(milliseconds=milliseconds)) == text


@given(st.integers(0, 10**12))
def test_what_is_written_is_read_as_the_same(milliseconds: int) -> None:
    span = timedelta(milliseconds=milliseconds)

    assert parse_span(write_span(span)) == span
