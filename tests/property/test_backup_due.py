"""When a backup is due, over long stretches of virtual time."""

import random
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.backup.due import Due, due

SEOUL = ZoneInfo("Asia/Seoul")
TICK = timedelta(minutes=15)
DAY = timedelta(days=1)
START = datetime(2026, 11, 20, 0, 0, tzinfo=SEOUL)


def is_business(now: datetime, zone: ZoneInfo) -> bool:
    local = now.astimezone(zone)
    return local.weekday() < 5 and time(6) <= local.time() < time(18)


def live(
    start: datetime,
    span: timedelta,
    zone: ZoneInfo,
    *,
    awake: Callable[[datetime], bool] = lambda _: True,
    good: Callable[[datetime], bool] = lambda _: True,
) -> tuple[list[datetime], list[datetime]]:
    """Ask every 15 minutes; return when good ones and others were made."""
    done, others, now = list[datetime](), list[datetime](), start.astimezone(UTC)
    while now < start + span:
        if awake(now) and due(now, done[-3:], zone, is_business=is_business(now, zone), attempts=others[-3:]):
            (done if good(now) else others).append(now)
        now += TICK
    return done, others


@pytest.mark.parametrize("name", ["Asia/Seoul", "America/New_York", "Europe/Berlin", "Pacific/Apia", "UTC"])
@pytest.mark.parametrize("at", [time(3, 30), time(2, 30)])
def test_a_machine_that_is_always_on_saves_once_a_day_at_the_preferred_time(name: str, at: time) -> None:
    zone = ZoneInfo(name)
    now = datetime.combine(date(2026, 1, 1), at, zone).astimezone(UTC)
    done = [now]
    for _ in range(96 * 366):
        if due(now, done[-3:], zone, at=at, is_business=is_business(now, zone)):
            done.append(now)
        now += TICK

    locals_ = [one.astimezone(zone) for one in done[1:]]
    assert len({one.date() for one in locals_}) == len(locals_) >= 364
    gap = [one for one in locals_ if one.time() != at]
    assert len(gap) <= 1  # the night without that time
    assert max(later - earlier for earlier, later in pairwise(done)) <= timedelta(hours=25, minutes=30)


def test_asleep_from_two_to_nine_it_runs_once_that_day() -> None:
    """Case 12: outside business hours at once; inside them in the evening, for it is not 36 h old yet."""
    saturday, monday = datetime(2026, 11, 21, 9, 0, tzinfo=SEOUL), datetime(2026, 11, 23, 9, 0, tzinfo=SEOUL)
    for wake, hour in ((saturday, 9), (monday, 15)):
        last = wake.replace(hour=3, minute=30) - DAY
        done = [last]
        now = wake
        while now < wake.replace(hour=23):
            if due(now, done, SEOUL, is_business=is_business(now, SEOUL)):
                done.append(now)
            now += TICK
        assert [one.hour for one in done[1:]] == [hour], wake
        assert done[1] - last <= timedelta(hours=36, minutes=15)


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_whenever_it_is_awake_no_backup_is_older_than_36_hours(random_: random.Random) -> None:
    nights = {day: random_.random() < 0.5 for day in range(60)}

    def awake(now: datetime) -> bool:
        hour, day = now.astimezone(SEOUL).hour, (now - START).days
        return 8 <= hour < 19 or nights.get(day, False)

    done, _ = live(START, timedelta(days=20), SEOUL, awake=awake)

    now, seen = START.astimezone(UTC), 0
    while now < START + timedelta(days=20):
        if awake(now):
            last = done[bisect_right(done, now) - 1] if done[0] <= now else None
            assert last is not None
            assert now - last <= timedelta(hours=36, minutes=15)
            seen += 1
        now += TICK
    assert seen
    assert all(later - earlier > timedelta(hours=12) for earlier, later in pairwise(done))


def test_what_fails_is_tried_again_every_four_hours_and_not_every_quarter() -> None:
    done, others = live(START, timedelta(days=3), SEOUL, good=lambda _: False)

    assert not done
    assert len(others) == 18


@pytest.mark.parametrize("jump", [timedelta(days=4383), timedelta(days=-1), timedelta(days=-4383), timedelta(hours=1)])
def test_a_clock_that_jumps_and_comes_back_costs_no_day(jump: timedelta) -> None:
    """Case 11: what the machine believes is off by *jump* for six hours."""
    done, real = list[datetime](), list[datetime]()
    now = START.astimezone(UTC)
    for number in range(96 * 6):
        believed = now + (jump if 96 * 2 <= number < 96 * 2 + 24 else timedelta(0))
        if due(believed, done, SEOUL, is_business=is_business(believed, SEOUL)):
            done.append(believed)
            real.append(now)
        now += TICK

    assert max(later - earlier for earlier, later in pairwise(real)) <= timedelta(hours=24 + 6)
    assert len(real) <= 6 + 3


def test_the_reasons() -> None:
    night = datetime(2026, 11, 24, 3, 30, tzinfo=SEOUL)
    assert due(night, [], SEOUL, is_business=True) is Due.FIRST
    assert due(night, [night + DAY], SEOUL) is Due.FIRST  # dated ahead: as if it were not there
    assert due(night, [night - DAY], SEOUL) is Due.PREFERRED
    assert due(night, [night - timedelta(hours=3)], SEOUL) is None
    assert due(night, [night - DAY], SEOUL, attempts=[night + DAY]) is Due.PREFERRED
    assert due(night, [night - DAY], SEOUL, attempts=[night - TICK]) is None
    evening = datetime(2026, 11, 24, 19, 0, tzinfo=SEOUL)
    assert due(evening, [evening - timedelta(hours=25)], SEOUL) is Due.OLD
    assert due(evening, [evening - timedelta(hours=25)], SEOUL, is_business=True) is None
    assert due(evening, [evening - timedelta(hours=37)], SEOUL, is_business=True) is Due.VERY_OLD
    midnight = datetime(2026, 11, 24, 1, 45, tzinfo=SEOUL)
    assert due(midnight, [midnight - timedelta(hours=25)], SEOUL) is None  # the preferred time is near
