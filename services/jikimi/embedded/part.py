"""A part of the embedded stack: how it is run, and how one sees that it is ready."""

from collections.abc import Callable
from dataclasses import dataclass

from jikimi.runtime.port import UnitSpec


@dataclass(frozen=True, slots=True)
class Part:
    """One unit of the stack.

    Attributes:
        ready: asks the unit that runs as this process id, for about a second at most; called again until it says so.
    """

    spec: UnitSpec
    ready: Callable[[int], bool]
