"""A unit as the keeper has it: how it is run, how it is judged, and where its signs of life are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from jikimi.runtime.port import UnitSpec
from jikimi.supervisor.events import Seen
from jikimi.supervisor.rules import Rule


@dataclass(frozen=True, slots=True)
class Sight:
    """What a watch sees.

    Attributes:
        seen: all but whether the unit runs, which the runtime knows.
        says: the unit's own words, such as its beat, for people.
    """

    seen: Seen
    says: Mapping[str, Any] = field(default_factory=dict)


class Watch(Protocol):
    """Where one unit's signs of life are read."""

    def look(self, pid: int) -> Sight:
        """Return at once what is known of the unit that runs as *pid*."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """One unit of a stack."""

    spec: UnitSpec
    rule: Rule
    watch: Watch
