"""Which message a channel tries next, and how long it waits: a function of what waits and how the last try went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 900.0
NEWS_PAUSE_S = 60.0  # the longest that a channel in trouble lets a message wait that is newer than the trouble
IDLE_S = 3600.0
GIVEN_UP_AFTER = timedelta(days=3)
_IN_THE_WAY = 3  # so many failures of one message, and the others go first


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that one channel has not sent yet.

    Attributes:
        number: grows with each message.
        next_try: None before the first try.
    """

    number: int
    at: datetime
    attempts: int = 0
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """How the last tries of a channel went.

    Attributes:
        failures: in a row; since_s: since the last one.
    """

    failures: int = 0
    since_s: float = 0.0


def pause_s(failures: int) -> float:
    """Return how long to wait after so many failures in a row."""
    return min(FIRST_PAUSE_S * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE_S) if failures else 0.0


def choose(waiting: Sequence[Waiting], now: datetime, trouble: Trouble) -> Waiting | float:
    """Return the message to try now, else in how many seconds to ask again.

    The oldest goes first, but one that fails again and again does not stand in the way of the others.
    """
    left_s = {item.number: _left_s(item, now) for item in waiting}
    due = [item for item in waiting if left_s[item.number] <= 0]
    if not due:
        return min(left_s.values(), default=IDLE_S)
    channel_left_s = _channel_pause_s(due, now, trouble) - trouble.since_s
    if channel_left_s > 0:
        return channel_left_s
    return min(due, key=lambda item: (item.attempts >= _IN_THE_WAY, item.number))


def is_given_up(at: datetime, now: datetime) -> bool:
    """Return whether a message of then, which has just failed once more, is of no more use."""
    return now - at > GIVEN_UP_AFTER


def _left_s(item: Waiting, now: datetime) -> float:
    if item.next_try is None:
        return 0.0
    left_s = (item.next_try - now).total_seconds()
    # No pause is that long: the computer's clock was set back meanwhile.
    return 0.0 if left_s > LONGEST_PAUSE_S else max(0.0, left_s)


def _channel_pause_s(due: Sequence[Waiting], now: datetime, trouble: Trouble) -> float:
    """Return the channel's own pause; what happened since its last failure is worth one earlier try."""
    has_news = any((now - item.at).total_seconds() < trouble.since_s for item in due)
    return min(pause_s(trouble.failures), NEWS_PAUSE_S if has_news else LONGEST_PAUSE_S)
