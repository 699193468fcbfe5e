"""How many jobs wait on a queue, for whoever looks again and again and must never wait himself."""

from redis import Redis
from redis.exceptions import RedisError

from jikimi.clock import Clock

_ASKED_EACH_S = 5.0


class WaitingJobs:
    """Counts the jobs of one queue; *redis* must be built without retries and with a short time limit."""

    def __init__(self, redis: Redis, queue: str, clock: Clock) -> None:
        self._redis = redis
        self._key = f"rq:queue:{queue}"
        self._clock = clock
        self._asked_at = clock.ticks() - _ASKED_EACH_S
        self._count = 0

    def count(self) -> int:
        """Return how many waited a few seconds ago; none while Redis is away."""
        if self._clock.ticks() - self._asked_at >= _ASKED_EACH_S:
            self._asked_at = self._clock.ticks()
            try:
                self._count = int(self._redis.llen(self._key))
            except RedisError:
                self._count = 0
        return self._count
