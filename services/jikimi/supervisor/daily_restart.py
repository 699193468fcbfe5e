"""The restart of everything that the timetable asks for, phase by phase: a function of what was known and what is seen.

It goes through the policy's own orders, so all that protects a unit protects it here as well. What a person has stopped
or paused is left as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Phase(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    DRAINING = "draining"
    STOPPING = "stopping"
    STARTING = "starting"
    VERIFYING = "verifying"
    DONE = "done"
    FAILED = "failed"


OVER = (Phase.DONE, Phase.FAILED)


class Do(StrEnum):
    """What is to be done next."""

    ANNOUNCE = "announce"
    PAUSE = "pause"
    RESTART = "restart"
    CLEAR = "clear"
    PROBE = "probe"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each phase may take, in seconds.

    Attributes:
        waiting_s: for a backup that runs; after that there is no restart that day, for the two never run at once.
        draining_s: for the running batch to end; what is left of it is handed back and done after the restart.
    """

    waiting_s: float = 3600.0
    draining_s: float = 120.0
    stopping_s: float = 180.0
    starting_s: float = 300.0
    verifying_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is remembered between two looks.

    Attributes:
        units: those that are restarted; workers: those of them that take work.
        age_s: since this phase began; seconds: how long each earlier one took.
        lives: unit -> the life that shall end.
        stamp: tells this restart from another one of the same day. why: of a failure.
    """

    units: tuple[str, ...]
    workers: tuple[str, ...]
    lives: Mapping[str, str]
    phase: Phase = Phase.WAITING
    age_s: float = 0.0
    seconds: Mapping[str, float] = field(default_factory=dict)
    stamp: str = ""
    why: str = ""
    is_announced: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What is seen now.

    Attributes:
        lives: unit -> its present life; "" if none runs.
        well: the units that are healthy.
        has_answered: the synthetic job came back well.
    """

    lives: Mapping[str, str]
    well: frozenset[str] = frozenset()
    backup_runs: bool = False
    has_answered: bool = False


def advance(plan: Plan, scene: Scene, dt_s: float, limits: Limits) -> tuple[Plan, tuple[Do, ...]]:
    """Return the plan after a look, and what is to be done now."""
    plan = replace(plan, age_s=plan.age_s + dt_s)
    match plan.phase:
        case Phase.WAITING:
            return _waiting(plan, scene, limits)
        case Phase.DRAINING:
            return _draining(plan, scene, limits)
        case Phase.STOPPING:
            return _stopping(plan, scene, limits)
        case Phase.STARTING:
            return _starting(plan, scene, limits)
        case Phase.VERIFYING:
            return _verifying(plan, scene, limits)
    return plan, ()


def _waiting(plan: Plan, scene: Scene, limits: Limits) -> tuple[Plan, tuple[Do, ...]]:
    announce = () if plan.is_announced else (Do.ANNOUNCE,)
    plan = replace(plan, is_announced=True)
    if not scene.backup_runs:
        return _next(plan, Phase.DRAINING), (*announce, Do.PAUSE)
    if plan.age_s > limits.waiting_s:
        failed, done = _failed(plan, "a backup still runs")
        return failed, (*announce, *done)
    return plan, announce


def _draining(plan: Plan, scene: Scene, limits: Limits) -> tuple[Plan, tuple[Do, ...]]:
    if any(scene.lives.get(name) for name in plan.workers) and plan.age_s <= limits.draining_s:
        return plan, ()
    return _next(plan, Phase.STOPPING), (Do.RESTART,)


def _stopping(plan: Plan, scene: Scene, limits: Limits) -> tuple[Plan, tuple[Do, ...]]:
    if not any(scene.lives.get(name) == life for name, life in plan.lives.items() if life):
        return _next(plan, Phase.STARTING), (Do.CLEAR,)
    return _late(plan, scene, limits.stopping_s, "still running")


def _starting(plan: Plan, scene: Scene, limits: Limits) -> tuple[Plan, tuple[Do, ...]]:
    if scene.well.issuperset(plan.units):
        return _next(plan, Phase.VERIFYING), (Do.PROBE,)
    return _late(plan, scene, limits.starting_s, "not well")


def _verifying(plan: Plan, scene: Scene, limits: Limits) -> tuple[Plan, tuple[Do, ...]]:
    if scene.has_answered:
        return _next(plan, Phase.DONE), (Do.REPORT,)
    if plan.age_s > limits.verifying_s:
        return _failed(plan, "the synthetic job was not answered")
    return plan, ()


def _late(plan: Plan, scene: Scene, limit_s: float, how: str) -> tuple[Plan, tuple[Do, ...]]:
    if plan.age_s <= limit_s:
        return plan, ()
    left = [
        name
        for name in plan.units
        if (scene.lives.get(name) == plan.lives.get(name) if plan.phase is Phase.STOPPING else name not in scene.well)
    ]
    return _failed(plan, f"{how}: {', '.join(left)}")


def _failed(plan: Plan, why: str) -> tuple[Plan, tuple[Do, ...]]:
    return replace(_next(plan, Phase.FAILED), why=why), (Do.REPORT,)


def _next(plan: Plan, phase: Phase) -> Plan:
    seconds = {**plan.seconds, plan.phase.value: round(plan.age_s, 1)}
    return replace(plan, phase=phase, age_s=0.0, seconds=seconds)
