"""Conducts the daily restart: carries out what its phases ask for, and remembers how far it is."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from pydantic import TypeAdapter

from jikimi.clock import Clock
from jikimi.supervisor.daily_restart import OVER, Do, Limits, Phase, Plan, Scene, advance
from jikimi.supervisor.events import Asked, Note, Op, Step
from jikimi.supervisor.rules import Rule
from jikimi.supervisor.state import Stack, State, Unit, Wanted

log = structlog.get_logger()
BY = "schedule"
_ALL = ""
_LONGER_S = 60.0  # the pause ends by itself should nobody be there to end it
_ASKED_EACH_S = 2.0
_PLAN = TypeAdapter(Plan)


@dataclass(frozen=True, slots=True)
class Hall:
    """What the conductor can do.

    Attributes:
        ask: gives an order to the policy. write: keeps a note, and tells a person where it says so.
        clear: removes what a stop leaves behind.
        probe: sends the synthetic job with this id; outcome: says how the job with this id stands. Neither raises.
        backup_runs: whether a backup is under way.
    """

    ask: Callable[[Asked], None]
    write: Callable[[Note], None]
    clear: Callable[[], None]
    probe: Callable[[str], None]
    outcome: Callable[[str], str]
    backup_runs: Callable[[], bool]


class Conductor:
    """Restarts *rules*' units once a day, when it is asked to.

    Args:
        memory: the file with the plan, so that the next keeper goes on with it.
    """

    def __init__(
        self,
        rules: Collection[Rule],
        hall: Hall,
        clock: Clock,
        *,
        zone: ZoneInfo,
        memory: Path,
        limits: Limits | None = None,
    ) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._hall, self._clock, self._zone, self._memory = hall, clock, zone, memory
        self._limits = limits or Limits()
        self._day, self._plan = _recall(memory)
        if self._day != self._today():
            self._plan = None
        self._looked_at = self._asked_at = clock.ticks()
        self._probes = 0

    @property
    def is_at_work(self) -> bool:
        """Whether a restart is under way."""
        return self._plan is not None and self._plan.phase not in OVER

    def takes(self, asked: Asked) -> bool:
        """Return whether *asked* is the timetable's restart of everything, which is not the policy's alone."""
        is_planned = asked.by == BY or asked.note == f"{BY}: restart"  # a person may have it done now
        return asked.op is Op.RESTART and is_planned and not asked.units

    def begin(self, stack: Stack, *, again: bool = False) -> bool:
        """Begin, unless it was done today; what a person has stopped or paused is left out.

        Args:
            again: also if it was.
        """
        today = self._today()
        if self.is_at_work or (self._day == today and not again):
            log.info("daily_restart.known", day=today.isoformat())
            return False
        wanted = [name for name in self._rules if name in stack.units and stack.units[name].wanted is Wanted.RUN]
        workers = tuple(name for name in wanted if self._rules[name].takes_work)
        self._day = today
        lives = {name: stack.units[name].life for name in wanted}
        # an answer to the synthetic job of an earlier restart proves nothing of this one
        self._plan = Plan(tuple(wanted), workers, lives, stamp=f"{self._now():%Y%m%d%H%M%S}")
        self._looked_at, self._probes = self._clock.ticks(), 0
        self._remember()
        return True

    def tick(self, stack: Stack, states: Mapping[str, State]) -> None:
        """Look once, and do what the phase asks for."""
        if self._plan is None or self._plan.phase in OVER:
            return
        if stack.is_ending:  # whoever ends the stack wants no part of it started again
            self._plan = replace(self._plan, phase=Phase.FAILED, why="the stack was ended")
            self._remember()
            return
        now = self._clock.ticks()
        dt_s, self._looked_at = now - self._looked_at, now
        before = self._plan
        self._plan, done = advance(before, self._scene(before, stack, states), dt_s, self._limits)
        if self._plan.phase is not before.phase:
            log.info("daily_restart.moved", phase=self._plan.phase.value, after_s=round(before.age_s + dt_s, 1))
            self._remember()
        for do in done:
            self._do(do, self._plan, stack)

    def _scene(self, plan: Plan, stack: Stack, states: Mapping[str, State]) -> Scene:
        lives = {name: stack.units[name].life for name in plan.units if name in stack.units}
        rests = {name for name in plan.units if name not in lives or _rests(stack.units[name])}
        well = frozenset(name for name in plan.units if states.get(name) is State.HEALTHY or name in rests)
        backup_runs = plan.phase is Phase.WAITING and self._hall.backup_runs()
        return Scene(lives, well, backup_runs, plan.phase is Phase.VERIFYING and self._has_answered(plan))

    def _has_answered(self, plan: Plan) -> bool:
        """Return whether the last synthetic job came back well; one that failed is sent again."""
        if self._clock.ticks() - self._asked_at < _ASKED_EACH_S:
            return False
        self._asked_at = self._clock.ticks()
        outcome = self._hall.outcome(self._job(plan)) if self._probes else "gone"
        if outcome not in ("waiting", "running", "done"):
            self._probe(plan)
        return outcome == "done"

    def _do(self, do: Do, plan: Plan, stack: Stack) -> None:
        stopped = [name for name, unit in stack.units.items() if unit.wanted is Wanted.STOP and not unit.comes_back]
        units = tuple(name for name in plan.units if name not in stopped)
        match do:
            case Do.ANNOUNCE:
                self._note(Step.PLANNED, {"units": list(plan.units)})
            case Do.PAUSE if plan.workers:  # an order that names nobody concerns all
                for_s = self._limits.draining_s + _LONGER_S
                self._hall.ask(Asked(Op.PAUSE, BY, plan.workers, "daily restart", for_s))
            case Do.RESTART if units:
                self._hall.ask(Asked(Op.RESTART, BY, units, "daily restart"))
            case Do.CLEAR:
                self._hall.clear()
            case Do.PROBE:
                self._probe(plan)
            case Do.REPORT:
                self._report(plan)

    def _probe(self, plan: Plan) -> None:
        self._probes += 1
        self._asked_at = self._clock.ticks()
        self._hall.probe(self._job(plan))

    def _job(self, plan: Plan) -> str:
        return f"erp-ping-restart-{plan.stamp}-{self._probes}"

    def _report(self, plan: Plan) -> None:
        total_s = round(sum(plan.seconds.values()), 1)
        facts = {"units": list(plan.units), "seconds": dict(plan.seconds), "total_s": total_s, "why": plan.why}
        log.info("daily_restart.ended", outcome=plan.phase.value, **facts)
        self._note(Step.NOT_DONE if plan.phase is Phase.FAILED else Step.RESTARTED, facts)

    def _note(self, step: Step, facts: Mapping[str, object]) -> None:
        why = str(facts.get("why", ""))
        self._hall.write(Note(_ALL, step, why=why, tells=step is not Step.RESTARTED, facts=facts))

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._zone)

    def _today(self) -> date:
        return self._now().date()

    def _remember(self) -> None:
        plan = _PLAN.dump_python(self._plan, mode="json") if self._plan else None
        partial = self._memory.with_suffix(".partial")
        try:
            partial.write_text(json.dumps({"v": 1, "day": f"{self._day}", "plan": plan}), encoding="utf-8")
            partial.replace(self._memory)
        except OSError as error:  # at worst it is begun a second time today
            log.warning("memory.not_written", why=str(error))


def _rests(unit: Unit) -> bool:
    """Whether a person has stopped or paused it meanwhile."""
    return unit.wanted is not Wanted.RUN and not unit.comes_back


def _recall(memory: Path) -> tuple[date | None, Plan | None]:
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
        return date.fromisoformat(found["day"]), _PLAN.validate_python(found["plan"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def runs_now(memory: Path, today: datetime) -> bool:
    """Return whether a restart is under way, as its memory tells: a backup does not begin meanwhile."""
    day, plan = _recall(memory)
    return plan is not None and plan.phase not in OVER and day == today.date()
