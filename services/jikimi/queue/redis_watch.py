"""What the supervisor asks Redis every few seconds: how many jobs wait, and whether it takes writes."""

import contextlib
from datetime import datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from jikimi.broker import AWAY
from jikimi.clock import Clock
from jikimi.queue.redis_sink import stale_units
from jikimi.queue.worker import PROBE, PROBE_LIVES_S

_ASKED_EACH_S = 5.0


class RedisWatch:
    """Looks at one queue and its server.

    Args:
        redis: built without retries and with a short time limit, for nobody may wait here.
    """

    def __init__(self, redis: Redis, queue: str, clock: Clock) -> None:
        self._redis, self._key, self._clock = redis, f"rq:queue:{queue}", clock
        self._asked_at = clock.ticks() - _ASKED_EACH_S
        self._waiting, self._oldest_s, self._refuses = 0, 0.0, False
        self._stale: tuple[str, ...] = ()

    def stale(self) -> tuple[str, ...]:
        """Return the units, here or elsewhere, whose beats have not come to Redis for seconds."""
        self._ask()
        return self._stale

    def waiting(self) -> int:
        """Return how many jobs waited a few seconds ago; none while Redis is away."""
        self._ask()
        return self._waiting

    def oldest_s(self) -> float:
        """Return for how many seconds the job that comes next has waited; 0 if none waits."""
        self._ask()
        return self._oldest_s

    def refuses_writes(self) -> bool:
        """Return whether the server lives but takes no writes, as on a full disk; one that is away does not."""
        self._ask()
        return self._refuses

    def _ask(self) -> None:
        if self._clock.ticks() - self._asked_at < _ASKED_EACH_S:
            return
        self._asked_at = self._clock.ticks()
        self._waiting, self._oldest_s, self._refuses, self._stale = 0, 0.0, False, ()
        try:
            self._read()
            self._redis.set(PROBE, "1", ex=PROBE_LIVES_S)
        except AWAY:
            return
        except ResponseError as error:
            self._refuses = not str(error).startswith("LOADING")
        except RedisError:
            return

    def _read(self) -> None:
        """Read what can be read: a key that holds something else than ours says nothing of the server."""
        with contextlib.suppress(ResponseError):
            self._waiting = int(self._redis.llen(self._key))
            self._oldest_s = self._age_of_next() if self._waiting else 0.0
        with contextlib.suppress(ResponseError):
            self._stale = tuple(stale_units(self._redis))

    def _age_of_next(self) -> float:
        job: Any = self._redis.lindex(self._key, 0)
        since: Any = self._redis.hget(b"rq:job:" + job, "enqueued_at") if job else None
        try:
            return max(0.0, (self._clock.now() - datetime.fromisoformat(since.decode())).total_seconds())
        except (AttributeError, ValueError, TypeError):
            return 0.0
