"""A parent to the tick: each budget, pause and beat at its very edge."""

from itertools import pairwise
from pathlib import Path

import pytest

from jikimi.beats.beat import Mode
from jikimi.testing.clock import FakeClock
from jikimi.testing.unit import FakeBench, FakeChild, FakeNursery, FakeSink
from jikimi.unit.judgement import Limits
from jikimi.unit.parent import Parent
from jikimi.unit.port import Life, Order
from jikimi.unit.report import Report


class House:
    def __init__(self, folder: Path, began: float = 1000) -> None:
        self.clock, self.nursery, self.sink, self.bench = FakeClock(), FakeNursery(), FakeSink(), FakeBench()
        self.dumped: list[int] = []
        self.clock.advance(began)
        self.parent = Parent(
            "erp-worker",
            folder,
            self.clock,
            self.nursery,
            sink=self.sink,
            bench=self.bench,
            limits=Limits(),
            dump=self.dumped.append,
        )

    @property
    def child(self) -> FakeChild:
        return self.nursery.children[-1]

    def say(self, mode: Mode, token: int, phase: str = "", budget_s: float = 5.0) -> None:
        self.child.said.append(Report(mode, token, phase, "erp-1", budget_s=budget_s))

    def ticks(self, count: int, seconds: float = 0.125) -> None:
        for _ in range(count):
            self.clock.advance(seconds)
            self.parent.tick()

    def grow_up(self) -> None:
        """Let the child live idle for a little more than the five seconds after which it counts as grown up."""
        for _ in range(49):
            self.say(Mode.IDLE, 1)
            self.ticks(1)

    def seconds_until_killed(self, at_most: float = 100) -> float:
        child, began = self.child, self.clock.ticks()
        while not child.was_killed and self.clock.ticks() - began < at_most:
            self.ticks(1)
        assert child.was_killed
        return self.clock.ticks() - began


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.parent.tick()
    return house


def test_the_limits_are_five_seconds_of_silence_and_half_an_hour_for_a_phase() -> None:
    assert Limits() == Limits(mute_s=5.0, longest_budget_s=1800.0)


def test_the_first_child_is_started_and_told_of_at_the_first_look(house: House) -> None:
    (beat,) = house.sink.beats

    assert (beat.seq, beat.generation, beat.child_pid) == (1, 1, 100)
    assert (beat.mode, beat.phase, beat.budget_s, beat.progress) == (Mode.BUSY, "starting", 60.0, 0)
    assert (beat.progress_age_s, beat.totals) == (0.0, {})
    assert house.bench.calls == ["hand back"]


def test_a_child_has_a_minute_for_its_first_report(house: House) -> None:
    assert house.seconds_until_killed() == 60.125


def test_a_phase_has_its_budget_and_not_a_tick_more(house: House) -> None:
    house.say(Mode.BUSY, 1, "posting", 10.0)
    house.ticks(1)

    assert house.seconds_until_killed() == 10.125


@pytest.mark.parametrize(
    ("mode", "token", "phase"), [(Mode.BUSY, 2, "a"), (Mode.BUSY, 1, "b"), (Mode.BUSY, 2, "b"), (Mode.IDLE, 1, "a")]
)
def test_another_token_mode_or_phase_is_progress(house: House, mode: Mode, token: int, phase: str) -> None:
    house.say(Mode.BUSY, 1, "a", 10.0)
    house.ticks(40)

    house.say(mode, token, phase)
    house.ticks(8)

    assert house.sink.beats[-1].progress_age_s < 2
    assert len(house.nursery.children) == 1


def test_the_same_again_is_no_progress_but_a_sign_of_life(house: House) -> None:
    house.say(Mode.IDLE, 1)
    for _ in range(10):
        house.ticks(8)
        house.say(Mode.IDLE, 1)
    house.ticks(8)

    assert not house.child.was_killed
    assert house.sink.beats[-1].progress_age_s > 10


