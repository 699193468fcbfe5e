"""The policy under any trace of faults, orders, sleeps and holds: what must always hold, and that all heals at last."""

from collections import deque

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from jikimi.supervisor.events import Act, Asked, Do, Done, Effect, Event, Looked, Note, Op, Step
from jikimi.supervisor.policy import adopted
from jikimi.supervisor.rules import Limits, Rule
from jikimi.supervisor.state import Stack, Wanted, from_json, to_json
from tests.unit.supervisor.world import FAR, World

_LEAST_STEPS = 100_000
_LIMITS = Limits()
_UNITS = (
    Rule("redis", beats=False),
    Rule("erp", beats=False, silent_s=20.0),
    Rule("worker", after=("redis", "erp"), needs=("redis",), takes_work=True),
    Rule("second", after=("redis",), needs=("redis",), takes_work=True),
    Rule("scheduler", after=("redis",), needs=("redis",)),
    Rule("script", silent_s=60.0, boot_s=30.0, beats=False),
)
_NAMES = [unit.name for unit in _UNITS]
_names = st.sampled_from(_NAMES)
steps = 0


class Watchman:
    """Looks at every step and knows what none may do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.in_vain: dict[str, deque[float]] = {name: deque() for name in _NAMES}
        self.begun: set[str] = set()
        self.told: set[tuple[str, Step]] = set()

    def __call__(self, before: Stack, event: Event, after: Stack, effects: list[Effect]) -> None:
        global steps  # noqa: PLW0603 - counts over all examples
        steps += 1
        for effect in effects:
            if isinstance(effect, Note):
                self._hear(effect)
            else:
                self._allow(before, event, after, effect)
        for name, unit in after.units.items():
            forgiven = isinstance(event, Asked) and event.op in (Op.START, Op.RESTART, Op.RESUME)
            if forgiven or unit.has_fruit:
                self.in_vain[name].clear()
            if unit.probe_s is not None:
                assert 0 <= unit.probe_s <= _LIMITS.longest_probe_s, "a quarantine without an end"
            planned = before.units.get(name)
            if isinstance(event, Asked) and planned is not None:
                assert unit.restarts == planned.restarts, "an order counted as a restart"
        if not isinstance(event, Looked):
            assert not any(isinstance(effect, Act) for effect in effects), "acted without looking"
        if isinstance(event, Done):
            assert all(unit.restarts == before.units[name].restarts for name, unit in after.units.items())
        flights = [unit.flight for unit in after.units.values() if unit.flight]
        assert sum(not flight.is_planned for flight in flights) <= 1, "two incidents are mended at once"

    def _hear(self, note: Note) -> None:
        if note.step is Step.BEGAN:
            self.begun.add(note.incident)
        if note.tells:
            assert (note.incident, note.step) not in self.told or not note.incident, "told twice"
            self.told.add((note.incident, note.step))

    def _allow(self, before: Stack, event: Event, after: Stack, act: Act) -> None:
        unit = after.units[act.unit]
        assert isinstance(event, Looked)
        flight = before.units[act.unit].flight if act.unit in before.units else None
        assert flight is None, "two actions on one unit"
        if act.do is not Do.STOP:
            assert unit.wanted is Wanted.RUN, "what a person stopped was started"
            assert not after.is_ending
        if act.do is Do.START:
            assert not event.units[act.unit].life, "a second copy"
        if act.is_planned:
            return
        assert not after.hold, "acted under a hold"
        assert unit.incident is not None
        assert unit.incident.id in self.begun, "acted without an incident"
        self._count(act.unit, was_in_vain=not unit.has_fruit and unit.probe_s is None)

    def _count(self, name: str, *, was_in_vain: bool) -> None:
        recent = self.in_vain[name]
        if not was_in_vain:
            return
        recent.append(self.world.now_s)
        while recent[0] <= self.world.now_s - _LIMITS.window_s:
            recent.popleft()


class Supervision(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World(*_UNITS)
        self.watchman = Watchman(self.world)
        self.world.checks.append(self.watchman)

    @rule(seconds=st.sampled_from([2, 20, 70, 400, 900]))
    def time_passes(self, seconds: float) -> None:
        self.world.run(seconds)

    @rule(name=_names)
    def it_dies(self, name: str) -> None:
        self.world.kill(name)

    @rule(names=st.lists(_names, min_size=1, max_size=4), is_cured=st.booleans())
    def they_hang(self, names: list[str], *, is_cured: bool) -> None:
        for name in names:
            self.world.bodies[name].is_mute = True
            self.world.bodies[name].is_cured = is_cured

    @rule(name=_names)
    def its_job_sticks(self, name: str) -> None:
        self.world.bodies[name].is_stuck, self.world.bodies[name].works = True, False

    @rule(name=_names)
    def it_works(self, name: str) -> None:
        self.world.bodies[name].works = True

    @rule(name=_names, boot_s=st.sampled_from([0.5, 5.0, 50.0]), dies_after_s=st.sampled_from([0.4, 3.0, 100.0]))
    def it_loops(self, name: str, boot_s: float, dies_after_s: float) -> None:
        self.world.bodies[name].boot_s, self.world.bodies[name].dies_after_s = boot_s, dies_after_s

    @rule(name=_names, seconds=st.sampled_from([0.0, 3.0, 40.0]), fails=st.integers(0, 2))
    def acting_is_hard(self, name: str, seconds: float, fails: int) -> None:
        self.world.bodies[name].stop_takes_s, self.world.bodies[name].fails_actions = seconds, fails

    @rule(name=_names, says=st.sampled_from([{}, {"is_blind": True}, {"leaves_work": True}, {"failures": 3}]))
    def it_says(self, name: str, says: dict[str, object]) -> None:
        self.world.bodies[name].says = says

    @rule(name=_names)
    def it_is_mended(self, name: str) -> None:
        self._mend(name)

    @rule(seconds=st.sampled_from([4.9, 5.1, 60.0, 8 * 3600.0]))
    def the_machine_sleeps(self, seconds: float) -> None:
        self.world.tick(seconds)

    @rule(hold=st.sampled_from(["disk", "engine"]))
    def something_forbids(self, hold: str) -> None:
        self.world.hold = hold

    @rule()
    def nothing_forbids(self) -> None:
        self.world.hold = ""

    @rule(op=st.sampled_from(list(Op)), names=st.lists(_names, max_size=2), for_s=st.sampled_from([None, 5.0, 600.0]))
    def a_person_asks(self, op: Op, names: list[str], for_s: float | None) -> None:
        self.world.ask(op, *names, for_s=for_s)

    @rule()
    def another_keeper_takes_over(self) -> None:
        self.world.flights.clear()
        self.world.stack = adopted(from_json(to_json(self.world.stack)), self.world.alive())

    @precondition(lambda self: not self.world.hold)
    @rule()
    def all_heals_in_the_end(self) -> None:
        for name in _NAMES:
            self._mend(name)
        self.world.ask(Op.MAINTENANCE, for_s=0.0)
        self.world.ask(Op.START)
        self.world.ask(Op.RESUME)
        self.world.until(self.world.all_well, _LIMITS.longest_probe_s + 120.0)

    def _mend(self, name: str) -> None:
        body = self.world.bodies[name]
        body.is_mute = body.is_stuck = False
        body.is_cured, body.boot_s, body.dies_after_s, body.says = True, 0.5, FAR, {}
        body.stop_takes_s, body.fails_actions = 0.0, 0

    def teardown(self) -> None:
        for recent in self.watchman.in_vain.values():
            assert len(recent) <= _LIMITS.most_fruitless + _TRIALS


_TRIALS = 1


@pytest.mark.timeout(900)  # it steps a hundred thousand times
def test_supervision_under_any_trace() -> None:
    quiet = settings(
        max_examples=200,
        stateful_step_count=30,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Supervision, settings=quiet)

    assert steps >= _LEAST_STEPS
