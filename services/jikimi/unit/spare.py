"""A child ahead: where each does one job only, the next one has got ready while the last one worked."""

import os
from typing import Protocol

from jikimi.unit.port import Child, Life

GO = b"go\n"  # what a waiting child hears on its standard input


def wait_for_go() -> None:
    """Return once the parent lets this child begin; end if it never will."""
    if not os.read(0, len(GO)):
        os._exit(0)


class WaitingChild(Child, Protocol):
    """A child that gets ready, and waits."""

    def go(self) -> None:
        """Let it begin."""
        ...


class WaitingNursery(Protocol):
    """Where such children are started."""

    def start(self) -> WaitingChild:
        """Start one."""
        ...


class SpareNursery:
    """Hands out children that have got ready before; the next one gets ready while there is a job, not at rest.

    Args:
        nursery: starts children that wait for `go`.
    """

    def __init__(self, nursery: WaitingNursery) -> None:
        self._nursery = nursery
        self._spare: WaitingChild | None = None

    def start(self) -> WaitingChild:
        """Let the spare child begin; without one, a fresh child that has yet to get ready."""
        child, self._spare = self._spare, None
        if child is not None and child.life() is not Life.RUNNING:
            child.kill()
            child = None
        child = child or self._nursery.start()
        child.go()
        return child

    def prepare(self) -> None:
        """Have the next child get ready."""
        if self._spare is None:
            self._spare = self._nursery.start()

    def close(self) -> None:
        """End the spare child."""
        if self._spare is not None:
            self._spare.kill()
            self._spare = None
