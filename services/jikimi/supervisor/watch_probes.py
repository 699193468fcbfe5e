"""Signs of life of what has no beat: it is asked again and again, in a thread, whether it answers."""

import threading
from collections.abc import Callable

from jikimi.clock import Clock
from jikimi.supervisor.events import Seen
from jikimi.supervisor.watched import Sight

_SOON_S = 0.2
_LEAST_S, _MOST_S = 1.0, 10.0


def pause_of(silent_s: float) -> float:
    """Return how long to wait between two questions to who may give no sign for *silent_s*: four go unanswered then."""
    return min(max(silent_s / 4, _LEAST_S), _MOST_S)


class ProbeWatch:
    """Asks one unit.

    Args:
        probe: asks the unit that runs as this process id, for a few seconds at most.
        every_s: between two questions to a unit that has answered; one that has not is asked more often.
    """

    def __init__(self, probe: Callable[[int], bool], clock: Clock, every_s: float = 1.0) -> None:
        self._probe = probe
        self._clock = clock
        self._every_s = every_s
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._answers = 0

    def look(self, pid: int) -> Sight:
        """Return whether new answers came since the last look."""
        with self._lock:
            if pid != self._pid:
                self._pid, self._answers = pid, 0
            answers = self._answers
        if self._thread is None:
            self._thread = threading.Thread(target=self._ask, name="probe", daemon=True)
            self._thread.start()
        return Sight(Seen(sign=str(answers or ""), is_ready=answers > 0))

    def _ask(self) -> None:
        while True:
            pid = self._pid
            has_answered = self._probe(pid)
            with self._lock:
                if pid == self._pid:
                    self._answers += has_answered
            self._clock.wait(self._every_s if has_answered else _SOON_S)
