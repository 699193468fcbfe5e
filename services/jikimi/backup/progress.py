"""How far a run of the safe is, and how long it may still take: reckoned by what the last good run took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TOLD_EACH_S = 10.0
# what the steps take of a run, where none was good yet
_USUAL = {"preflight": 0.04, "stage": 0.06, "store": 0.4, "verify": 0.1, "drill": 0.4}
_ENOUGH = 0.05  # of a run, to tell from it how fast this machine is today
_ALMOST = 0.95  # a step that takes longer than it ever did


@dataclass(frozen=True, slots=True)
class Far:
    """How far a run is.

    Attributes:
        share: of the whole run, from 0 to 1; never less than before. left_s: None while it cannot be told.
    """

    step: str
    share: float = 0.0
    left_s: float | None = None

    @property
    def percent(self) -> int:
        """The share as a whole number; 100 only when all is done."""
        return int(100 * self.share)


class Course:
    """Follows one run.

    Args:
        steps: all of them, in their order. last: seconds by step of the last good run, empty if there is none.
        ticks: when the run began, in the ticks that all else is told in.
    """

    def __init__(self, steps: Sequence[str], last: Mapping[str, float], ticks: float) -> None:
        self._steps, self._is_known = list(steps), bool(last)
        weights = last or _USUAL
        total = sum(weights.get(step, 0.0) for step in steps) or 1.0
        self._weights = {step: weights.get(step, 0.0) / total for step in steps}
        self._run_s = total if last else 0.0
        self._began, self._step_began, self._step = ticks, ticks, ""
        self._told_at, self._most = float("-inf"), 0.0

    def at(self, step: str, share: float, ticks: float) -> Far:
        """Return how far the run is when *share* of *step* is done."""
        if step != self._step:
            self._step, self._step_began = step, ticks
        weight = self._weights.get(step, 0.0)
        if self._is_known and share < 1.0:  # some steps have nothing to tell while they are under way
            usual_s = weight * self._run_s
            share = max(share, min(_ALMOST, (ticks - self._step_began) / usual_s)) if usual_s else share
        before = self._steps[: self._steps.index(step)] if step in self._steps else self._steps
        done = sum(self._weights[one] for one in before) + weight * min(1.0, share)
        self._most = min(1.0, max(self._most, done))
        return Far(step, self._most, self._left_s(ticks - self._began))

    def is_news(self, far: Far, ticks: float, *, begins: bool) -> bool:
        """Return whether *far* is to be logged: a step begins, or the last word was 10 s ago."""
        if not begins and ticks - self._told_at < TOLD_EACH_S:
            return False
        self._told_at = ticks
        return far.share < 1.0

    def _left_s(self, spent_s: float) -> float | None:
        if self._most >= _ENOUGH:
            usual = (1.0 - self._most) * self._run_s
            paced = spent_s * (1.0 - self._most) / self._most
            # at first the last run knows more of it, towards the end this one does
            return round(usual + (paced - usual) * self._most if self._is_known else paced, 1)
        return round((1.0 - self._most) * self._run_s, 1) if self._is_known else None
