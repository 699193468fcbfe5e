"""A unit's sign of life."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

VERSION = 1


class Mode(StrEnum):
    """Whether a unit has work; an idle one is judged by its life alone."""

    IDLE = "idle"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Beat:
    """One sign of life.

    Attributes:
        boot_id: tells this life of the unit from every other one; seq: counts its beats.
        child_born: tells the child's process from a later one with the same id.
        generation: which child this is, counted from the parent's start.
        progress: changes when real work has moved, and only then.
        progress_age_s: since it last changed; budget_s: how long it may stay so while busy.
        percent, left_s: how much of the job is done and how many seconds are left, where it knows.
        is_blind: it cannot reach Redis. failures: its rounds that have failed in a row.
        rss_mb, cpu_s: what the child and all below it use.
        totals: what the unit has done in all time, by name.
    """

    unit: str
    pid: int
    seq: int
    at: str
    child_pid: int | None = None
    child_born: float = 0.0
    generation: int = 0
    mode: Mode = Mode.IDLE
    job: str = ""
    phase: str = ""
    progress: int = 0
    progress_age_s: float = 0.0
    budget_s: float = 0.0
    percent: int | None = None
    left_s: float | None = None
    boot_id: str = ""
    is_blind: bool = False
    failures: int = 0
    rss_mb: float = 0.0
    cpu_s: float = 0.0
    totals: Mapping[str, int] = field(default_factory=dict)
    last_cycle: Mapping[str, Any] = field(default_factory=dict)
    v: int = VERSION

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)
