"""Beats in Redis: one hash a unit, and one index by which the stale ones are found without looking at the others."""

import contextlib
import json
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from jikimi.beats.beat import Beat
from jikimi.unit.port import BeatNotSent, Order

# KEYS: the unit's hash, the index. ARGV: the beat, the unit, how long it may be silent in ms.
_BEAT = """
local now = redis.call('TIME')
local due = now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[3]
redis.call('HSET', KEYS[1], 'beat', ARGV[1])
redis.call('ZADD', KEYS[2], due, ARGV[2])
local order = redis.call('HGET', KEYS[1], 'order')
if order then redis.call('HDEL', KEYS[1], 'order') end
return order
"""
# KEYS: the index. ARGV: how many at most, for how long a silent one is remembered, in ms.
_STALE = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms - ARGV[2])
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ms, 'LIMIT', 0, ARGV[1])
"""
_FORGOTTEN_MS = 86_400_000
_DUE = "jk:due"
_SILENT_MS = 5000
BEAT_WITHIN_S = 0.3  # so long a beat may take, so that a frozen Redis silences nobody


class RedisSink:
    """Sends the beats of one unit; *redis* must be built without retries and with a time limit of 0.3 s."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(_BEAT)

    def send(self, beat: Beat) -> Order | None:
        """Send a beat and return the order that waits for this unit, which is given once only."""
        document = json.dumps(beat.document(), ensure_ascii=False)
        try:
            order = self._script(keys=[f"jk:u:{beat.unit}", _DUE], args=[document, beat.unit, _SILENT_MS])
        except RedisError as error:  # one that takes no writes is as good as away
            raise BeatNotSent(why=str(error)) from None
        try:
            return Order(order.decode()) if order else None
        except ValueError:
            return None  # an order of a newer version

    def leave(self, unit: str) -> None:
        """Take *unit* off the index: it ends as it should, and its silence means nothing."""
        with contextlib.suppress(RedisError):
            self._redis.zrem(_DUE, unit)


def stale_units(redis: Redis, most: int = 100) -> list[str]:
    """Return the units whose next beat is overdue, the longest first; those that beat cost nothing.

    One that has been silent for a day is forgotten.

    Raises:
        RedisError: Redis is away.
    """
    names: Any = redis.eval(_STALE, 1, _DUE, str(most), str(_FORGOTTEN_MS))
    return [name.decode("utf-8", "replace") for name in names]


def leave_order(redis: Redis, unit: str, order: Order) -> None:
    """Leave an order for *unit*, to be taken with its next beat."""
    redis.hset(f"jk:u:{unit}", "order", order.value)
