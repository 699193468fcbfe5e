"""Where orders arrive, by queue or by the door of this machine, and become what the policy is asked for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from jikimi.queue.control import ControlQueue, Order, Refusal, Verifier
from jikimi.queue.signing import SignedJson
from jikimi.supervisor.events import Asked, Op

_OPS = {op.value for op in Op}
_REPLIES_KEPT = 1000  # of two minutes; an older order is too late
ALLOWED = {
    "cli": frozenset(_OPS),
    "board": frozenset(_OPS - {Op.DOWN.value}),
    "schedule": frozenset({Op.RESTART.value}),
    "backup": frozenset({Op.STOP.value, Op.START.value, Op.PAUSE.value}),
}


class Reception:
    """Takes orders and answers each at once: what is accepted is in the policy's hands at the next look.

    An order that comes again gets the answer that it got, and nothing more happens: its sender asks at the door if he
    heard nothing from Redis, and a Redis that was restarted may have forgotten that the order was taken.

    Args:
        units: the names that there are.
        keys: each actor's key; the answer is signed with it.
    """

    def __init__(
        self, queue: ControlQueue, verifier: Verifier, keys: Mapping[str, SignedJson], units: Collection[str]
    ) -> None:
        self._queue, self._verifier, self._keys, self._names = queue, verifier, keys, units
        self._waiting: SimpleQueue[Asked] = SimpleQueue()
        self._replies: dict[Order, Mapping[str, Any]] = {}
        self._lock = Lock()

    def orders(self) -> Sequence[Asked]:
        """Return what was asked for since the last call."""
        for order in self._queue.take():
            self._queue.answer(order.id, self._receive(order), self._keys[order.actor])
        return list(_drain(self._waiting.get_nowait))

    def ask(self, asked: Asked) -> None:
        """Take an order from within, such as a signal."""
        self._waiting.put(asked)

    def answer(self, order_id: str, signed: bytes) -> Mapping[str, Any]:
        """Take an order that came to the door of this machine, and return the reply."""
        try:
            return self._receive(self._verifier.verify(order_id, signed))
        except Refusal as refusal:
            return {"accepted": False, "why": str(refusal), "units": []}

    def _receive(self, order: Order) -> Mapping[str, Any]:
        with self._lock:  # the door has threads of its own
            if order not in self._replies:
                self._replies = dict([*self._replies.items()][-_REPLIES_KEPT:])
                self._replies[order] = self._accept(order)
            return self._replies[order]

    def _accept(self, order: Order) -> Mapping[str, Any]:
        unknown = sorted(set(order.wish.units) - set(self._names))
        if unknown:
            why = f"no such unit: {', '.join(unknown)}; there are: {', '.join(self._names)}"
            return {"accepted": False, "why": why, "units": []}
        wish = order.wish
        self._waiting.put(Asked(Op(order.op), order.actor, wish.units, wish.note, wish.for_s))
        return {"accepted": True, "why": "", "units": list(wish.units or self._names)}


def _drain(get: Callable[[], Asked]) -> Sequence[Asked]:
    found = []
    while True:
        try:
            found.append(get())
        except Empty:
            return found