def test_the_age_of_progress_is_told_to_a_tenth_of_a_second(house: House) -> None:
    house.say(Mode.BUSY, 1, "a", 60.0)
    house.ticks(17)

    assert house.sink.beats[-1].progress_age_s == 1.9
    assert house.sink.beats[-1].job == "erp-1"


def test_a_busy_child_s_unsent_work_is_not_ended_while_it_goes_on(house: House) -> None:
    house.say(Mode.BUSY, 1)
    house.ticks(1)
    house.child.leftovers = 2

    house.say(Mode.BUSY, 2)
    house.ticks(1)

    assert house.child.leftovers == 2


def test_what_an_idle_child_keeps_running_is_its_own(house: House) -> None:
    house.say(Mode.IDLE, 1)
    house.ticks(1)
    house.child.leftovers = 2

    house.say(Mode.IDLE, 1)
    house.ticks(1)

    assert house.child.leftovers == 2


def test_a_beat_is_due_each_second_even_if_the_ticks_are_late(house: House) -> None:
    house.ticks(9)
    assert len(house.sink.beats) == 2

    house.ticks(3, 0.96)

    assert len(house.sink.beats) == 5
    house.ticks(1, 0.94)
    assert len(house.sink.beats) == 5


def test_a_beat_that_is_half_a_tick_early_waits_for_the_next_tick(tmp_path: Path) -> None:
    house = House(tmp_path, began=0)
    house.parent.tick()

    house.ticks(1, 0.95)

    assert len(house.sink.beats) == 1


def test_a_gap_counts_as_one_second_however_long_it_was(house: House) -> None:
    house.say(Mode.BUSY, 1, "a", 60.0)
    house.ticks(1)
    house.ticks(2, 3600)

    assert house.sink.beats[-1].progress_age_s == 2.0


def test_blindness_is_forgiven_for_two_seconds_after_redis_is_back(house: House) -> None:
    house.say(Mode.IDLE, 1)
    house.ticks(8)
    house.sink.is_away = True
    house.ticks(80)
    house.sink.is_away = False
    house.ticks(8)

    assert house.seconds_until_killed() == 5.125


def test_beats_go_on_while_redis_is_away_and_the_order_of_the_next_is_obeyed(house: House) -> None:
    house.sink.is_away = True
    house.ticks(24)
    house.sink.is_away, house.sink.order = False, Order.STOP

    house.ticks(8)

    assert house.child.was_asked
    assert house.sink.beats[-1].seq == 5


def test_a_stopped_child_is_not_judged_while_the_parent_is_blind(house: House) -> None:
    house.sink.is_away = True
    house.ticks(8)
    house.child.now = Life.STOPPED
    house.ticks(8)

    assert not house.child.was_killed


def test_what_exited_by_itself_has_no_stacks_to_dump(house: House) -> None:
    house.say(Mode.IDLE, 1)
    house.ticks(1)
    house.child.now = Life.EXITED
    house.ticks(1)

    assert house.dumped == []
    assert house.nursery.children[0].was_killed
    assert house.bench.calls == ["hand back", "fence", "hand back"]


def test_what_is_given_up_is_dumped_once(house: House) -> None:
    house.child.now = Life.STOPPED
    house.ticks(1)

    assert house.dumped == [100]


@pytest.mark.parametrize(
    ("mode", "token", "fruitful"),
    [(Mode.BUSY, 2, True), (Mode.BUSY, 1, False), (Mode.IDLE, 0, True), (Mode.BUSY, 0, False)],
)
def test_a_child_was_of_use_if_it_moved_or_was_ready(house: House, mode: Mode, token: int, fruitful: bool) -> None:  # noqa: FBT001
    house.say(mode, token, "a")
    house.ticks(1)
    house.child.now = Life.EXITED
    house.ticks(1)

    assert len(house.nursery.children) == (2 if fruitful else 1)


