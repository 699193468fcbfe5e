"""A world of units in virtual time for the policy: what it does to them has the effects that it would have."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from jikimi.supervisor.events import Act, Asked, Do, Done, Effect, Event, Looked, Note, Op, Seen, Step
from jikimi.supervisor.policy import step as real_step
from jikimi.supervisor.rules import Limits, Rule, Rules
from jikimi.supervisor.state import Stack, Unit, from_json, to_json

StepFunction = Callable[[Stack, Event, Rules], tuple[Stack, list[Effect]]]
FAR = 1e9
_WRITTEN_EACH = 10


@dataclass
class Body:
    """What a unit really is and does.

    Attributes:
        boot_s: until it is ready. dies_after_s: of each life. is_mute: gives no sign. is_cured: a restart helps.
        works: jobs move on. is_stuck: it has a job that does not.
        says: what is seen of it beside that; gone: the same while it does not run.
    """

    life: int = 0
    runs: bool = False
    age_s: float = 0.0
    boot_s: float = 0.5
    dies_after_s: float = FAR
    is_mute: bool = False
    is_cured: bool = True
    works: bool = False
    is_stuck: bool = False
    budget_s: float = 60.0
    beats: int = 0
    token: int = 0
    says: dict[str, object] = field(default_factory=dict)
    gone: dict[str, object] = field(default_factory=dict)
    stop_takes_s: float = 0.0
    start_takes_s: float = 0.0
    fails_actions: int = 0


class World:
    """Ticks along, feeds the policy, carries out what it answers, and keeps every effect with its time."""

    def __init__(self, *rules: Rule, limits: Limits | None = None, step: StepFunction = real_step) -> None:
        self.rules = Rules(rules, limits or Limits())
        self.step = step
        self.stack = Stack(era="era")
        self.steps = 0
        self.newest: dict[str, int] = {}
        self.bodies = {rule.name: Body() for rule in rules}
        self.now_s = 0.0
        self.hold = ""
        self.acts: list[tuple[float, Act]] = []
        self.notes: list[tuple[float, Note]] = []
        self.flights: list[tuple[float, Act]] = []
        self.checks: list[Callable[[Stack, Event, Stack, list[Effect]], None]] = []

    def unit(self, name: str) -> Unit:
        return self.stack.units[name]

    def feed(self, event: Event) -> None:
        before = self.stack
        self.steps += 1
        if self.steps % _WRITTEN_EACH == 0:
            assert from_json(to_json(before)) == before
        self.stack, effects = self.step(before, event, self.rules)
        for check in self.checks:
            check(before, event, self.stack, effects)
        for effect in effects:
            if isinstance(effect, Note):
                self.notes.append((self.now_s, effect))
                continue
            body = self.bodies[effect.unit]
            takes_s = body.start_takes_s if effect.do is Do.START else body.stop_takes_s + body.start_takes_s
            self.newest[effect.unit] = effect.number
            self.acts.append((self.now_s, effect))
            self.flights.append((self.now_s + takes_s, effect))

    def ask(self, op: Op, *units: str, for_s: float | None = None) -> None:
        self.feed(Asked(op, "tester", units, for_s=for_s))

    def tick(self, dt_s: float = 0.5) -> None:
        """Let time pass for everybody."""
        self.now_s += dt_s
        for body in self.bodies.values():
            self._live(body, dt_s)
        self._land()
        self.feed(Looked(dt_s, {name: self._seen(body) for name, body in self.bodies.items()}, self.hold))

    def run(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.tick()

    def until(self, condition: Callable[[], object], seconds: float) -> float:
        """Tick until it holds, and return how long that took; more than *seconds* fails."""
        began_s = self.now_s
        while not condition():
            assert self.now_s - began_s <= seconds, f"not within {seconds} s"
            self.tick()
        return self.now_s - began_s

    def settle(self, seconds: float = 60.0) -> None:
        """Tick until all units are well, and forget what was done until then."""
        self.until(self.all_well, seconds)
        self.acts.clear()
        self.notes.clear()

    def all_well(self) -> bool:
        units = self.stack.units.values()
        return bool(units) and all(unit.well_s is not None and unit.cause is None for unit in units)

    def is_well(self, name: str) -> bool:
        unit = self.unit(name)
        return unit.well_s is not None and unit.cause is None and unit.incident is None

    def until_healed(self, name: str, seconds: float) -> float:
        """Tick until another life of the unit is well, and return how long that took."""
        life = self.unit(name).life
        return self.until(lambda: self.unit(name).life not in ("", life) and self.is_well(name), seconds)

    def alive(self) -> list[str]:
        return [name for name, body in self.bodies.items() if body.runs]

    def told(self) -> list[tuple[str, Step]]:
        return [(note.unit, note.step) for _, note in self.notes if note.tells]

    def incident_acts(self, name: str = "") -> list[tuple[float, Act]]:
        return [(at, act) for at, act in self.acts if not act.is_planned and name in ("", act.unit)]

    def kill(self, name: str) -> None:
        self.bodies[name].runs = False

    def hang(self, *names: str) -> None:
        for name in names:
            self.bodies[name].is_mute = True

    def _live(self, body: Body, dt_s: float) -> None:
        if not body.runs:
            return
        body.age_s += dt_s
        if body.age_s > body.dies_after_s:
            body.runs = False
        if not body.is_mute:
            body.beats += 1
            body.token += body.works and body.age_s > body.boot_s

    def _land(self) -> None:
        due = [flight for flight in self.flights if flight[0] <= self.now_s]
        self.flights = [flight for flight in self.flights if flight[0] > self.now_s]
        for _, act in due:
            body = self.bodies[act.unit]
            if act.number != self.newest[act.unit]:
                self.feed(Done(act.unit, act.number))  # it was given up: the hands carry out only the newest
                continue
            if body.fails_actions:
                body.fails_actions -= 1
                self.feed(Done(act.unit, act.number, ok=False, why="did not work"))
                continue
            if act.do is Do.START:
                assert not body.runs, "a second copy was started"
            body.runs = act.do is not Do.STOP
            if body.runs:
                body.life, body.age_s, body.token = body.life + 1, 0.0, 0
                body.is_mute, body.is_stuck = (body.is_mute, body.is_stuck) if not body.is_cured else (False, False)
            self.feed(Done(act.unit, act.number))

    def _seen(self, body: Body) -> Seen:
        if not body.runs:
            return replace(Seen(), **body.gone)  # type: ignore[arg-type]
        is_ready = body.age_s >= body.boot_s and not body.is_mute
        seen = Seen(
            life=f"life {body.life}",
            sign=f"beat {body.beats}" if body.age_s else "",
            is_ready=is_ready,
            is_busy=body.works or body.is_stuck,
            token=body.token,
            budget_s=body.budget_s,
        )
        return replace(seen, **body.says)  # type: ignore[arg-type]


def one(name: str = "worker", **facts: object) -> Rule:
    return replace(Rule(name), **facts)  # type: ignore[arg-type]


def office() -> tuple[Rule, ...]:
    """The embedded stack."""
    return (
        Rule("redis", beats=False, silent_s=5.0),
        Rule("erp", beats=False, silent_s=20.0),
        Rule("erp-worker", after=("redis", "erp"), needs=("redis",), takes_work=True, grace_s=120.0),
        Rule("scheduler", after=("redis",), needs=("redis",)),
    )
