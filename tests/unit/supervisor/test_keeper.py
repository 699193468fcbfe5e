"""The keeper carries out what the policy decides, remembers it, and takes over what runs."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from jikimi.runtime.port import Running, UnitSpec
from jikimi.supervisor.events import Act, Asked, Do, Note, Op, Seen, Step
from jikimi.supervisor.hands import Hands
from jikimi.supervisor.keeper import Keeper, wants_in
from jikimi.supervisor.rules import Limits, Rule
from jikimi.supervisor.standing import state_of
from jikimi.supervisor.state import State
from jikimi.supervisor.watched import Sight, Watched
from jikimi.testing.clock import FakeClock
from jikimi.testing.runtime import FakeRuntime
from tests.conftest import Until

_WITHIN_S = 10.0


class Eyes:
    """A watch that sees what a test tells it."""

    def __init__(self) -> None:
        self.is_ready, self.is_mute, self.signs = True, False, 0

    def look(self, pid: int) -> Sight:
        self.signs += not self.is_mute
        return Sight(Seen(sign=str(self.signs), is_ready=self.is_ready), {"pid": pid, "phase": "x"})


class Notes:
    def __init__(self) -> None:
        self.all: list[Note] = []

    def write(self, note: Note, sight: Sight | None) -> None:
        self.all.append(note)

    def steps(self) -> list[Step]:
        return [note.step for note in self.all]


class Room:
    def __init__(self, folder: Path, until: Until) -> None:
        self.folder, self._until = folder, until
        self.runtime, self.clock, self.notes = FakeRuntime(), FakeClock(), Notes()
        self.eyes = {name: Eyes() for name in ("redis", "worker")}
        self.fenced: list[str] = []
        self.asked: list[Asked] = []
        self.hold = ""
        self.hire()

    def hire(self) -> None:
        rules = [Rule("redis", beats=False), Rule("worker", after=("redis",), needs=("redis",), takes_work=True)]
        rules = [rule for rule in rules if rule.name in self.eyes]
        specs = [UnitSpec(rule.name, ["x"], self.folder / rule.name) for rule in rules]
        units = [Watched(spec, rule, self.eyes[rule.name]) for spec, rule in zip(specs, rules, strict=True)]
        self.rules = rules
        self.hands = Hands(self.runtime, specs, self.folder / "units.json", fence=self.fenced.append)
        self.keeper = Keeper(
            units,
            self.runtime,
            self.hands,
            self.clock,
            memory=self.folder / "keeper.json",
            notebook=self.notes,
            limits=Limits(),
            orders=self._take,
            hold=lambda: self.hold,
        )

    def _take(self) -> list[Asked]:
        asked, self.asked = self.asked, []
        return asked

    def tick_until(self, condition: Callable[[], object]) -> None:
        """Let half seconds pass until it holds; what the hands do meanwhile takes real time."""

        def ticked() -> object:
            self.clock.advance(0.5)
            self.keeper.tick()
            flights = [unit.flight for unit in self.keeper.stack.units.values() if unit.flight]
            if flights:
                self._until(lambda: not self.hands.done.empty(), _WITHIN_S)
            return condition()

        self._until(ticked, _WITHIN_S)

    def states(self) -> dict[str, State]:
        stack = self.keeper.stack
        return {rule.name: state_of(stack.units[rule.name], rule, stack) for rule in self.rules}

    def all_well(self) -> bool:
        return set(self.states().values()) == {State.HEALTHY}

    def start(self) -> None:
        self.tick_until(self.all_well)

    def kill(self, name: str) -> None:
        self.runtime.kill(self.hands.running[name])


@pytest.fixture
def room(tmp_path: Path, until: Until) -> Room:
    return Room(tmp_path, until)


def test_units_are_started_in_their_order(room: Room) -> None:
    room.start()

    assert room.runtime.started == ["redis", "worker"]
    assert room.notes.all == []


def test_what_dies_is_started_again_after_it_was_fenced(room: Room) -> None:
    room.start()
    room.kill("worker")

    room.tick_until(lambda: Step.RECOVERED in room.notes.steps())

    assert room.runtime.started == ["redis", "worker", "worker"]
    assert room.fenced == ["worker"]
    assert room.notes.steps() == [Step.BEGAN, Step.ACTED, Step.RECOVERED]


def test_what_is_silent_is_stopped_and_started(room: Room) -> None:
    room.start()
    room.eyes["worker"].is_mute = True

    room.tick_until(lambda: room.fenced)
    room.eyes["worker"].is_mute = False
    room.tick_until(room.all_well)

    assert room.runtime.stopped == ["worker"]
    assert room.runtime.started == ["redis", "worker", "worker"]


def test_the_intent_is_written_before_it_is_carried_out(room: Room) -> None:
    room.start()
    room.kill("worker")
    written: list[object] = []
    room.hands.do = lambda act: written.append(  # type: ignore[method-assign]
        json.loads((room.folder / "keeper.json").read_text())["stack"]["units"][act.unit]["flight"]["number"]
        == act.number
    )

    room.clock.advance(0.5)
    room.keeper.tick()

    assert written == [True]


def test_the_next_keeper_takes_over_and_starts_nothing_twice(room: Room) -> None:
    room.start()
    restarts = room.keeper.stack.units["worker"].restarts

    room.hire()
    room.tick_until(room.all_well)

    assert room.runtime.started == ["redis", "worker"]
    assert room.keeper.stack.units["worker"].restarts == restarts


def test_what_is_no_longer_part_of_the_stack_is_remembered_by_nobody(room: Room) -> None:
    room.start()
    del room.eyes["worker"]

    room.hire()
    room.keeper.tick()

    assert list(wants_in(room.folder / "keeper.json")) == ["redis"]


def test_what_was_started_but_not_remembered_is_found(room: Room) -> None:
    room.start()
    (room.folder / "units.json").unlink()
    (room.folder / "keeper.json").unlink()

    room.hire()
    room.tick_until(room.all_well)

    assert room.runtime.started == ["redis", "worker"]


def test_a_keeper_that_died_between_stop_and_start_is_finished_by_the_next(room: Room) -> None:
    room.start()
    room.eyes["worker"].is_mute = True
    room.hands.do = lambda act: room.runtime.stop(room.hands.running[act.unit], 0)  # type: ignore[method-assign]
    for _ in range(12):
        room.clock.advance(0.5)
        room.keeper.tick()
    room.eyes["worker"].is_mute = False

    room.hire()
    room.tick_until(room.all_well)

    assert room.runtime.started == ["redis", "worker", "worker"]


@pytest.mark.parametrize("text", ["", "{}", "null", "[5]", '{"v": 99, "stack": {}}', '{"v": 1, "stack": {"units": 5}}'])
def test_a_memory_that_cannot_be_read_is_begun_anew(room: Room, text: str) -> None:
    room.start()
    (room.folder / "keeper.json").write_text(text)

    room.hire()
    room.tick_until(room.all_well)

    assert room.runtime.started == ["redis", "worker"]


@pytest.mark.parametrize("text", ["", "{}", "null", "[5]", '[{"a": 1}]'])
def test_an_unreadable_list_of_what_runs_starts_nothing_twice(room: Room, text: str) -> None:
    room.start()
    (room.folder / "units.json").write_text(text)

    room.hire()
    room.tick_until(room.all_well)

    assert room.runtime.started == ["redis", "worker"]


def test_a_program_that_is_missing_is_told_and_tried_again(room: Room) -> None:
    room.runtime.missing = {"worker"}
    room.tick_until(lambda: Step.FAILED in room.notes.steps())

    room.runtime.missing = set()
    room.tick_until(room.all_well)

    assert "no such program" in next(note.why for note in room.notes.all if note.step is Step.FAILED)


def test_down_stops_all_and_then_the_stack_is_empty(room: Room) -> None:
    room.start()
    room.asked = [Asked(Op.DOWN, "down")]

    room.tick_until(lambda: room.keeper.is_empty)

    assert room.runtime.stopped == ["worker", "redis"]
    assert set(room.states().values()) == {State.STOPPED}


def test_what_a_person_pauses_says_so(room: Room) -> None:
    room.start()
    room.asked = [Asked(Op.PAUSE, "kim", note="month's end")]

    room.tick_until(lambda: room.states()["worker"] is State.PAUSED)

    asked = next(note for note in room.notes.all if note.step is Step.ASKED)
    assert (asked.why, asked.facts["by"], asked.facts["op"]) == ("month's end", "kim", "pause")
    room.asked = [Asked(Op.RESUME, "kim")]
    room.tick_until(room.all_well)


def test_nothing_is_done_under_a_hold(room: Room) -> None:
    room.start()
    room.hold = "disk"
    room.kill("worker")

    for _ in range(100):
        room.clock.advance(0.5)
        room.keeper.tick()

    assert room.runtime.started == ["redis", "worker"]
    room.hold = ""
    room.tick_until(room.all_well)


def test_a_rest_ends_when_something_has_died(room: Room) -> None:
    room.start()
    room.keeper.rest()
    began = room.clock.ticks()
    room.keeper.tick()
    room.kill("worker")

    room.keeper.rest()

    assert room.clock.ticks() == began


def test_an_action_that_was_given_up_starts_no_second_copy(room: Room, until: Until) -> None:
    room.start()
    running = room.hands.running["worker"]
    may_end, stop = Event(), room.runtime.stop

    def slow(running: Running, grace_s: float) -> None:
        may_end.wait(_WITHIN_S)
        stop(running, grace_s)

    room.runtime.stop = slow  # type: ignore[method-assign]
    room.hands.do(Act("worker", 900, Do.RESTART, 3.0))
    room.hands.do(Act("worker", 901, Do.START, 0.0))
    may_end.set()

    until(lambda: room.hands.done.qsize() == 2, _WITHIN_S)
    assert room.runtime.started == ["redis", "worker", "worker"]
    assert room.hands.running["worker"].pid != running.pid
