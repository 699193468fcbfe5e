"""The daily restart: carried out once a day, from its announcement to its report, whoever keeps the stack meanwhile."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jikimi.supervisor.conductor import Conductor, Hall, runs_now
from jikimi.supervisor.events import Asked, Note, Op, Step
from jikimi.supervisor.rules import Rule
from jikimi.supervisor.state import Stack, State, Unit, Wanted
from jikimi.testing.clock import FakeClock

SEOUL = ZoneInfo("Asia/Seoul")
RULES = (Rule("redis"), Rule("erp-worker", takes_work=True), Rule("scheduler"))
NAMES = [rule.name for rule in RULES]
WELL = dict.fromkeys(NAMES, State.HEALTHY)
AT = datetime(2026, 11, 24, 20, 55, tzinfo=UTC)  # 05:55 in Seoul, on the next day


class House:
    """Everything around the conductor, and what it did to it."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.folder, self.clock = folder, clock
        self.asked: list[Asked] = []
        self.notes: list[Note] = []
        self.probes: list[str] = []
        self.cleared = 0
        self.backup_runs = False
        self.outcomes: dict[str, str] = {}
        self.stack = Stack(units={name: Unit(life=f"{name} 1") for name in NAMES})

    def conductor(self) -> Conductor:
        def clear() -> None:
            self.cleared += 1

        hall = Hall(
            ask=self.asked.append,
            write=self.notes.append,
            clear=clear,
            probe=self.probes.append,
            outcome=lambda job: self.outcomes.get(job, "waiting"),
            backup_runs=lambda: self.backup_runs,
        )
        return Conductor(RULES, hall, self.clock, zone=SEOUL, memory=self.folder / "plan.json")

    def tick(self, conductor: Conductor, seconds: float = 3.0, states: Mapping[str, State] = WELL) -> None:
        self.clock.advance(seconds)
        conductor.tick(self.stack, states)

    def live(self, life: int | None) -> None:
        self.stack = Stack(units={name: Unit(life=f"{name} {life}" if life else "") for name in NAMES})

    def ops(self) -> list[tuple[Op, tuple[str, ...]]]:
        return [(asked.op, asked.units) for asked in self.asked]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, FakeClock(AT))


def test_the_timetable_s_restart_of_everything_is_taken_and_nothing_else(house: House) -> None:
    conductor = house.conductor()

    assert conductor.takes(Asked(Op.RESTART, "schedule"))
    assert conductor.takes(Asked(Op.RESTART, "cli", note="schedule: restart"))
    assert not conductor.takes(Asked(Op.RESTART, "cli", note="kim: new printer"))
    assert not conductor.takes(Asked(Op.STOP, "schedule"))
    assert not conductor.takes(Asked(Op.RESTART, "schedule", ("redis",)))


def test_a_good_day_is_announced_first_and_reported_in_the_end(house: House) -> None:
    conductor = house.conductor()
    assert conductor.begin(house.stack)
    house.tick(conductor)
    assert [(note.step, note.tells) for note in house.notes] == [(Step.PLANNED, True)]
    house.live(None)
    house.tick(conductor)
    assert house.ops() == [(Op.PAUSE, ("erp-worker",)), (Op.RESTART, tuple(NAMES))]
    house.live(2)
    house.tick(conductor)
    house.tick(conductor)
    assert (house.cleared, house.probes) == (1, ["erp-ping-restart-20261125055500-1"])
    house.outcomes[house.probes[0]] = "done"
    house.tick(conductor)

    assert [(note.step, note.tells) for note in house.notes] == [(Step.PLANNED, True), (Step.RESTARTED, False)]
    facts: Mapping[str, Any] = house.notes[-1].facts
    assert (facts["units"], facts["total_s"], set(facts["seconds"].values())) == (NAMES, 15.0, {3.0})
    assert not conductor.is_at_work


def test_an_answer_to_an_earlier_restart_of_the_day_proves_nothing_of_this_one(house: House) -> None:
    conductor = house.conductor()
    for life in (2, 3):
        conductor.begin(house.stack, again=True)
        house.tick(conductor)
        house.live(None)
        house.tick(conductor)
        house.live(life)
        house.tick(conductor)
        house.tick(conductor)
        assert conductor.is_at_work
        house.outcomes[house.probes[-1]] = "done"
        house.tick(conductor)

    assert len(set(house.probes)) == 2
    assert not conductor.is_at_work


def test_a_pause_ends_by_itself_should_nobody_be_there_to_end_it(house: House) -> None:
    conductor = house.conductor()
    conductor.begin(house.stack)
    house.tick(conductor)

    assert house.asked[0].for_s == 180.0


