"""Which snapshots a second repository takes, over many histories: all that matter, and none in a circle."""

import random

import pytest

from jikimi.backup.retention import Keep, removable, wanted_elsewhere
from jikimi.backup.snapshot import Outcome
from tests.property.test_backup_retention import NOW, ZONES, history

HISTORIES = 3000


@pytest.mark.parametrize("seed", range(3))
def test_it_takes_what_is_good_and_kept_newest_first_and_comes_to_rest(seed: int) -> None:
    random_ = random.Random(seed)  # noqa: S311 - histories
    for _ in range(HISTORIES // 3):
        held, zone = history(random_), random_.choice(ZONES)
        keep = Keep(random_.randrange(1, 20), random_.randrange(9), random_.randrange(13))
        good = sorted((one for one in held if one.outcome is Outcome.GOOD and one.at <= NOW), key=lambda one: one.at)
        there = [one for one in good if random_.random() < 0.4]
        here = [one for one in held if one not in there]

        now = max((one.at for one in good), default=NOW)  # later than 48 h after the newest one nothing is let go

        wanted = wanted_elsewhere(here, there, now, zone, keep)

        taken = [one for name in wanted for one in here if one.id == name]
        assert [one.at for one in taken] == sorted((one.at for one in taken), reverse=True)
        assert set(taken) <= set(good)
        assert {one.id for one in good[-3:]} <= {one.id for one in (*taken, *there)}
        second = [*there, *taken]
        while going := set(removable(second, now, zone, keep)):
            assert not going & set(wanted)  # none in a circle
            second = [one for one in second if one.id not in going]
        assert wanted_elsewhere([one for one in held if one not in second], second, now, zone, keep) == []
