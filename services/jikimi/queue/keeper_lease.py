"""Which of several keepers on one Redis may act: one at a time, and without Redis the lock on the home decides."""

from datetime import timedelta

from redis import Redis

from jikimi.clock import Clock
from jikimi.queue.port import LeaseLost, QueueAway
from jikimi.queue.redis_lease import RedisLease

_NAME = "keeper"
_LIVES = timedelta(seconds=15)
_ASKED_EACH_S = 3.0


class KeeperLease:
    """The lease of one keeper; its next life takes it over at once, a keeper of another home when it has ended.

    Args:
        redis: built without retries and with a short time limit.
        keeper: its name, the same in each of its lives.
    """

    def __init__(self, redis: Redis, keeper: str, clock: Clock) -> None:
        self._lease, self._clock = RedisLease(redis, _NAME, keeper, _LIVES), clock
        self._asked_at = clock.ticks() - _ASKED_EACH_S
        self._holder = ""
        self._is_taken = False

    def other(self) -> str:
        """Return who else keeps this stack's units, "" for nobody; asked every few seconds."""
        if self._clock.ticks() - self._asked_at >= _ASKED_EACH_S:
            self._asked_at = self._clock.ticks()
            try:
                self._renew()
                self._holder = ""
            except LeaseLost as lost:
                self._holder = str(lost.facts["holder"])
            except QueueAway:
                self._holder = ""
        return self._holder

    def _renew(self) -> None:
        if self._is_taken:
            try:
                self._lease.check()
            except LeaseLost:  # it ran out while this machine slept, or Redis has lost it
                self._is_taken = False
            else:
                return
        self._lease.take()
        self._is_taken = True
