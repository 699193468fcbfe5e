"""Orders to the supervisor: jobs on the queue `control`, signed by their sender, which it takes but never executes."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from redis import Redis
from redis.exceptions import RedisError
from rq.job import Job, JobStatus
from rq.results import Result

from jikimi.clock import Clock
from jikimi.queue.signing import BadSignature, SignedJson
from jikimi.queue.task import REFUSED, allow

log = structlog.get_logger()
CONTROL = "control"
_LARGEST = 64 * 1024
_LATEST_S = 120.0  # an order that nobody took for so long is not carried out any more
_KEPT_S = 7 * 24 * 3600  # the clock counts on it: while an order is known, nobody gives it again
_AGAIN_AFTER_S = 5.0
_REFUSED_KEPT = 1000


class Wish(BaseModel):
    """What an order asks for.

    Attributes:
        at: when it was given. for_s: how long it shall hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: datetime
    units: tuple[str, ...] = ()
    note: str = ""
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A verified order; two are the same if they ask for the same of the same moment, whatever they are called.

    Attributes:
        actor: whose key has signed it.
    """

    id: str = field(compare=False)
    op: str
    actor: str
    wish: Wish = field(repr=False)


class Refusal(Exception):
    """An order is none; the text says why."""


class Verifier:
    """Knows every actor's key, and what each may ask for.

    Args:
        allowed: the operations of each actor.
    """

    def __init__(self, keys: Mapping[str, SignedJson], allowed: Mapping[str, frozenset[str]], clock: Clock) -> None:
        self._keys, self._allowed, self._clock = keys, allowed, clock

    def verify(self, order_id: str, signed: bytes) -> Order:
        """Return the order in *signed*: name, nothing, no positional arguments, keyword arguments.

        Raises:
            Refusal: nobody of ours has signed it, it is none of the signer's, or too late.
        """
        for actor, key in self._keys.items():
            try:
                payload = key.loads(signed)
            except (BadSignature, ValueError):
                continue
            return self._check(order_id, actor, payload)
        raise Refusal("nobody of ours has signed it")

    def _check(self, order_id: str, actor: str, payload: Any) -> Order:
        try:
            op, _, positional, arguments = payload
            wish = Wish.model_validate(arguments)
        except (ValidationError, ValueError, TypeError):
            raise Refusal("it has not the shape of an order") from None
        if positional or op not in self._allowed.get(actor, frozenset()):
            raise Refusal(f"{actor} may not ask for {op}")
        if abs((self._clock.now() - wish.at).total_seconds()) > _LATEST_S:
            raise Refusal(f"it was given at {wish.at.isoformat(timespec='seconds')}, too long ago")
        return Order(order_id, str(op), actor, wish)


class ControlQueue:
    """The supervisor's end of the queue; *redis* must be built without retries and with a short time limit."""

    def __init__(self, redis: Redis, verifier: Verifier, clock: Clock) -> None:
        self._redis, self._verifier, self._clock = redis, verifier, clock
        self._away_until = clock.ticks()
        self._job_class = allow(())

    def take(self) -> Sequence[Order]:
        """Return the orders that were given since the last call; what is none is refused and recorded."""
        if self._clock.ticks() < self._away_until:
            return []
        orders = []
        try:
            while taken := self._next():
                order_id = taken.decode(errors="replace")
                try:
                    orders.append(self._verifier.verify(order_id, self._payload(order_id)))
                except Refusal as refusal:
                    self._refuse(order_id, str(refusal))
        except RedisError:
            self._away_until = self._clock.ticks() + _AGAIN_AFTER_S
        return orders

    def answer(self, order_id: str, reply: Mapping[str, Any], signer: SignedJson) -> None:
        """Mark the order finished and give its sender *reply*; without Redis he hears nothing."""
        try:
            job = Job(order_id, connection=self._redis, serializer=signer)
            with self._redis.pipeline() as pipeline:
                job.set_status(JobStatus.FINISHED, pipeline=pipeline)
                Result.create(job, Result.Type.SUCCESSFUL, _KEPT_S, return_value=dict(reply), pipeline=pipeline)
                pipeline.expire(job.key, _KEPT_S)
                pipeline.execute()
        except RedisError as error:
            log.warning("order.not_answered", order=order_id, why=str(error))

    def _next(self) -> bytes | None:
        taken: Any = self._redis.lpop(f"rq:queue:{CONTROL}")
        return None if taken is None else bytes(taken)

    def _payload(self, order_id: str) -> bytes:
        packed: Any = self._redis.hget(f"rq:job:{order_id}", "data")
        try:
            unpacker = zlib.decompressobj()
            return unpacker.decompress(packed or b"", _LARGEST)
        except zlib.error:
            raise Refusal("it cannot be read") from None

    def _refuse(self, order_id: str, why: str) -> None:
        log.warning("order.refused", order=order_id, why=why)
        facts: Any = {"job": order_id, "name": CONTROL, "why": why[:200]}
        self._redis.xadd(REFUSED, facts, maxlen=_REFUSED_KEPT, approximate=True)
        self._redis.delete(f"rq:job:{order_id}")
