"""The keeper starts in order, starts again what exits, and never calls the dead healthy."""

from pathlib import Path

import pytest

from jikimi.embedded.part import Part
from jikimi.runtime.port import UnitSpec
from jikimi.supervisor.keeper import Keeper, Kept, NotReady, State
from jikimi.testing.clock import FakeClock
from jikimi.testing.runtime import FakeRuntime


class Room:
    def __init__(self, folder: Path, *names: str) -> None:
        self.runtime, self.clock, self.known = FakeRuntime(), FakeClock(), folder / "units.json"
        self.is_ready, self.names, self.folder = True, names, folder
        self.keeper = self.hire()

    def hire(self) -> Keeper:
        parts = [Part(UnitSpec(name, ["x"], self.folder / name), lambda _: self.is_ready) for name in self.names]
        return Keeper(parts, self.runtime, self.clock, self.known)

    def kill(self, unit: Kept) -> None:
        assert unit.running is not None
        self.runtime.kill(unit.running)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path, "redis", "erp")


def test_units_start_in_their_order_and_stop_in_reverse(room: Room) -> None:
    room.keeper.start_all(lambda _: None)
    room.keeper.stop_all()

    assert room.runtime.started == ["redis", "erp"]
    assert room.runtime.stopped == ["erp", "redis"]
    assert {unit.state for unit in room.keeper.units} == {State.STOPPED}


def test_nothing_is_started_after_a_unit_that_does_not_become_ready(room: Room) -> None:
    room.is_ready = False

    with pytest.raises(NotReady):
        room.keeper.start_all(lambda _: None)

    assert room.runtime.started == ["redis"]
    assert 60 <= room.clock.ticks() < 61


def test_what_was_ready_is_started_again_at_once_even_after_a_pause(room: Room) -> None:
    room.keeper.start_all(lambda _: None)
    unit = room.keeper.units[0]
    unit.back_off_s = 32.0
    room.clock.advance(3)
    room.kill(unit)

    room.keeper.look()

    assert (unit.state, unit.restarts, unit.back_off_s) == (State.RECOVERING, 1, 0.0)
    assert unit.running is not None
    assert room.runtime.is_running(unit.running)


def test_the_pause_doubles_up_to_a_minute_while_it_exits_before_it_is_ready(room: Room) -> None:
    room.keeper.start_all(lambda _: None)
    unit = room.keeper.units[0]
    room.is_ready = False
    waits = []
    for _ in range(10):
        room.kill(unit)
        began, restarts = room.clock.ticks(), unit.restarts
        room.keeper.look()
        while unit.restarts == restarts:
            room.clock.advance(1)
            room.keeper.look()
        waits.append(room.clock.ticks() - began)

    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_what_a_killed_keeper_left_behind_is_ended_first(room: Room) -> None:
    room.keeper.start_all(lambda _: None)

    room.hire().start_all(lambda _: None)

    assert room.runtime.stopped == ["erp", "redis"]
    assert [spec.name for spec in room.runtime.alive.values()] == ["redis", "erp"]


@pytest.mark.parametrize("text", ["", "{}", "null", "[5]", '[{"a": 1}]'])
def test_an_unreadable_memory_of_what_ran_stops_nothing(room: Room, text: str) -> None:
    room.known.write_text(text)

    room.keeper.start_all(lambda _: None)

    assert room.runtime.started == ["redis", "erp"]
