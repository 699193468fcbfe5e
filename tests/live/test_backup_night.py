"""The unit that saves, through nights in virtual time: a machine that slept, a container that was made anew."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jikimi.backup.snapshot import Outcome
from jikimi.cli.context import Context
from jikimi.cli.serve.backup import Night
from jikimi.text import Lang
from jikimi.unit.pulse import Pulse
from tests.live.safe_home import SafeHome

HALF_PAST_THREE = datetime.fromisoformat("2026-11-28T03:30:00+09:00")  # a Saturday


class Nights:
    """A home, its clock, and the unit; `begin_again` is another process of it."""

    def __init__(self, folder: Path) -> None:
        self.home = SafeHome(folder, "file")
        self.clock = self.home.clock
        self.context = Context(self.home.root, Lang.EN)
        self.context.clock = self.clock
        self.clock.advance((HALF_PAST_THREE - timedelta(days=1) - self.clock.now()).total_seconds())
        self.begin_again()

    def begin_again(self) -> None:
        self.night = Night(self.context, Pulse(lambda _report: None))

    def live_until(self, moment: datetime) -> None:
        """Let the unit idle, a minute at a time."""
        while self.clock.now() < moment:
            self.clock.advance(60)
            self.night.idle()

    def sleep_until(self, moment: datetime) -> None:
        """Let the machine sleep: its clock has moved when it wakes, and nothing else has."""
        self.clock.advance((moment - self.clock.now()).total_seconds())

    def good(self) -> list[datetime]:
        receipts = self.home.safe().receipts.read()
        return [one.at for one in receipts if one.outcome is Outcome.GOOD]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights(tmp_path)
    nights.live_until(HALF_PAST_THREE - timedelta(hours=20))
    assert len(nights.good()) == 1
    return nights


def test_12_a_machine_that_slept_through_the_time_saves_once_within_a_quarter_of_an_hour(nights: Nights) -> None:
    nights.live_until(HALF_PAST_THREE - timedelta(hours=1.5))
    woke = HALF_PAST_THREE + timedelta(hours=5.5)

    nights.sleep_until(woke)
    nights.live_until(woke + timedelta(minutes=15))

    _, saved = nights.good()
    assert woke <= saved <= woke + timedelta(minutes=15)
    nights.live_until(HALF_PAST_THREE + timedelta(hours=23))
    assert len(nights.good()) == 2


def test_12_in_business_hours_the_same_machine_waits_until_they_are_over_or_it_is_very_old(nights: Nights) -> None:
    monday = HALF_PAST_THREE + timedelta(days=2)
    nights.live_until(monday - timedelta(hours=1.5))
    before = len(nights.good())

    nights.sleep_until(monday + timedelta(hours=5.5))
    nights.live_until(monday + timedelta(hours=11))
    assert len(nights.good()) == before
    nights.live_until(monday + timedelta(hours=16))

    assert len(nights.good()) == before + 1


def test_13_a_unit_that_is_made_anew_over_the_time_saves_that_day_all_the_same_and_once(nights: Nights) -> None:
    nights.live_until(HALF_PAST_THREE - timedelta(minutes=1))
    nights.sleep_until(HALF_PAST_THREE + timedelta(minutes=15))
    for minutes in (17, 19, 60):
        nights.begin_again()
        nights.live_until(HALF_PAST_THREE + timedelta(minutes=minutes))

    nights.live_until(HALF_PAST_THREE + timedelta(hours=20))

    _, saved = nights.good()
    assert HALF_PAST_THREE <= saved <= HALF_PAST_THREE + timedelta(minutes=20)
