"""What the supervisor needs of whatever runs the units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UnitSpec:
    """How one unit is run.

    Attributes:
        grace_s: how long it may take to end when it is asked to.
        log: where its own output goes.
    """

    name: str
    command: Sequence[str]
    log: Path
    grace_s: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A unit that was started: its process, told from a later one with the same id by when it was created."""

    unit: str
    pid: int
    created: float


class Runtime(Protocol):
    """Where units run. Every implementation passes `tests/contract/runtime_contract.py`."""

    def start(self, spec: UnitSpec) -> Running:
        """Start the unit; return at once, whether it is ready or not."""
        ...

    def is_running(self, running: Running) -> bool:
        """Return whether that very process lives."""
        ...

    def exit_code(self, running: Running) -> int | None:
        """Return how a process that we started has ended; None while it lives or when nobody can know."""
        ...

    def stop(self, running: Running, grace_s: float) -> None:
        """Ask the process to end, after *grace_s* end it and all its children by force, and return when it is gone."""
        ...
