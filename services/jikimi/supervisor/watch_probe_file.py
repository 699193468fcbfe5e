"""Signs of life of a program that uses `probe.py`."""

from collections.abc import Callable
from pathlib import Path

from jikimi.supervisor.events import Seen
from jikimi.supervisor.foreign_files import read_whole
from jikimi.supervisor.signs import ProbeSays, parse_probe
from jikimi.supervisor.watched import Sight


class ProbeFileWatch:
    """Reads what one unit says of itself.

    A program that has said how long its step may take owes no sign until then: it is judged by its token, as one
    of ours is by its own beats. One that has set no budget is judged by its signs alone.

    Args:
        is_below: whether the process of the first id is the second one, or below it.
    """

    def __init__(self, path: Path, is_below: Callable[[int, int], bool]) -> None:
        self._path = path
        self._is_below = is_below
        self._pid: int | None = None
        self._data: bytes | None = None
        self._says: ProbeSays | None = None
        self._looks = self._token = 0

    def look(self, pid: int) -> Sight:
        """Return what this life has last said."""
        if pid != self._pid:
            self._pid, self._says = pid, None
        data = read_whole(self._path)
        if data and data != self._data:
            self._data = data
            says = parse_probe(data)
            if says and self._is_below(says.pid, pid):
                self._says = says
        return self._sight(self._says) if self._says else Sight(Seen())

    def _sight(self, says: ProbeSays) -> Sight:
        has_budget = says.is_busy and says.budget_s is not None
        self._looks += has_budget
        if has_budget or not says.failures:  # to fail once more is no work
            self._token = says.token
        seen = Seen(
            sign=f"{says.pid}:{says.seq}" + (f":{self._looks}" if has_budget else ""),
            is_ready=True,
            is_busy=has_budget,
            token=self._token,
            budget_s=says.budget_s or 0.0,
            failures=says.failures,
        )
        return Sight(seen, {"mode": "busy" if says.is_busy else "idle", "phase": says.phase})
