"""The keeper where others start and stop units as well: the engine and people."""

from pathlib import Path

import pytest

from jikimi.runtime.port import Circumstances
from jikimi.supervisor.events import Step
from jikimi.supervisor.state import State
from tests.conftest import Until
from tests.unit.supervisor.test_keeper import Room


@pytest.fixture
def room(tmp_path: Path, until: Until) -> Room:
    room = Room(tmp_path, until)
    room.runtime.is_shared = True
    room.start()
    return room


def restarted_by_the_engine(room: Room, name: str) -> None:
    room.kill(name)
    room.runtime.start(next(spec for spec in room.hands._specs.values() if spec.name == name))


def test_what_died_and_was_started_by_the_engine_between_two_looks_is_an_incident(room: Room) -> None:
    restarted_by_the_engine(room, "worker")

    room.tick_until(lambda: Step.RECOVERED in room.notes.steps())

    assert room.notes.steps()[:2] == [Step.BEGAN, Step.ACTED]


def test_what_a_person_starts_is_taken_over(room: Room) -> None:
    room.runtime.said["worker"] = Circumstances(is_set_aside=True)
    room.kill("worker")
    room.tick_until(lambda: room.states()["worker"] is State.STOPPED)
    room.runtime.said.clear()

    room.runtime.start(room.hands._specs["worker"])
    room.tick_until(room.all_well)

    assert room.runtime.started.count("worker") == 2


@pytest.mark.parametrize("hold", ["engine", "settling"])
def test_an_engine_that_was_away_is_believed_when_it_is_back(room: Room, hold: str) -> None:
    room.hold = hold
    for name in ("redis", "worker"):
        restarted_by_the_engine(room, name)
    for _ in range(4):
        room.clock.advance(0.5)
        room.keeper.tick()
    room.hold = ""

    room.tick_until(room.all_well)

    assert {note.step for note in room.notes.all} <= {Step.HELD, Step.RELEASED}


def test_what_stayed_down_while_the_engine_was_away_is_started_when_it_is_back(room: Room) -> None:
    room.hold = "engine"
    room.kill("worker")
    for _ in range(20):
        room.clock.advance(0.5)
        room.keeper.tick()
    assert room.runtime.started.count("worker") == 1

    room.hold = ""
    room.tick_until(lambda: Step.RECOVERED in room.notes.steps())

    assert room.runtime.started.count("worker") == 2