def test_the_pause_of_useless_children_doubles_to_a_minute_and_is_forgotten_by_one_of_use(house: House) -> None:
    starts = []
    for _ in range(4000):
        house.child.now = Life.EXITED
        before = len(house.nursery.children)
        house.ticks(1)
        if len(house.nursery.children) > before:
            starts.append(house.clock.ticks())

    assert starts[0] == 1001.125
    assert [later - earlier - 0.125 for earlier, later in pairwise(starts)] == [
        2,
        4,
        8,
        16,
        32,
        60,
        60,
        60,
        60,
        60,
        60,
        60,
    ]

    while house.child.now is Life.EXITED:
        house.ticks(1)
    house.grow_up()
    for expected in (0.0, 1.0):
        house.child.now = Life.EXITED
        count, began = len(house.nursery.children), house.clock.ticks() + 0.125
        house.ticks(1)
        while len(house.nursery.children) == count:
            house.ticks(1)
        assert house.clock.ticks() - began == expected


def test_children_that_die_young_are_soon_held_back_and_told_even_if_each_was_ready(house: House) -> None:
    gaps = []
    for _ in range(9):
        house.say(Mode.IDLE, 2)
        house.ticks(1)
        house.child.now = Life.EXITED
        count, began = len(house.nursery.children), house.clock.ticks() + 0.125
        house.ticks(1)
        while len(house.nursery.children) == count:
            house.ticks(1)
        gaps.append(house.clock.ticks() - began)
    house.ticks(8)

    assert gaps == [0, 0, 0, 0, 0, 1, 2, 4, 8]
    assert house.sink.beats[-1].failures == 4

    house.grow_up()

    assert house.sink.beats[-1].failures == 0


def test_a_new_child_begins_without_the_silence_of_the_last(house: House) -> None:
    house.say(Mode.IDLE, 1)
    house.ticks(1)
    house.seconds_until_killed()

    assert house.seconds_until_killed() == 60.125


def test_a_parent_without_a_child_beats_that_it_has_none(house: House) -> None:
    house.child.now = Life.EXITED
    house.ticks(8, 0.12)

    assert (house.sink.beats[-1].child_pid, house.sink.beats[-1].generation) == (None, 1)


def test_an_order_to_dump_without_a_child_is_harmless(house: House) -> None:
    house.child.now = Life.EXITED
    house.sink.order = Order.DUMP
    house.ticks(8, 0.12)

    assert house.dumped == []


def test_a_parent_that_ends_asks_its_child_and_starts_no_other(house: House) -> None:
    assert not house.parent.is_done

    house.parent.end()
    assert (house.child.was_asked, house.parent.is_done) == (True, False)
    house.child.now = Life.EXITED
    house.ticks(100)

    assert house.parent.is_done
    assert len(house.nursery.children) == 1


def test_an_idle_child_that_does_not_end_when_asked_is_ended_after_five_seconds_even_without_redis(
    house: House,
) -> None:
    house.say(Mode.IDLE, 1)
    house.ticks(8)
    house.sink.is_away = True
    house.ticks(8)
    house.parent.end()
    for _ in range(40):
        house.say(Mode.IDLE, 1)
        house.ticks(1)
    assert not house.child.was_killed

    house.say(Mode.IDLE, 1)
    house.ticks(1)

    assert house.child.was_killed
    assert house.parent.is_done


def test_a_busy_child_that_was_asked_to_end_may_finish(house: House) -> None:
    house.say(Mode.BUSY, 1, budget_s=60.0)
    house.ticks(1)
    house.parent.end()
    house.ticks(400)

    assert not house.child.was_killed


def test_a_parent_that_ends_before_its_first_child_is_done_at_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert not house.parent.is_done

    house.parent.end()
    house.ticks(1)

    assert house.parent.is_done
    assert house.nursery.children == []
    assert [(beat.progress, beat.phase, beat.budget_s) for beat in house.sink.beats] == [(0, "starting", 60.0)]


def test_closing_without_a_child_fences_nobody(tmp_path: Path) -> None:
    house = House(tmp_path)

    house.parent.close()

    assert house.bench.calls == []


def test_a_parent_that_was_closed_has_no_child_any_more(house: House) -> None:
    house.parent.end()
    house.parent.close()

    assert house.child.was_killed
    assert house.parent.is_done
    house.parent.close()
    assert house.bench.calls == ["hand back", "fence", "hand back"]
