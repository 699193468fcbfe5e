"""Retention over many histories: whatever happened, the newest good ones stay."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.backup.retention import FROZEN_AFTER, Held, Keep, removable
from jikimi.backup.snapshot import Outcome

ZONES = [ZoneInfo(name) for name in ("Asia/Seoul", "America/New_York", "Pacific/Apia", "UTC")]
NOW = datetime(2026, 11, 24, 3, 40, tzinfo=UTC)
SHIPPED = Keep()
HISTORIES = 10_000


def history(random_: random.Random) -> list[Held]:
    """Return up to 50 snapshots: nightly or in storms, with gaps, failures, and dates from clocks that ran ahead."""
    at = NOW - timedelta(days=random_.choice([1, 20, 100, 500]))
    quality = random_.choice([0.05, 0.5, 0.9, 1.0])
    held = []
    for number in range(random_.randrange(50)):
        at += random_.choice([timedelta(days=1), timedelta(days=1), timedelta(hours=4), timedelta(days=30)]) * (
            random_.random() * 1.2
        )
        others = [Outcome.FAILED, Outcome.SUSPECT, Outcome.PARTIAL]
        outcome = Outcome.GOOD if random_.random() < quality else random_.choice(others)
        ahead = timedelta(days=4383) if random_.random() < 0.02 else timedelta(0)
        held.append(Held(f"{number:03}", at + ahead, outcome))
    random_.shuffle(held)
    return held


def holds(held: Sequence[Held], now: datetime, zone: ZoneInfo, keep: Keep) -> list[str]:
    """Return what may go, after it was compared with every rule."""
    going = removable(held, now, zone, keep)
    by_id = {one.id: one for one in held}
    past = [one for one in held if one.at <= now]
    good = sorted((one for one in past if one.outcome is Outcome.GOOD), key=lambda one: (one.at, one.id))
    assert len(going) == len(set(going)) <= len(past) // 2
    assert not {one.id for one in good[-3:]} & set(going)
    assert not {one.id for one in held if one.at > now} & set(going)
    if not good or now - good[-1].at > timedelta(hours=48):
        assert going == []
    for name in going:
        one = by_id[name]
        if one.outcome is Outcome.GOOD:
            assert (now.astimezone(zone).date() - one.at.astimezone(zone).date()).days >= keep.days
        else:
            assert now - one.at > timedelta(days=3)
            assert good[-1].at > one.at
    assert [by_id[name].at for name in going] == sorted(by_id[name].at for name in going)
    return going


def test_ten_thousand_histories() -> None:
    random_ = random.Random(26)  # noqa: S311 - histories, not secrets
    removed = 0
    for _ in range(HISTORIES):
        held = history(random_)
        now = NOW + timedelta(hours=random_.randrange(-200, 200))
        removed += len(holds(held, now, random_.choice(ZONES), SHIPPED))

    print(f"retention: {HISTORIES} histories, {removed} snapshots may go")  # noqa: T201 - a figure
    assert removed > 1000  # it does remove


@given(st.randoms(use_true_random=False), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_what_may_go_may_go_later_as_well(random_: random.Random, later: timedelta) -> None:
    held = [one for one in history(random_) if one.at <= NOW]
    newest = Held("newest", NOW, Outcome.GOOD)
    after = Held("still newer", NOW + later, Outcome.GOOD)

    def all_that_may_go(now: datetime, held: list[Held]) -> set[str]:
        """Ask again and again, for no more than half go at once."""
        gone: set[str] = set()
        while going := removable([one for one in held if one.id not in gone], now, ZONES[0], SHIPPED):
            gone |= set(going)
        return gone

    now, then = all_that_may_go(NOW, [*held, newest]), all_that_may_go(NOW + later, [*held, newest, after])
    assert now <= then


def nightly(days: int) -> list[Held]:
    return [Held(f"{day:04}", NOW - timedelta(days=days - day), Outcome.GOOD) for day in range(days + 1)]


def test_four_hundred_nights_leave_days_weeks_and_months() -> None:
    held, most = list[Held](), 0
    for one in nightly(400):
        held.append(one)
        going = set(removable(held, one.at, ZONES[0], SHIPPED))
        held = [each for each in held if each.id not in going]
        most = max(most, len(held))

    ages = sorted((NOW - one.at).days for one in held)
    assert ages[:14] == list(range(14))
    assert 14 + 6 + 9 <= len(held) <= 14 + 8 + 12
    assert 300 <= ages[-1] <= 366
    assert most <= 14 + 8 + 12 + 1
    print(f"retention: after 400 nights {len(held)} are kept, ages in days {ages}")  # noqa: T201 - a figure


def test_sixty_days_of_failures_delete_nothing() -> None:
    good = [Held(f"g{day}", NOW - timedelta(days=60 + day), Outcome.GOOD) for day in range(5)]
    failed = [Held(f"f{day}", NOW - timedelta(days=day), Outcome.FAILED) for day in range(60)]

    assert removable([*good, *failed], NOW, ZONES[0], SHIPPED) == []
    once = removable([*good, *failed, Held("new", NOW, Outcome.GOOD)], NOW, ZONES[0], SHIPPED)

    assert not {"g0", "g1"} & set(once)
    assert len(once) == 33


@pytest.mark.parametrize(("hours", "frozen"), [(47, False), (48, False), (49, True)])
def test_it_freezes_while_the_newest_good_one_is_old(hours: int, *, frozen: bool) -> None:
    old = [Held(f"{day}", NOW - timedelta(days=500 + day), Outcome.GOOD) for day in range(4)]
    new = [Held("new", NOW - timedelta(hours=hours), Outcome.GOOD)]

    assert (removable([*old, *new], NOW, ZONES[0], SHIPPED) == []) is frozen
    assert timedelta(hours=48) == FROZEN_AFTER


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.SUSPECT, Outcome.PARTIAL])
@pytest.mark.parametrize(("hours", "goes"), [(71, False), (73, True)])
def test_what_is_not_good_goes_after_three_days(outcome: Outcome, hours: int, *, goes: bool) -> None:
    held = [Held("bad", NOW - timedelta(hours=hours), outcome), Held("new", NOW, Outcome.GOOD)]

    assert ("bad" in removable(held, NOW, ZONES[0], SHIPPED)) is goes


def test_a_clock_that_ran_ahead_costs_nothing() -> None:
    ahead = Held("2038", NOW + timedelta(days=4383), Outcome.GOOD)
    held = [ahead, *nightly(30)]

    going = removable(held, NOW, ZONES[0], SHIPPED)
    assert going == removable(nightly(30), NOW, ZONES[0], SHIPPED)
    assert removable([ahead, *nightly(30)[:-5]], NOW, ZONES[0], SHIPPED) == []
