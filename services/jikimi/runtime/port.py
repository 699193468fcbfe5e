"""What the supervisor needs of whatever runs the units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from jikimi.errors import NotWell
from jikimi.text import Text


class NotStarted(NotWell):
    """A unit could not be started."""

    what = Text("{unit}을(를) 시작할 수 없습니다: {why}", "{unit} cannot be started: {why}")
    remedy = Text("jikimi.toml의 command와 경로를 확인하세요", "look at its command and its paths in jikimi.toml")


class Priority(StrEnum):
    """How much a unit gives way to what a person does on the same machine."""

    NORMAL = "normal"
    LOW = "low"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class UnitSpec:
    """How one unit is run.

    Attributes:
        log: where its own output goes.
        environment: what it gets beside our own.
        folder: where it starts; else where we did.
        memory_mb: more address space it does not get, where the system can say so.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    priority: Priority = Priority.NORMAL
    memory_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A unit that was started: its process, told from a later one with the same id by when it was created.

    Attributes:
        pid: its process id; of a container a number that no other life of it has.
    """

    unit: str
    pid: int
    created: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What a unit and all below it use: memory that is resident, and processor time since each began."""

    rss_bytes: int = 0
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a system says of a unit beyond whether it runs.

    Attributes:
        is_set_aside: somebody outside the stack has stopped or paused it.
        ran_out_of_memory: that is why it ended.
        is_missing: there is nothing that could be started, or only something that its maker is about to start.
    """

    is_set_aside: bool = False
    ran_out_of_memory: bool = False
    is_missing: bool = False


class Runtime(Protocol):
    """Where units run. Every implementation passes `tests/contract/runtime_contract.py`."""

    def start(self, spec: UnitSpec) -> Running:
        """Start the unit; return at once, whether it is ready or not.

        Raises:
            NotStarted: there is no such program, or the system refuses.
        """
        ...

    def find(self, names: Sequence[str]) -> Mapping[str, Running]:
        """Return which of the units run already, whoever started them here."""
        ...

    def is_running(self, running: Running) -> bool:
        """Return whether that very process lives."""
        ...

    def has_ended(self, running: Running) -> bool:
        """Return whether the process has ended since it was last found running; costs next to nothing."""
        ...

    def is_frozen(self, running: Running) -> bool:
        """Return whether that very process is there but cannot run: the system has stopped it."""
        ...

    def circumstances(self, unit: str) -> Circumstances:
        """Return what else is known of the unit."""
        ...

    def usage(self, running: Running) -> Usage | None:
        """Return what the unit uses, zero when it is gone; None where the runtime cannot know."""
        ...

    def exit_code(self, running: Running) -> int | None:
        """Return how a process that we started has ended; None while it lives or when nobody can know."""
        ...

    def appeared(self) -> Mapping[str, Running]:
        """Return the units that run although we have not started them here, as far as that costs nothing to know."""
        ...

    def restart(self, running: Running, spec: UnitSpec, grace_s: float, prepare: Callable[[], None]) -> Running:
        """End the unit as `stop` does and start it again, in one step where the system has one.

        Args:
            prepare: called before the start; while the unit does not run, where there is such a moment.

        Raises:
            NotStarted: it is down now.
        """
        ...

    def stop(self, running: Running, grace_s: float) -> None:
        """Ask the process to end, after *grace_s* end it and all its children by force, and return when it is gone."""
        ...
