"""Days have one meaning or none."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.vouchers.readers.dates import parse_clock, parse_moment
from jikimi.vouchers.readers.refusal import RowRefused
from tests.unit.vouchers.readers.samples import TODAY

NOV_4 = date(2026, 11, 4)
EXCEL_DAY_ZERO = date(1899, 12, 30)


def refused(text: str, today: date = TODAY) -> str:
    with pytest.raises(RowRefused) as caught:
        parse_moment(text, today, "거래일")
    return caught.value.reason.code


@pytest.mark.parametrize(
    "text",
    [
        *("2026.11.04", "2026-11-04", "2026/11/04", "20261104", "26-11-04", "26.11.04", "2026. 11. 4.", "2026-11-4"),
        *("2026년 11월 4일", "26년 11월 04일", "46330", "２０２６．１１．０４", "2026-11-04(수)", " 2026.11.04 (수) "),
    ],
)
def test_every_spelling_of_a_day_is_read(text: str) -> None:
    assert parse_moment(text, TODAY, "거래일") == (NOV_4, None)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026-11-04 15:05:30", time(15, 5, 30)),
        ("2026.11.04 오후 3:05", time(15, 5)),
        ("2026-11-04T15:05", time(15, 5)),
        ("2026-11-04 오전 12:05", time(0, 5)),
        ("2026-11-04 오후 12:05", time(12, 5)),
        ("2026-11-04 3:05 PM", time(15, 5)),
        ("2026년 11월 4일 15시 5분", time(15, 5)),
        ("20261104150530", time(15, 5, 30)),
        ("202611041505", time(15, 5)),
        ("46330.5", time(12)),
        ("2026-11-04 15:05:30.000", time(15, 5, 30)),
        ("26-11-04 오후 15:05", time(15, 5)),
        ("2026-11-04(수) 15:05", time(15, 5)),
    ],
)
def test_a_time_beside_the_day_is_read(text: str, clock: time) -> None:
    assert parse_moment(text, TODAY, "거래일") == (NOV_4, clock)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "date_empty"),
        ("04-11-26", "date_ambiguous"),
        ("11/04/26", "date_ambiguous"),
        ("20-11-26", "date_ambiguous"),
        ("27-10-26", "date_ambiguous"),
        ("24-11-26", "date_ambiguous"),
        ("01-12-16", "date_ambiguous"),
        ("2026-11-04" + " " * 30 + "x" * 30, "date_unreadable"),
        ("2026-02-30", "date_impossible"),
        ("20260230", "date_impossible"),
        ("26-13-45", "date_impossible"),
        ("2026-11-04 25:00", "date_impossible"),
        ("2026-11-04 오전 15:00", "date_impossible"),
        ("2026-11-04 15:61", "date_impossible"),
        ("1926-11-04", "date_year"),
        ("2126-11-04", "date_year"),
        ("00001", "date_year"),
        ("2015-12-31", "date_year"),
        ("2026-11-25", "date_future"),
        ("2027-01-01", "date_future"),
        ("26-11-25", "date_future"),
        ("11/04", "date_unreadable"),
        ("2026-11.04", "date_unreadable"),
        ("어제", "date_unreadable"),
        ("합계", "date_unreadable"),
    ],
)
def test_a_day_that_is_not_certain_is_refused(text: str, code: str) -> None:
    assert refused(text) == code


def test_the_first_year_and_today_are_inside() -> None:
    assert parse_moment("2016-01-01", TODAY, "거래일")[0] == date(2016, 1, 1)
    assert parse_moment(TODAY.isoformat(), TODAY, "거래일")[0] == TODAY


def test_next_year_is_the_future_and_the_year_after_is_wrong() -> None:
    assert (refused("2027-12-31"), refused("2028-01-01")) == ("date_future", "date_year")


def test_a_serial_of_a_day_long_ago_is_read_when_it_was_not_long_ago() -> None:
    assert parse_moment("45962", TODAY, "거래일")[0] == date(2025, 11, 1)


@given(
    st.dates(date(2016, 1, 1), TODAY), st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y년 %m월 %d일"])
)
def test_every_day_of_the_last_ten_years_survives_writing(day: date, spelling: str) -> None:
    assert parse_moment(day.strftime(spelling), TODAY, "거래일")[0] == day


@given(st.dates(date(2016, 1, 1), TODAY))
def test_every_serial_day_survives_writing(day: date) -> None:
    assert parse_moment(str((day - EXCEL_DAY_ZERO).days), TODAY, "거래일")[0] == day


@given(st.dates(TODAY - timedelta(days=60), TODAY))
def test_a_recent_day_with_a_short_year_is_read_year_first(day: date) -> None:
    assert parse_moment(day.strftime("%y-%m-%d"), TODAY, "거래일")[0] == day


@given(st.dates(date(2016, 1, 1), TODAY))
def test_a_short_year_is_never_read_as_another_day_nearer_to_today(day: date) -> None:
    try:
        found, _ = parse_moment(day.strftime("%d-%m-%y"), TODAY, "거래일")
    except RowRefused:
        return

    assert TODAY - found <= TODAY - day


@given(st.text())
def test_any_text_is_a_day_or_refused(text: str) -> None:
    try:
        day, _ = parse_moment(text, TODAY, "거래일")
    except RowRefused:
        return

    assert day <= TODAY


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        *(
            ("15:05:30", time(15, 5, 30)),
            ("오후 3:05", time(15, 5)),
            ("150530", time(15, 5, 30)),
            ("1505", time(15, 5)),
        ),
        *(("", None), ("25:00", None), ("점심", None), ("15:05:61", None)),
    ],
)
def test_a_time_of_its_own_is_read_or_left(text: str, clock: time | None) -> None:
    assert parse_clock(text) == clock
