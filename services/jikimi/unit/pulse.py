"""How a child's work speaks to its parent."""

from collections.abc import Callable, Mapping
from typing import Any

from jikimi.beats.beat import Mode
from jikimi.unit.report import Report

PHASE_BUDGET_S = 120.0  # an ERP waits 30 s for its database before it answers; three such answers in a row fit

_ENDS_WITHIN_S = 10.0


class Pulse:
    """Tells the parent whenever work moves or there is none.

    Attributes:
        totals, last_cycle, failures: what the next reports carry.
        must_stop: asks whether the child was told to end.
    """

    def __init__(self, tell: Callable[[Report], None]) -> None:
        self._tell = tell
        self._token = 0
        self._job = ""
        self.totals: Mapping[str, int] = {}
        self.last_cycle: Mapping[str, Any] = {}
        self.failures = 0
        self.must_stop: Callable[[], bool] = lambda: False

    def idle(self) -> None:
        """Tell that there is nothing to do."""
        self._job = ""
        self._tell(
            Report(Mode.IDLE, self._token, failures=self.failures, totals=self.totals, last_cycle=self.last_cycle)
        )

    def begin(self, job: str) -> None:
        """Tell that *job* begins."""
        self._job = job
        self.moved("beginning", 0)

    def moved(self, phase: str, done: int, budget_s: float = PHASE_BUDGET_S) -> None:  # noqa: ARG002 - it has moved
        """Tell that work has moved within *phase*, which may now stand still for *budget_s* seconds."""
        self._token += 1
        self._tell(Report(Mode.BUSY, self._token, phase, self._job, budget_s, self.failures))

    def far(self, phase: str, percent: int, left_s: float | None, budget_s: float) -> None:
        """Tell the same of a job that knows how much of it is done."""
        self._token += 1
        report = Report(Mode.BUSY, self._token, phase, self._job, budget_s, self.failures, percent, left_s)
        self._tell(report)

    def last(self) -> None:
        """Tell that the work of this child is done, and that it ends now."""
        self._token += 1
        self._tell(
            Report(Mode.BUSY, self._token, "ending", self._job, _ENDS_WITHIN_S, totals=self.totals, is_last=True)
        )

    def stopping(self) -> bool:
        """Return whether the child was asked to end."""
        return self.must_stop()
