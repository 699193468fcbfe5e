"""What a parent needs of the world: a child to start, somewhere to send beats, and a way to hand work back."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from jikimi.beats.beat import Beat
from jikimi.errors import NotWell
from jikimi.text import Text
from jikimi.unit.report import Report


class BeatNotSent(NotWell):
    """A beat did not get through."""

    what = Text("생존 신호를 보내지 못했습니다: {why}", "a beat was not sent: {why}")
    remedy = Text("기다리면 다시 보냅니다", "the next one is sent in a second")


class Life(StrEnum):
    """How the system sees a child."""

    RUNNING = "running"
    STOPPED = "stopped"
    EXITED = "exited"


class Order(StrEnum):
    """What the answer to a beat may ask for."""

    DRAIN = "drain"
    STOP = "stop"
    DUMP = "dump"


class Child(Protocol):
    """A child that was started; it dies with its parent."""

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    def reports(self) -> Sequence[Report]:
        """Return what it has told since the last call, without waiting."""
        ...

    def wait(self, seconds: float) -> None:
        """Return once it has told something or can tell nothing any more, after *seconds* at the latest."""
        ...

    def life(self) -> Life:
        """Return how the system sees it now."""
        ...

    def ask_to_end(self) -> None:
        """Ask it to end after what it is doing."""
        ...

    def end_leftovers(self) -> int:
        """End what its last job has left running below it; return how many."""
        ...

    def kill(self) -> None:
        """End it and everything below it by force; return when it is gone."""
        ...


class Nursery(Protocol):
    """Where children are started."""

    def start(self) -> Child:
        """Start a fresh child."""
        ...

    def prepare(self) -> None:
        """Hear that the child has begun a job: where each does one only, another is needed soon."""
        ...


class Sink(Protocol):
    """Where beats go besides the file."""

    def send(self, beat: Beat) -> Order | None:
        """Send a beat, within 0.3 s, without a second try; return an order that waits for this unit.

        Raises:
            BeatNotSent: it did not get through.
        """
        ...

    def leave(self, unit: str) -> None:
        """Say that the unit ends as it should, so that its silence means nothing; never raises."""
        ...


class Bench(Protocol):
    """The work of a child that is no more."""

    def fence(self) -> None:
        """Make sure that the child that runs now can post nothing any more; never raises."""
        ...

    def hand_back(self) -> Sequence[str]:
        """Put back what dead children of this unit had taken; return the jobs' ids. Never raises."""
        ...

    def hand_back_strays(self, living: int | None) -> Sequence[str]:
        """Put back what is stranded on the queue, whoever had taken it; called every few seconds. Never raises.

        Args:
            living: the process id of the child that works now, which is vouched for.
        """
        ...
