"""What becomes of a work item: pure, so that every way in which an attempt can be cut short is tried in tests.

The rule that all the others serve: once an attempt went behind its fence, nothing is entered again before the probe
has said that it did not go through, or a person has.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from jikimi.rpa.item import Data, Item, State

_BACK_OFF_S = (2.0, 15.0, 60.0)
SESSION_WAIT_S = 30.0
MOST_ASKED = 5  # a probe that gives no answer so often leaves the item to a person


class Next(StrEnum):
    """What is to be done with an item that has come up."""

    NOTHING = "nothing"
    RUN = "run"
    PROBE = "probe"


class Told(StrEnum):
    """How an attempt ended."""

    DONE = "done"
    BUSINESS = "business"
    APPLICATION = "application"
    NO_SESSION = "no_session"


class Said(StrEnum):
    """What a probe said."""

    WENT_THROUGH = "went_through"
    NOT_THERE = "not_there"
    UNSURE = "unsure"
    NO_ANSWER = "no_answer"
    NO_SESSION = "no_session"


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended.

    Attributes:
        in_fence: the fence was entered: the other side may have taken it, even if the error came later.
    """

    told: Told
    reason: str = ""
    result: Data = field(default_factory=dict)
    in_fence: bool = False


def what_next(item: Item, most: int, now: float, *, has_probe: bool) -> Next:
    """Return what to do with *item* now.

    Args:
        most: how many attempts its flow may have.
        now: seconds since 1970.
    """
    if item.is_over or item.next_at > now:
        return Next.NOTHING
    if has_probe and (item.attempts or item.is_fenced) and not item.is_clear:
        return Next.PROBE
    return Next.NOTHING if may_be_there(item) or is_used_up(item, most) else Next.RUN


def may_be_there(item: Item) -> bool:
    """Return whether an attempt of ours may have gone through; an item that is only asked about first has had none."""
    return item.is_fenced and item.attempts > 0


def is_used_up(item: Item, most: int) -> bool:
    """Return whether *item* has had all its attempts."""
    return item.attempts - item.granted >= most


def cut_short(item: Item) -> Item:
    """Return *item* after an attempt whose process ended in the middle of it; what is next is asked afterwards."""
    return replace(item, reason=item.reason or "the attempt was cut short")


def begun(item: Item) -> Item:
    """Return *item* as it is written down before an attempt begins."""
    anew = replace(item, is_fenced=False, is_clear=False, asked=0, reason="")
    return replace(anew, state=State.RUNNING, attempts=item.attempts + 1)


def fenced(item: Item) -> Item:
    """Return *item* as it is written down before the one step that the other side must not see twice."""
    return replace(item, is_fenced=True)


def after_attempt(item: Item, ended: Ended, most: int, now: float, *, has_probe: bool) -> Item:
    """Return *item* after an attempt of it ended so."""
    if ended.told is Told.DONE:
        return replace(item, state=State.DONE, result=ended.result, is_fenced=False, reason="")
    if ended.told is Told.BUSINESS:
        return replace(item, state=State.BUSINESS, is_fenced=False, reason=ended.reason)
    item = replace(item, is_fenced=ended.in_fence, reason=ended.reason)
    if item.is_fenced and not has_probe:
        return replace(item, state=State.IN_DOUBT)
    if ended.told is Told.NO_SESSION:
        waits = replace(item, state=State.WAITING_SESSION, next_at=now + SESSION_WAIT_S)
        return waits if item.is_fenced else replace(waits, granted=item.granted + 1)
    if is_used_up(item, most) and not item.is_fenced:
        return replace(item, state=State.FAILED)
    return replace(item, state=State.QUEUED, next_at=now + _back_off_s(item.attempts - item.granted))


def after_probe(item: Item, said: Said, reason: str, now: float, result: Data | None = None) -> Item:
    """Return *item* after its probe said so."""
    if said is Said.WENT_THROUGH:
        return replace(item, state=State.DONE, result=result or {}, is_fenced=False, reason="")
    if said is Said.NOT_THERE:
        return replace(item, state=State.QUEUED, is_fenced=False, is_clear=True, asked=0, next_at=now)
    if said is Said.NO_SESSION:
        return replace(item, state=State.WAITING_SESSION, reason=reason, next_at=now + SESSION_WAIT_S)
    item = replace(item, asked=item.asked + 1, reason=reason)
    if said is Said.UNSURE or item.asked >= MOST_ASKED:
        return replace(item, state=State.IN_DOUBT if may_be_there(item) or said is Said.UNSURE else State.FAILED)
    return replace(item, state=State.QUEUED, next_at=now + _back_off_s(item.asked))


def given_up(item: Item) -> Item:
    """Return *item* for which there is nothing left to try."""
    return replace(item, state=State.IN_DOUBT if may_be_there(item) else State.FAILED)


def asked_first(item: Item) -> Item:
    """Return *item*, new, so that its probe, if it has one, is asked before the first attempt as well."""
    return replace(item, is_fenced=True)


def handed_in(item: Item, known: Item | None) -> Item | None:
    """Return what to write down when *item* is handed in; None if that is known already.

    What was refused or failed is taken anew with other values, and even then only once its probe was asked.
    """
    if known is None:
        return item
    if known.state not in (State.BUSINESS, State.FAILED) or known.data == item.data:
        return None
    return replace(retried(known), data=item.data, source=item.source, row=item.row)


def retried(item: Item) -> Item:
    """Return *item*, refused or failed, with all its attempts anew."""
    return replace(item, state=State.QUEUED, granted=item.attempts, asked=0, next_at=0.0)


def resolved(item: Item, *, went_through: bool, result: Data | None = None) -> Item:
    """Return *item*, in doubt, after a person has looked."""
    if went_through:
        return replace(item, state=State.DONE, result=result or {}, is_fenced=False)
    return replace(retried(item), is_fenced=False, is_clear=True)


def _back_off_s(tried: int) -> float:
    return _BACK_OFF_S[min(max(tried, 1), len(_BACK_OFF_S)) - 1]
