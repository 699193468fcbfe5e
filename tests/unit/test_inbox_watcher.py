"""A dropped file is answered by one cycle at once; what could not be settled is tried again later."""

import pytest

from jikimi.schedule.inbox_watcher import QUEUE, InboxWatcher
from jikimi.testing.clock import FakeClock
from jikimi.testing.queue import FakeQueue


class Desk:
    def __init__(self) -> None:
        self.queue, self.clock = FakeQueue({"cycle": lambda _: {}}), FakeClock()
        self.dropped = self.left = self.away = False
        self.replied = 0
        self.watcher = InboxWatcher(
            self.queue,
            self.clock,
            dropped=lambda: self.dropped,
            left=lambda: self.left,
            away=lambda: self.away,
            replied=lambda: self.replied,
        )

    def looks(self, seconds: int) -> list[int]:
        """Look once a second, each cycle running at once, and return when cycles were asked for."""
        asked = []
        for second in range(1, seconds + 1):
            self.clock.advance(1)
            if self.watcher.look():
                asked.append(second)
                self.queue.work()
        return asked


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_empty_inbox_asks_for_nothing(desk: Desk) -> None:
    assert desk.looks(2000) == []


def test_a_dropped_file_asks_for_one_cycle_at_once(desk: Desk) -> None:
    desk.dropped = True

    assert desk.watcher.look()

    assert list(desk.queue.jobs.values()) == [("cycle", {})]
    assert list(desk.queue.jobs) == [f"{QUEUE}-cycle-1795143600000"]


def test_none_is_asked_for_while_one_waits_its_turn(desk: Desk) -> None:
    desk.dropped = True
    desk.watcher.look()
    desk.clock.advance(1)

    assert not desk.watcher.look()
    assert len(desk.queue.jobs) == 1


def test_a_second_drop_while_a_cycle_runs_has_a_cycle_of_its_own(desk: Desk) -> None:
    desk.dropped = True

    assert desk.looks(2) == [1, 2]
    assert len(desk.queue.jobs) == 2


def test_what_waits_for_the_erp_is_tried_again_every_ten_seconds(desk: Desk) -> None:
    desk.left = desk.away = True

    assert desk.looks(31) == [10, 20, 30]


def test_what_waits_for_another_file_is_tried_again_every_ten_minutes(desk: Desk) -> None:
    desk.left = True

    assert desk.looks(1801) == [600, 1200, 1800]


def test_a_reply_of_a_flow_has_one_cycle_ten_seconds_after_the_last_one(desk: Desk) -> None:
    desk.left = True
    desk.looks(40)
    desk.replied = 1

    assert desk.looks(100) == [1]

    desk.replied = 2
    assert desk.looks(3) == [1]
    desk.replied = 3
    assert desk.looks(30) == [8]


def test_a_reply_is_no_reason_while_nothing_is_left(desk: Desk) -> None:
    desk.replied = 1

    assert desk.looks(700) == []


def test_a_reply_that_comes_while_the_queue_is_away_is_not_forgotten(desk: Desk) -> None:
    desk.left = True
    desk.looks(40)
    desk.replied, desk.queue.is_away = 1, True
    assert desk.looks(3) == []

    desk.queue.is_away = False

    assert desk.looks(3) == [1]


def test_an_erp_that_was_away_is_no_reason_while_nothing_is_left(desk: Desk) -> None:
    desk.away = True

    assert desk.looks(700) == []


def test_the_pause_begins_anew_with_every_cycle(desk: Desk) -> None:
    desk.left = desk.away = True
    desk.looks(5)
    desk.dropped = True
    desk.looks(1)
    desk.dropped = False

    assert desk.looks(10) == [10]


def test_a_queue_that_is_away_is_harmless_and_asked_again_at_the_next_look(desk: Desk) -> None:
    desk.left = True
    desk.looks(599)
    desk.queue.is_away = True
    assert desk.looks(3) == []

    desk.queue.is_away = False

    assert desk.looks(1) == [1]


def test_jobs_of_another_queue_are_no_reason_to_wait(desk: Desk) -> None:
    desk.queue.submit("cycle", {}, "rpa-cycle-1")
    desk.dropped = True

    assert desk.watcher.look()
