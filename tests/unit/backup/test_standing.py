"""How old a backup may be before a person is told, and before all is red."""

from datetime import UTC, datetime, timedelta

import pytest

from jikimi.backup.standing import LATE, TOO_LATE, Standing, freshness
from jikimi.text import Lang

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(0), Standing.OK),
        (LATE, Standing.OK),
        (LATE + HOUR / 60, Standing.WARN),
        (TOO_LATE, Standing.WARN),
        (TOO_LATE + HOUR / 60, Standing.NG),
        (-HOUR, Standing.OK),
    ],
)
def test_the_newest_good_one_gets_old(age: timedelta, state: Standing) -> None:
    assert freshness(NOW - age, NOW - 1000 * HOUR, NOW).state is state


@pytest.mark.parametrize(
    ("age", "state"), [(timedelta(0), Standing.WARN), (TOO_LATE, Standing.WARN), (TOO_LATE + HOUR, Standing.NG)]
)
def test_a_new_safe_has_two_days_for_its_first(age: timedelta, state: Standing) -> None:
    found = freshness(None, NOW - age, NOW)

    assert found.state is state
    assert found.message is not None
    assert found.message.say(Lang.EN) == "there is no good backup yet"


def test_where_there_is_no_safe_a_backup_is_missed_and_nothing_is_red() -> None:
    assert freshness(None, None, NOW).state is Standing.WARN


def test_the_hours_are_told() -> None:
    found = freshness(NOW - 30 * HOUR, None, NOW)

    assert found.message is not None
    assert found.message.say(Lang.EN, hours=found.hours) == "the last good backup is 30 hours old"
