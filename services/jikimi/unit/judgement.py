"""What a parent does about its child, from what it sees; no clock is read and nothing is touched."""

from dataclasses import dataclass
from enum import StrEnum

from jikimi.beats.beat import Mode


class Verdict(StrEnum):
    """What to do about a child, and why."""

    LEAVE = "leave"
    OVER = "over"
    EXITED = "exited"
    STOPPED = "stopped"
    MUTE = "mute"
    STALLED = "stalled"
    LINGERING = "lingering"


@dataclass(frozen=True, slots=True)
class Limits:
    """When a child is given up.

    Attributes:
        mute_s: an idle child that has said nothing for this long.
        lingers_s: an idle child that was asked to end so long ago; while it waits for a Redis that is gone, it hears
            nothing.
        longest_budget_s: bounds what one phase may ask for, never a whole job.
    """

    mute_s: float = 5.0
    lingers_s: float = 5.0
    longest_budget_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the parent sees of its child.

    Attributes:
        silent_s: since its last report, in capped ticks: time that the machine slept does not count.
        still_s: since its token last changed, in the same ticks.
        ending_s: since it was asked to end; 0 before.
        was_last: it has said that its work is done: what is still there of it is to be ended.
        is_blind: the parent's own beat does not get through: the child may wait for the same Redis.
    """

    mode: Mode
    budget_s: float
    silent_s: float
    still_s: float
    has_exited: bool = False
    was_last: bool = False
    is_stopped: bool = False
    is_blind: bool = False
    ending_s: float = 0.0


def judge(seen: Seen, limits: Limits) -> Verdict:
    """Return what to do about the child: the first that holds, from the surest sign to the least sure."""
    if seen.was_last or seen.has_exited:
        return Verdict.OVER if seen.was_last else Verdict.EXITED
    if seen.mode is Mode.IDLE and seen.ending_s > limits.lingers_s:
        return Verdict.LINGERING
    if seen.is_blind:
        return Verdict.LEAVE
    if seen.is_stopped:
        return Verdict.STOPPED
    if seen.mode is Mode.IDLE:
        return Verdict.MUTE if seen.silent_s > limits.mute_s else Verdict.LEAVE
    budget_s = min(seen.budget_s, limits.longest_budget_s)
    return Verdict.STALLED if seen.still_s > budget_s else Verdict.LEAVE
