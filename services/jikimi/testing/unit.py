"""Children, sinks and benches in memory, for whoever tests a parent."""

from collections.abc import Sequence

from jikimi.beats.beat import Beat
from jikimi.unit.port import BeatNotSent, Life, Order
from jikimi.unit.report import Report


class FakeChild:
    """A child that says and does what a test tells it to."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.said: list[Report] = []
        self.now = Life.RUNNING
        self.was_asked = False
        self.was_killed = False
        self.leftovers = 0

    def reports(self) -> Sequence[Report]:
        """Return what the test has let it say."""
        said, self.said = self.said, []
        return said

    def wait(self, seconds: float) -> None:
        """Return at once: the test moves the clock."""

    def life(self) -> Life:
        """Return what the test has made of it."""
        return self.now

    def ask_to_end(self) -> None:
        """Remember that it was asked."""
        self.was_asked = True

    def end_leftovers(self) -> int:
        """Forget the leftovers and return how many there were."""
        left, self.leftovers = self.leftovers, 0
        return left

    def kill(self) -> None:
        """Be gone."""
        self.was_killed, self.now = True, Life.EXITED


class FakeNursery:
    """Starts fake children and keeps them all."""

    def __init__(self) -> None:
        self.children: list[FakeChild] = []
        self.prepared = 0

    def start(self) -> FakeChild:
        """Start a fresh child."""
        self.children.append(FakeChild(100 + len(self.children)))
        return self.children[-1]

    def prepare(self) -> None:
        """Count how often the next child was asked to get ready."""
        self.prepared += 1


class FakeSink:
    """Takes beats, unless it is away; gives the order that a test has left."""

    def __init__(self) -> None:
        self.beats: list[Beat] = []
        self.left: list[str] = []
        self.is_away = False
        self.order: Order | None = None

    def send(self, beat: Beat) -> Order | None:
        """Take a beat and give the order once."""
        if self.is_away:
            raise BeatNotSent(why="away")
        self.beats.append(beat)
        order, self.order = self.order, None
        return order

    def leave(self, unit: str) -> None:
        """Remember it."""
        self.left.append(unit)


class FakeBench:
    """Remembers in which order it was asked to fence and to hand back."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.vouched: list[int | None] = []

    def fence(self) -> None:
        """Remember it."""
        self.calls.append("fence")

    def hand_back(self) -> Sequence[str]:
        """Remember it."""
        self.calls.append("hand back")
        return []

    def hand_back_strays(self, living: int | None) -> Sequence[str]:
        """Remember for whom it was to vouch."""
        self.vouched.append(living)
        return []
