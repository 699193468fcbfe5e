"""What the keeper remembers of a stack and of each unit: plain values that can be written down and read back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from jikimi.supervisor.events import Cause, Do


class Wanted(StrEnum):
    """What a person wants of a unit; it wins over every symptom."""

    RUN = "run"
    STOP = "stop"
    PAUSE = "pause"


class State(StrEnum):
    """How a unit stands, in one word, everywhere."""

    STARTING = "starting"
    HEALTHY = "healthy"
    SUSPECT = "suspect"
    STALE = "stale"
    RECOVERING = "recovering"
    DRAINING = "draining"
    HELD = "held"
    PAUSED = "paused"
    QUARANTINED = "quarantined"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Flight:
    """An action that was begun and has not ended."""

    number: int
    do: Do
    age_s: float = 0.0
    limit_s: float = 0.0
    is_planned: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """From the first symptom to the verified recovery.

    Attributes:
        is_told: a message about it went out; is_quiet: none does, for its root cause has had one.
    """

    id: str
    cause: str
    attempts: int = 0
    is_told: bool = False
    is_quiet: bool = False
    is_critical: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """What is remembered of one unit; all counts are in capped seconds, none is a time of day.

    Attributes:
        comes_back: it is stopped to be started again.
        is_new: its next start is no incident.
        aside_s: for so long somebody outside has kept it stopped or paused.
        well_s: since this life was first ready; None before.
        has_fruit: this life has done something useful.
        is_spent: something was done about this life, so what it did before says nothing of it now.
        is_charged: what is wrong with this life has been counted already.
        fruitless: how long ago each fruitless restart was.
        wait_s: what is left of the pause before the next restart.
        probe_s: of a quarantined unit: what is left until it is tried again; None means not quarantined.
        next_probe_s: how long that pause is the next time.
        is_forced: the last action did not help.
        is_unwelcome: it was given up, and the engine has started it all the same.
    """

    wanted: Wanted = Wanted.RUN
    comes_back: bool = False
    pause_left_s: float | None = None
    is_new: bool = True
    life: str = ""
    sign: str = ""
    token: int = 0
    is_busy: bool = False
    silent_s: float = 0.0
    still_s: float = 0.0
    blind_s: float = 0.0
    starved_s: float = 0.0
    aside_s: float = 0.0
    well_s: float | None = None
    moves: int = 0
    has_fruit: bool = False
    is_spent: bool = False
    is_charged: bool = False
    is_held: bool = False
    is_forced: bool = False
    is_unwelcome: bool = False
    fruitless: tuple[float, ...] = ()
    wait_s: float = 0.0
    probe_s: float | None = None
    next_probe_s: float = 0.0
    observe_left_s: float = 0.0
    flight: Flight | None = None
    incident: Incident | None = None
    cause: Cause | None = None
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Many:
    """Many units fell silent at once: nothing is done for a while, then one is tried, then the rest.

    Attributes:
        canary: the one that is tried; "" while nothing is done. restarts: how often it had been restarted before.
        is_passed: it came back, so the others follow.
    """

    left_s: float
    canary: str = ""
    restarts: int = 0
    tried: tuple[str, ...] = ()
    is_passed: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """What is remembered of the whole stack.

    Attributes:
        era: begins every incident's id, so that none is ever used twice.
        maintenance_s: what is left of a window; None means that there is none, infinite that it has no end.
        gap_s: what is left of the time in which nothing is judged, after the machine slept.
        up: the units that were well at the last look.
    """

    era: str = ""
    units: Mapping[str, Unit] = field(default_factory=dict)
    serial: int = 0
    hold: str = ""
    gap_s: float = 0.0
    many: Many | None = None
    maintenance_s: float | None = None
    is_ending: bool = False
    up: tuple[str, ...] = ()


_STACK = TypeAdapter(Stack)


def to_json(stack: Stack) -> dict[str, Any]:
    """Return *stack* as plain JSON; `from_json` gives it back."""
    plain: dict[str, Any] = _STACK.dump_python(stack, mode="json")
    return plain


def from_json(plain: Mapping[str, Any]) -> Stack:
    """Return the stack that `to_json` has written.

    Raises:
        ValueError: it is of another make.
    """
    return _STACK.validate_python(plain)
