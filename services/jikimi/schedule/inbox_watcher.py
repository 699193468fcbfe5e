"""See a dropped file and have a cycle run at once, at any hour."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from jikimi.clock import Clock
from jikimi.queue.port import JobQueue, QueueAway

log = structlog.get_logger()
QUEUE = "erp"
_RETRY = timedelta(seconds=15)


class InboxWatcher:
    """Asks for a cycle while there is something to do.

    Args:
        dropped: whether a file lies in the inbox that may be taken now.
        left: whether a file of an earlier cycle still waits in `work/`; it is tried again every 15 s.
    """

    def __init__(self, queue: JobQueue, clock: Clock, dropped: Callable[[], bool], left: Callable[[], bool]) -> None:
        self._queue = queue
        self._clock = clock
        self._dropped = dropped
        self._left = left
        self._asked_at = clock.ticks() - _RETRY.total_seconds()

    def look(self) -> bool:
        """Look once; return whether a cycle was asked for.

        One cycle takes all that lies there, so none is asked for while another still waits its turn.
        """
        overdue = self._clock.ticks() - self._asked_at >= _RETRY.total_seconds()
        if not self._dropped() and not (overdue and self._left()):
            return False
        try:
            if self._queue.waiting(QUEUE):
                return False
            stamp = round(self._clock.now().timestamp() * 1000)
            self._queue.submit("cycle", {}, f"{QUEUE}-cycle-{stamp}")
        except QueueAway as away:
            log.warning("cycle.not_asked", why=str(away))
            return False
        self._asked_at = self._clock.ticks()
        return True
