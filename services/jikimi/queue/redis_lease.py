"""The writer's lease in Redis: one value, compared for equality as a whole."""

import contextlib
import secrets
from datetime import timedelta

from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError

from jikimi.queue.port import LeaseLost, QueueAway

# The value is unit|generation|token. An earlier life of the same unit is dead or fenced off by this.
_TAKE = """
local held = redis.call('GET', KEYS[1])
if held and string.match(held, '^[^|]*') ~= ARGV[1] then return held end
local generation = redis.call('INCR', KEYS[2])
local value = ARGV[1] .. '|' .. generation .. '|' .. ARGV[2]
redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
return value
"""
_CHECK = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.call('GET', KEYS[1]) or '' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return ARGV[1]
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class RedisLease:
    """The lease of one *ledger*, as one *unit* holds it."""

    def __init__(self, redis: Redis, ledger: str, unit: str, ttl: timedelta) -> None:
        self._key = f"jk:lease:{ledger}"
        self._generation = f"jk:generation:{unit}"
        self._unit = unit
        self._ttl_ms = round(ttl / timedelta(milliseconds=1))
        self._value = ""
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._check = redis.register_script(_CHECK)
        self._release = redis.register_script(_RELEASE)

    def take(self) -> None:
        """Take the lease: at once from an earlier life of the same unit, else when it is free."""
        token = secrets.token_hex(16)
        value = self._ask(self._take, [self._key, self._generation], [self._unit, token, self._ttl_ms])
        if not value.endswith(f"|{token}"):
            raise LeaseLost(holder=value.partition("|")[0])
        self._value = value

    def check(self) -> None:
        """Prolong the lease if it is still ours."""
        held = self._ask(self._check, [self._key], [self._value, self._ttl_ms])
        if held != self._value or not self._value:
            raise LeaseLost(holder=held.partition("|")[0] or "nobody")

    def release(self) -> None:
        """Give the lease back if it is still ours."""
        with contextlib.suppress(QueueAway):
            self._ask(self._release, [self._key], [self._value])

    def _ask(self, script: Script, keys: list[str], arguments: list[str | int]) -> str:
        try:
            answer = script(keys=keys, args=arguments)
        except RedisError as error:  # one that takes no writes gives nobody the right to post either
            raise QueueAway(answer=str(error)) from None
        return answer.decode() if isinstance(answer, bytes) else str(answer or "")
