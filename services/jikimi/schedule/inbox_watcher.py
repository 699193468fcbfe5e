"""See a dropped file and have a cycle run at once, at any hour."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from jikimi.clock import Clock
from jikimi.queue.port import JobQueue, QueueAway

log = structlog.get_logger()
QUEUE = "erp"
# What waits for the ERP, or for a flow that has replied, is tried again soon; for another file only now and then.
_RETRY_SOON = timedelta(seconds=10)
_RETRY_LEFT = timedelta(minutes=10)


class InboxWatcher:
    """Asks for a cycle while there is something to do.

    Args:
        dropped: whether a file lies in the inbox that may be taken now.
        left: whether a file of an earlier cycle still waits in `work/`.
        away: whether the last cycle met an ERP that was away.
        replied: another value once a flow has replied about a voucher that was handed to it.
    """

    def __init__(
        self,
        queue: JobQueue,
        clock: Clock,
        *,
        dropped: Callable[[], bool],
        left: Callable[[], bool],
        away: Callable[[], bool],
        replied: Callable[[], int] = lambda: 0,
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._dropped = dropped
        self._left = left
        self._away = away
        self._replied = replied
        self._asked_at = clock.ticks()
        self._knows = 0

    def look(self) -> bool:
        """Look once; return whether a cycle was asked for.

        One cycle takes all that lies there, so none is asked for while another still waits its turn.
        """
        replied = self._replied()
        if not self._dropped() and not self._retries(is_news=replied != self._knows):
            return False
        try:
            if self._queue.waiting(QUEUE):
                return False
            stamp = round(self._clock.now().timestamp() * 1000)
            self._queue.submit("cycle", {}, f"{QUEUE}-cycle-{stamp}")
        except QueueAway as away:
            log.warning("cycle.not_asked", why=str(away))
            return False
        self._asked_at, self._knows = self._clock.ticks(), replied
        return True

    def _retries(self, *, is_news: bool) -> bool:
        pause = _RETRY_SOON if is_news or self._away() else _RETRY_LEFT
        return self._clock.ticks() - self._asked_at >= pause.total_seconds() and self._left()