def test_it_is_done_once_a_day_also_by_the_next_keeper(house: House) -> None:
    conductor = house.conductor()
    assert conductor.begin(house.stack)
    assert not conductor.begin(house.stack)
    assert not house.conductor().begin(house.stack)
    assert not conductor.begin(house.stack, again=True), "one is under way"

    house.clock.advance(timedelta(days=1).total_seconds())

    assert house.conductor().begin(house.stack)


def test_the_next_keeper_goes_on_where_the_last_one_was(house: House) -> None:
    first = house.conductor()
    first.begin(house.stack)
    house.tick(first)
    second = house.conductor()
    assert second.is_at_work

    house.live(None)
    house.tick(second)

    assert house.ops()[-1] == (Op.RESTART, tuple(NAMES))


def test_what_a_person_has_stopped_or_paused_is_left_out(house: House) -> None:
    units = {**house.stack.units, "scheduler": Unit(wanted=Wanted.STOP), "erp-worker": Unit(wanted=Wanted.PAUSE)}
    house.stack = Stack(units=units)
    conductor = house.conductor()
    conductor.begin(house.stack)
    house.tick(conductor)
    house.tick(conductor)

    assert house.ops() == [(Op.RESTART, ("redis",))]


def test_where_everything_was_stopped_nothing_is_asked_of_anybody(house: House) -> None:
    house.stack = Stack(units=dict.fromkeys(NAMES, Unit(wanted=Wanted.STOP)))
    conductor = house.conductor()
    conductor.begin(house.stack)
    house.tick(conductor)
    house.tick(conductor)

    assert house.asked == []


def test_who_ends_the_stack_in_the_middle_of_it_has_nothing_started_again(house: House) -> None:
    conductor = house.conductor()
    conductor.begin(house.stack)
    house.tick(conductor)
    house.stack = Stack(units=dict.fromkeys(NAMES, Unit()), is_ending=True)

    for _ in range(5):
        house.tick(conductor)

    assert house.ops() == [(Op.PAUSE, ("erp-worker",))]
    assert not conductor.is_at_work
    house.live(3)
    again = house.conductor()
    house.tick(again)
    assert not again.is_at_work


def test_what_a_person_stops_in_the_middle_of_it_stays_stopped_and_is_not_waited_for(house: House) -> None:
    conductor = house.conductor()
    conductor.begin(house.stack)
    house.tick(conductor)
    house.live(None)
    house.stack = Stack(units={**house.stack.units, "scheduler": Unit(wanted=Wanted.STOP)})
    house.tick(conductor)
    assert house.ops()[-1] == (Op.RESTART, ("redis", "erp-worker"))
    house.live(2)
    house.stack = Stack(units={**house.stack.units, "scheduler": Unit(wanted=Wanted.STOP)})
    house.tick(conductor)
    house.tick(conductor, states={**WELL, "scheduler": State.STOPPED})

    assert house.probes


def test_a_synthetic_job_that_failed_is_sent_again_until_one_comes_back_well(house: House) -> None:
    conductor = house.conductor()
    conductor.begin(house.stack)
    house.tick(conductor)
    house.live(None)
    house.tick(conductor)
    house.live(2)
    house.tick(conductor)
    house.tick(conductor)
    house.outcomes[house.probes[-1]] = "failed"
    house.tick(conductor)
    house.tick(conductor, 1.0)
    assert house.probes == ["erp-ping-restart-20261125055500-1", "erp-ping-restart-20261125055500-2"]

    house.tick(conductor, 60.0)

    assert [note.step for note in house.notes] == [Step.PLANNED, Step.NOT_DONE]
    assert house.notes[-1].why == "the synthetic job was not answered"


def test_a_backup_is_waited_for(house: House) -> None:
    house.backup_runs = True
    conductor = house.conductor()
    conductor.begin(house.stack)
    house.tick(conductor, 600.0)
    assert house.asked == []

    house.backup_runs = False
    house.tick(conductor)

    assert house.ops() == [(Op.PAUSE, ("erp-worker",))]


def test_whoever_saves_can_see_that_a_restart_is_under_way(house: House) -> None:
    memory = house.folder / "plan.json"
    assert not runs_now(memory, AT.astimezone(SEOUL))
    house.conductor().begin(house.stack)

    assert runs_now(memory, AT.astimezone(SEOUL))
    assert not runs_now(memory, AT.astimezone(SEOUL) + timedelta(days=1))
    memory.write_text(json.dumps({"day": "x"}))
    assert not runs_now(memory, AT.astimezone(SEOUL))
