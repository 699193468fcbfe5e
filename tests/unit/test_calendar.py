"""When a schedule is due, at the edges: gaps, folds, windows, holidays, and what was missed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from jikimi.calendar import ALL_DAYS, NEVER, Business, Hours, Missed, Share, Spec, Verdict, Why, decide, next_due

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
WEEK = frozenset(range(5))
CHUSEOK = date(2026, 9, 25)
OFFICE = Business(WEEK, Hours(6 * 60, 18 * 60), lambda day: day == CHUSEOK)
HALF = timedelta(minutes=30)
MINUTE = timedelta(minutes=1)


def at(
    clock: str, zone: ZoneInfo = SEOUL, days: frozenset[int] | None = ALL_DAYS, missed: Missed = Missed.ONCE
) -> Spec:
    hour, minute = clock.split(":")
    return Spec(zone, OFFICE, missed, at=int(hour) * 60 + int(minute), days=days)


def every(span: timedelta, share: Share, zone: ZoneInfo = SEOUL, missed: Missed = Missed.ONCE) -> Spec:
    return Spec(zone, OFFICE, missed, every=span, share=share)


def dues(spec: Spec, first: str, last: str, zone: ZoneInfo = SEOUL) -> list[str]:
    """Return what is due from *first* on, before *last*, as local times."""
    moment = datetime.fromisoformat(first).replace(tzinfo=zone) - timedelta(seconds=1)
    end = datetime.fromisoformat(last).replace(tzinfo=zone)
    found = []
    while (moment := next_due(spec, moment)) < end:
        found.append(moment.astimezone(zone).isoformat(timespec="minutes"))
    return found


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def test_a_time_that_the_clocks_leave_out_comes_once_after_the_gap() -> None:
    assert dues(at("02:30", NEW_YORK), "2026-03-07T00:00", "2026-03-10T00:00", NEW_YORK) == [
        "2026-03-07T02:30-05:00",
        "2026-03-08T03:30-04:00",
        "2026-03-09T02:30-04:00",
    ]


def test_a_time_that_the_clocks_repeat_comes_once() -> None:
    assert dues(at("01:30", NEW_YORK), "2026-10-31T00:00", "2026-11-03T00:00", NEW_YORK) == [
        "2026-10-31T01:30-04:00",
        "2026-11-01T01:30-04:00",
        "2026-11-02T01:30-05:00",
    ]


def test_a_day_that_is_left_out_does_not_double_the_next_one() -> None:
    apia = ZoneInfo("Pacific/Apia")

    assert dues(at("03:30", apia), "2011-12-29T00:00", "2012-01-01T00:00", apia) == [
        "2011-12-29T03:30-10:00",
        "2011-12-31T03:30+14:00",
    ]


def test_a_day_that_is_left_out_is_not_counted_twice_among_the_missed() -> None:
    apia = ZoneInfo("Pacific/Apia")
    due = datetime(2011, 12, 29, 3, 30, tzinfo=apia)

    assert decide(at("03:30", apia), due, datetime(2012, 1, 1, 0, 0, tzinfo=apia)).missed == 1


def test_a_gap_at_the_end_of_a_day_pushes_a_time_into_the_next_one() -> None:
    nuuk = ZoneInfo("America/Nuuk")
    after_midnight = datetime(2025, 3, 30, 0, 10, tzinfo=nuuk)

    assert next_due(at("23:30", nuuk), after_midnight) == datetime(2025, 3, 30, 0, 30, tzinfo=nuuk)


def test_a_span_is_counted_in_minutes_that_pass() -> None:
    spec = every(HALF, Share.ALL, NEW_YORK)
    short = dues(spec, "2026-03-08T00:00", "2026-03-09T00:00", NEW_YORK)
    long = dues(spec, "2026-11-01T00:00", "2026-11-02T00:00", NEW_YORK)

    assert (len(short), len(long)) == (46, 50)
    for found in (short, long):
        assert {later - sooner for sooner, later in pairwise(map(datetime.fromisoformat, found))} == {HALF}


def test_a_cycle_comes_in_business_hours_on_business_days_that_are_no_holidays() -> None:
    found = dues(every(HALF, Share.BUSINESS), "2026-09-24T00:00", "2026-09-29T00:00")

    assert len(found) == 2 * 24
    assert {one[:10] for one in found} == {"2026-09-24", "2026-09-28"}  # Chuseok and the weekend are free
    assert (found[0][11:16], found[23][11:16], found[24][11:16]) == ("06:00", "17:30", "06:00")


def test_the_idle_beat_comes_at_all_other_times() -> None:
    found = dues(every(timedelta(minutes=10), Share.OUTSIDE), "2026-09-24T00:00", "2026-09-26T00:00")

    assert len(found) == 36 + 36 + 144
    assert (found[35][11:16], found[36][11:16], found[71][11:16], found[72][11:16]) == (
        "05:50",
        "18:00",
        "23:50",
        "00:00",
    )


def test_a_window_that_the_span_does_not_divide_begins_anew_each_time() -> None:
    found = dues(every(timedelta(hours=5), Share.BUSINESS), "2026-09-23T00:00", "2026-09-25T00:00")

    assert [one[11:16] for one in found] == ["06:00", "11:00", "16:00"] * 2


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (ALL_DAYS, ["24", "25", "26", "27", "28"]),
        (None, ["24", "28"]),
        (frozenset({4, 6}), ["25", "27"]),
    ],
)
def test_the_days_of_a_schedule(days: frozenset[int] | None, expected: list[str]) -> None:
    found = dues(at("07:30", days=days), "2026-09-24T00:00", "2026-09-29T00:00")

    assert [one[8:10] for one in found] == expected


def test_a_due_time_is_later_than_what_it_is_asked_after_and_in_utc() -> None:
    due = next_due(at("03:30"), seoul("2026-11-24T03:29:59"))

    assert due == seoul("2026-11-24T03:30")
    assert due.tzinfo is UTC
    assert next_due(at("03:30"), due) == seoul("2026-11-25T03:30")


def test_what_has_no_day_is_never_due() -> None:
    free = Business(WEEK, Hours(0, 1), lambda _: True)

    assert next_due(Spec(SEOUL, free, Missed.ONCE, at=0, days=None), seoul("2026-01-01T00:00")) == NEVER
    assert next_due(at("03:30"), NEVER) == NEVER


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24T05:59", False),
        ("2026-11-24T06:00", True),
        ("2026-11-24T17:59", True),
        ("2026-11-24T18:00", False),
        ("2026-11-22T12:00", False),
        ("2026-09-25T12:00", False),
    ],
)
def test_business_hours(moment: str, *, is_open: bool) -> None:
    assert OFFICE.is_open(seoul(moment)) is is_open


def test_however_many_were_missed_one_run_makes_up_for_them_under_the_first_ones_time() -> None:
    due = seoul("2026-11-24T03:30")

    assert decide(at("03:30"), due, seoul("2026-11-27T09:00")) == Verdict(due, None, 3, seoul("2026-11-28T03:30"))
    assert decide(at("03:30"), due, due) == Verdict(due, None, 0, seoul("2026-11-25T03:30"))
    assert decide(at("03:30"), due, seoul("2026-11-25T03:30")) == Verdict(due, None, 1, seoul("2026-11-26T03:30"))


@pytest.mark.parametrize(
    ("now", "fires"),
    [
        ("2026-11-24T05:55:00", "24"),
        ("2026-11-24T06:00:00", None),  # five minutes late, and the office has opened
        ("2026-11-24T05:59:59", "24"),
        ("2026-11-22T06:00:00", "22"),  # a Sunday
        ("2026-11-22T06:00:01", None),
        ("2026-11-24T12:00:00", None),
    ],
)
def test_the_restart_is_never_late_within_business_hours(now: str, fires: str | None) -> None:
    due = seoul(f"{now[:10]}T05:55")

    verdict = decide(at("05:55", missed=Missed.SKIP), due, seoul(now))

    assert verdict.fires == (due if fires else None)
    assert verdict.why is (None if fires else Why.LATE)
    assert verdict.missed == (0 if fires else 1)


@pytest.mark.parametrize(("late_s", "fires"), [(0, True), (60, True), (61, False)])
def test_what_is_due_in_business_hours_may_be_a_minute_late(late_s: int, *, fires: bool) -> None:
    due = seoul("2026-11-24T10:00")

    verdict = decide(at("10:00", missed=Missed.SKIP), due, due + timedelta(seconds=late_s))

    assert bool(verdict.fires) is fires


def test_a_skipping_schedule_that_wakes_in_time_for_its_newest_time_runs_for_that() -> None:
    verdict = decide(at("05:55", missed=Missed.SKIP), seoul("2026-11-21T05:55"), seoul("2026-11-24T05:55:30"))

    assert verdict == Verdict(seoul("2026-11-24T05:55"), None, 3, seoul("2026-11-25T05:55"))


@pytest.mark.parametrize(("started_s", "why"), [(-1, None), (0, None), (1, Why.FRESH)])
def test_what_every_unit_was_started_after_is_skipped(started_s: int, why: Why | None) -> None:
    due = seoul("2026-11-24T05:55")
    started = due + timedelta(seconds=started_s)

    verdict = decide(at("05:55", missed=Missed.SKIP), due, due + timedelta(seconds=30), started=started)

    assert verdict.why is why


def test_what_catches_up_does_so_though_every_unit_is_new() -> None:
    due = seoul("2026-11-24T03:30")

    assert decide(at("03:30"), due, due + HALF, started=due + MINUTE).fires == due


@pytest.mark.parametrize(
    ("until", "fires", "missed"),
    [
        ("2026-11-24T03:30", "24", 2),  # what is due when the pause ends is not paused
        ("2026-11-24T03:31", "25", 1),
        ("2026-11-26T03:30", "26", 0),
        ("2026-11-26T03:31", None, 0),
    ],
)
def test_what_is_due_in_a_pause_is_let_go_and_not_counted(until: str, fires: str | None, missed: int) -> None:
    due, now = seoul("2026-11-24T03:30"), seoul("2026-11-26T09:00")

    verdict = decide(at("03:30"), due, now, paused_until=seoul(until))

    assert verdict.fires == (seoul(f"2026-11-{fires}T03:30") if fires else None)
    assert verdict.why is (None if fires else Why.PAUSED)
    assert (verdict.missed, verdict.next) == (missed, seoul("2026-11-27T03:30"))
