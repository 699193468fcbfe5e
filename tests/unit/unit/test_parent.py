"""A parent and its children in virtual time."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from jikimi.beats.beat import Mode
from jikimi.testing.clock import FakeClock
from jikimi.testing.unit import FakeBench, FakeChild, FakeNursery, FakeSink
from jikimi.unit.judgement import Limits
from jikimi.unit.parent import TICK_S, Parent
from jikimi.unit.port import Life, Order
from jikimi.unit.report import Report
from tests.conftest import Until


class House:
    def __init__(self, folder: Path, bar: str = "") -> None:
        self.bar = bar
        self.clock, self.nursery, self.sink, self.bench = FakeClock(), FakeNursery(), FakeSink(), FakeBench()
        self.dumped: list[int] = []
        self.folder = folder
        self.parent = Parent(
            "erp-worker",
            folder,
            self.clock,
            self.nursery,
            sink=self.sink,
            bench=self.bench,
            limits=Limits(),
            dump=self.dumped.append,
            barred=lambda: self.bar,
        )
        self.parent.tick()

    @property
    def child(self) -> FakeChild:
        return self.nursery.children[-1]

    def say(self, mode: Mode, token: int, phase: str = "", budget_s: float = 5.0) -> None:
        self.child.said.append(Report(mode, token, phase, budget_s=budget_s))

    def pass_seconds(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.clock.advance(TICK_S)
            self.parent.tick()

    def live_idle(self, seconds: int) -> None:
        for _ in range(seconds):
            self.say(Mode.IDLE, 1)
            self.pass_seconds(1)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_an_idle_child_that_speaks_is_left_alone_for_ever(house: House) -> None:
    house.live_idle(300)

    assert len(house.nursery.children) == 1


def test_an_idle_child_that_falls_mute_is_replaced_after_five_seconds(house: House) -> None:
    house.live_idle(3)
    mute = house.child

    house.pass_seconds(3.9)
    assert not mute.was_killed
    house.pass_seconds(0.4)

    assert mute.was_killed
    assert len(house.nursery.children) == 2


def test_a_stalled_job_is_fenced_then_killed_then_handed_back_then_a_fresh_child_starts(house: House) -> None:
    house.live_idle(1)
    house.bench.calls.clear()
    house.say(Mode.BUSY, 2, "posting", budget_s=30.0)
    house.pass_seconds(29)
    assert not house.child.was_killed

    house.pass_seconds(2)

    assert house.nursery.children[0].was_killed
    assert house.bench.calls == ["fence", "hand back"]
    assert house.dumped == [100]
    assert house.child.pid == 101


def test_a_job_that_moves_is_left_alone_however_long_it_lasts(house: House) -> None:
    for token in range(2, 200):
        house.say(Mode.BUSY, token, "posting", budget_s=30.0)
        house.pass_seconds(25)

    assert len(house.nursery.children) == 1


def test_a_stopped_child_is_replaced_at_once(house: House) -> None:
    house.live_idle(1)
    house.child.now = Life.STOPPED

    house.pass_seconds(TICK_S)

    assert len(house.nursery.children) == 2


def test_a_child_that_was_of_use_is_replaced_at_once_when_it_exits(house: House) -> None:
    house.live_idle(1)
    house.child.now = Life.EXITED

    house.pass_seconds(TICK_S)

    assert len(house.nursery.children) == 2


def test_the_last_words_of_a_child_that_was_of_use_are_heard_before_it_is_judged(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies_speaking() -> Life:
        house.say(Mode.BUSY, 2, "beginning")
        return Life.EXITED

    monkeypatch.setattr(house.child, "life", dies_speaking)

    house.pass_seconds(TICK_S)

    assert len(house.nursery.children) == 2


def test_children_that_never_get_anywhere_are_started_ever_more_slowly_but_for_ever(house: House) -> None:
    starts = []
    for _ in range(6000):
        house.child.now = Life.EXITED
        before = len(house.nursery.children)
        house.pass_seconds(TICK_S)
        if len(house.nursery.children) > before:
            starts.append(house.clock.ticks())

    pauses = [round(later - earlier) for earlier, later in pairwise(starts)]
    assert pauses[:6] == [2, 4, 8, 16, 32, 60]
    assert set(pauses[6:]) == {60}


def test_while_redis_is_away_nobody_is_killed_and_afterwards_the_silence_begins_anew(house: House) -> None:
    house.live_idle(1)
    house.sink.is_away = True
    house.pass_seconds(600)
    assert len(house.nursery.children) == 1

    house.sink.is_away = False
    house.pass_seconds(4)
    house.live_idle(5)

    assert len(house.nursery.children) == 1


def test_a_child_that_exits_while_redis_is_away_is_replaced(house: House) -> None:
    house.live_idle(1)
    house.sink.is_away = True
    house.pass_seconds(2)

    house.child.now = Life.EXITED
    house.pass_seconds(TICK_S)

    assert len(house.nursery.children) == 2


def test_a_machine_that_slept_for_eight_hours_is_no_reason_to_kill(house: House) -> None:
    house.live_idle(2)

    house.clock.advance(8 * 3600)
    house.parent.tick()
    house.live_idle(5)

    assert len(house.nursery.children) == 1


def test_beats_come_each_second_to_the_file_and_to_redis(house: House) -> None:
    house.sink.beats.clear()
    house.live_idle(10)

    assert len(house.sink.beats) == 10
    assert [beat.seq for beat in house.sink.beats] == list(range(2, 12))
    written = json.loads((house.folder / "erp-worker.json").read_text())
    assert (written["mode"], written["child_pid"], written["generation"]) == ("idle", 100, 1)


def test_a_redis_that_is_away_silences_no_file(house: House) -> None:
    house.sink.is_away = True
    house.live_idle(5)

    assert json.loads((house.folder / "erp-worker.json").read_text())["seq"] == 6


def test_totals_stay_in_the_beats_until_new_ones_come(house: House) -> None:
    house.child.said.append(Report(Mode.IDLE, 1, totals={"posted": 7}))
    house.pass_seconds(1)
    house.say(Mode.BUSY, 2, "posting", 30.0)
    house.pass_seconds(1)

    assert house.sink.beats[-1].totals == {"posted": 7}


def test_what_a_job_left_running_is_ended_after_it(house: House) -> None:
    house.say(Mode.BUSY, 2, "posting", 30.0)
    house.pass_seconds(1)
    house.child.leftovers = 3
    house.pass_seconds(1)
    assert house.child.leftovers == 3

    house.live_idle(1)

    assert house.child.leftovers == 0


@pytest.mark.parametrize("order", [Order.DRAIN, Order.STOP])
def test_an_order_to_end_lets_the_child_end_and_starts_no_other(house: House, order: Order) -> None:
    house.live_idle(1)
    house.sink.order = order
    house.live_idle(2)
    assert house.child.was_asked
    assert not house.parent.is_done

    house.child.now = Life.EXITED
    house.pass_seconds(5)

    assert house.parent.is_done
    assert len(house.nursery.children) == 1


def test_an_order_to_dump_leaves_the_child_at_work(house: House) -> None:
    house.sink.order = Order.DUMP
    house.live_idle(2)

    assert house.dumped == [100]
    assert not house.child.was_killed


def test_closing_ends_the_child_by_force_and_hands_its_work_back(house: House) -> None:
    house.live_idle(1)
    house.bench.calls.clear()

    house.parent.close()

    assert house.child.was_killed
    assert house.bench.calls == ["fence", "hand back"]


def test_stranded_jobs_are_looked_for_every_ten_seconds_but_not_while_redis_is_away(house: House) -> None:
    house.live_idle(31)
    assert house.bench.vouched == [100, 100, 100]

    house.sink.is_away = True
    house.live_idle(60)
    assert house.bench.vouched == [100, 100, 100]

    house.sink.is_away = False
    house.live_idle(5)
    assert house.bench.vouched == [100, 100, 100, 100]


def test_a_child_is_asked_to_end_once_for_a_second_time_would_cut_its_job_short(house: House) -> None:
    asked = []
    house.child.ask_to_end = lambda: asked.append(1)  # type: ignore[method-assign]

    house.parent.end()
    house.parent.end()

    assert asked == [1]


def test_a_beat_says_whether_it_is_blind_and_how_often_work_has_failed(house: House) -> None:
    house.child.said.append(Report(Mode.IDLE, 1, failures=2))
    house.sink.is_away = True
    house.pass_seconds(1.5)
    house.sink.is_away = False
    house.pass_seconds(2.5)

    assert [beat.failures for beat in house.sink.beats][-1] == 2
    assert len({beat.boot_id for beat in house.sink.beats}) == 1
    assert True in {beat.is_blind for beat in house.sink.beats}


def test_the_child_that_a_dead_parent_has_left_is_ended_first(tmp_path: Path, until: Until) -> None:
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as left:
        beat = {"v": 1, "child_pid": left.pid, "child_born": psutil.Process(left.pid).create_time()}
        (tmp_path / "erp-worker.json").write_text(json.dumps(beat))

        House(tmp_path)

        until(lambda: left.poll() is not None, 10.0)


def test_a_process_that_has_its_number_by_chance_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as other:
        beat = {"v": 1, "child_pid": other.pid, "child_born": psutil.Process(other.pid).create_time() - 100}
        (tmp_path / "erp-worker.json").write_text(json.dumps(beat))

        House(tmp_path)

        assert other.poll() is None
        other.kill()


def test_while_a_bar_stands_no_child_starts_and_the_parent_beats_on(tmp_path: Path) -> None:
    house = House(tmp_path, "restore unfinished")
    house.pass_seconds(120)
    assert house.nursery.children == []
    assert house.sink.beats[-1].phase == "restore unfinished"
    assert house.sink.beats[-1].mode is Mode.IDLE
    assert len(house.sink.beats) > 100

    house.bar = ""
    house.pass_seconds(1.1)
    assert len(house.nursery.children) == 1


def test_a_child_that_has_done_its_one_job_is_followed_at_once_and_nothing_is_taken_for_a_failure(house: House) -> None:
    for _ in range(20):
        house.child.said.append(Report(Mode.BUSY, 3, "ending", budget_s=10.0, is_last=True))
        house.child.now = Life.EXITED
        house.pass_seconds(1)

    assert len(house.nursery.children) == 21
    assert all(child.was_killed for child in house.nursery.children[:-1])
    assert house.bench.calls == ["hand back"] * 21
    assert {beat.failures for beat in house.sink.beats} == {0}


def test_a_child_that_says_it_is_done_is_ended_at_once_and_is_no_evidence_of_anything(house: House) -> None:
    house.child.said.append(Report(Mode.BUSY, 3, "ending", budget_s=10.0, is_last=True))

    house.pass_seconds(TICK_S)

    assert house.nursery.children[0].was_killed
    assert len(house.nursery.children) == 2
    assert house.dumped == []


def test_without_a_child_a_tick_takes_its_whole_time(tmp_path: Path) -> None:
    house = House(tmp_path, "restore unfinished")
    before = house.clock.ticks()

    house.parent.wait()

    assert house.clock.ticks() - before == pytest.approx(TICK_S)


def test_when_a_job_begins_the_next_child_may_get_ready_and_once_a_job(house: House) -> None:
    house.live_idle(3)
    assert house.nursery.prepared == 0

    for token in (2, 3):
        house.say(Mode.BUSY, token, "posting")
        house.pass_seconds(1)
    assert house.nursery.prepared == 1

    house.live_idle(2)
    house.say(Mode.BUSY, 4, "posting")
    house.pass_seconds(1)
    assert house.nursery.prepared == 2
