"""What the policy is told, and what it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# The holds while what runs the units does not answer, or has just come back: what is known of them is old then.
ENGINE, SETTLING = "engine", "settling"
UNSEEN = (ENGINE, SETTLING)


class Cause(StrEnum):
    """What is wrong with a unit."""

    EXITED = "exited"
    MEMORY = "out of memory"
    MISSING = "missing"
    SLOW = "slow to start"
    SILENT = "silent"
    STALLED = "stalled"
    STARVED = "starved"
    FAILING = "failing"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of one unit at one look.

    Attributes:
        life: tells the process or container that runs from every other one; "" if none runs.
        sign: changes with every sign of life.
        is_ready: this life does its work, or could.
        token: changes when real work moved; budget_s: how long it may stay while the unit is busy.
        leaves_work: it is idle while jobs wait for it.
        is_blind: it says that it cannot reach Redis.
        is_frozen: the system says that it is stopped, or dead but not gone.
        failures: failed rounds in a row.
        is_set_aside: somebody outside the stack has stopped or paused it.
        ran_out_of_memory: that is why its last life ended.
        is_missing: there is nothing that could be started.
    """

    life: str = ""
    sign: str = ""
    is_ready: bool = False
    is_busy: bool = False
    token: int = 0
    budget_s: float = 0.0
    leaves_work: bool = False
    is_blind: bool = False
    is_frozen: bool = False
    failures: int = 0
    is_set_aside: bool = False
    ran_out_of_memory: bool = False
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at the whole stack.

    Attributes:
        dt_s: since the look before, by a clock that only grows.
        hold: why nothing can be done or judged now, such as "engine" or "disk"; "" if nothing forbids it.
    """

    dt_s: float
    units: Mapping[str, Seen]
    hold: str = ""


class Op(StrEnum):
    """What a person or the timetable may ask for."""

    RESTART = "restart"
    STOP = "stop"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    MAINTENANCE = "maintenance"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Asked:
    """An order of a person or of the timetable.

    Attributes:
        units: whom it concerns; empty means all.
        for_s: how long a pause or a maintenance window lasts; None means until it is ended.
    """

    op: Op
    by: str
    units: tuple[str, ...] = ()
    note: str = ""
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """An action has ended."""

    unit: str
    number: int
    ok: bool = True
    why: str = ""


Event = Looked | Asked | Done


class Do(StrEnum):
    """What is done to a unit."""

    START = "start"
    RESTART = "restart"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Act:
    """Do something to a unit, and answer with `Done`.

    Attributes:
        grace_s: between asking and ending by force.
        force: the same has failed before: take the harder way.
    """

    unit: str
    number: int
    do: Do
    grace_s: float
    is_planned: bool = False
    force: bool = False


class Step(StrEnum):
    """What a note is about."""

    BEGAN = "began"
    ACTED = "acted"
    FAILED = "failed"
    CRITICAL = "critical"
    QUARANTINED = "quarantined"
    RECOVERED = "recovered"
    ASKED = "asked"
    HELD = "held"
    RELEASED = "released"
    WOULD = "would act"
    PLANNED = "planned"
    RESTARTED = "restarted"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be written down, and told to a person where *tells*; one message per root cause.

    Attributes:
        incident: its id; "" for what belongs to none.
        why: a `Cause`, the name of a hold, or a person's own note.
    """

    unit: str
    step: Step
    incident: str = ""
    why: str = ""
    tells: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)


Effect = Act | Note
