"""The sign of life of a container that has no other: that the engine says it runs, each time it is asked."""

from jikimi.supervisor.events import Seen
from jikimi.supervisor.watched import Sight


class ContainerWatch:
    """Takes it as a sign that the container is there at every look."""

    def __init__(self) -> None:
        self._looks = 0

    def look(self, pid: int) -> Sight:  # noqa: ARG002 - whoever looks knows that it runs
        """Return a new sign."""
        self._looks += 1
        return Sight(Seen(sign=str(self._looks), is_ready=True))
