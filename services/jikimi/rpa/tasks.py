"""What the RPA worker does when a job asks for it, and what it looks after while there is none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Protocol

import structlog
from pydantic import BaseModel

from jikimi.clock import Clock
from jikimi.errors import JikimiError
from jikimi.queue.port import JobQueue, QueueAway
from jikimi.queue.task import NoArguments, Task
from jikimi.rpa.errors import ForTheDesktop
from jikimi.rpa.flow import QUEUE, Flow
from jikimi.rpa.item import OVER, Item, State
from jikimi.rpa.policy import resolved, retried
from jikimi.rpa.runner import Runner

log = structlog.get_logger()
_AHEAD = 10  # so many jobs lie on the queue at most: the items themselves are safe on the disk
_KEPT_S = 60
_FLOW_WAIT_S = 10.0


class ItemArguments(BaseModel):
    """Which item a job is about."""

    flow: str
    key: str


class ResolveArguments(ItemArguments):
    """What a person says of an item in doubt."""

    went_through: bool
    who: str


class Store(Protocol):
    """Where items are kept."""

    def get(self, flow: str, key: str) -> Item | None:
        """Return the item, if there is one."""
        ...

    def put(self, *items: Item) -> None:
        """Write items down."""
        ...


class RpaTasks:
    """What the RPA worker does.

    Args:
        flow_of: loads a flow by its name, as its file is now.
        changed: called after an item has changed.
    """

    def __init__(
        self,
        store: Store,
        runner: Runner,
        clock: Clock,
        flow_of: Callable[[str], Flow],
        changed: Callable[[Item], None],
    ) -> None:
        self._store, self._runner, self._clock, self._flow_of, self._changed = store, runner, clock, flow_of, changed

    def tasks(self) -> list[Task]:
        """Return the list of what may run."""
        return [
            Task("item", ItemArguments, self.item),
            Task("retry_item", ItemArguments, self.retry),
            Task("resolve_item", ResolveArguments, self.resolve),
            Task("ping", NoArguments, lambda _: {"outcome": "done"}),
        ]

    def item(self, asked: ItemArguments) -> dict[str, Any]:
        """Bring an item on by an attempt; what is wrong with its flow's file is its reason meanwhile."""
        try:
            flow = self._flow_of(asked.flow)
            if flow.queue != QUEUE:
                raise ForTheDesktop(name=flow.name, queue=flow.queue)
        except JikimiError as broken:
            return self._waits_for_its_flow(asked, broken)
        item = self._runner.run(flow, asked.key)
        if item is None:
            return {"outcome": "unknown"}
        self._changed(item)
        return {"outcome": item.state.value, "reason": item.reason}

    def retry(self, asked: ItemArguments) -> dict[str, Any]:
        """Give an item that was refused or has failed all its attempts anew."""
        item = self._store.get(asked.flow, asked.key)
        if item is None or item.state not in (State.BUSINESS, State.FAILED):
            return {"outcome": "refused", "state": item.state.value if item else "unknown"}
        item = self._write(retried(item))
        log.info("item.retried", flow=item.flow, key=item.key, state=item.state.value)
        return {"outcome": "done", "state": item.state.value}

    def resolve(self, asked: ResolveArguments) -> dict[str, Any]:
        """Take a person's word for an item in doubt."""
        item = self._store.get(asked.flow, asked.key)
        if item is None or item.state is not State.IN_DOUBT:
            return {"outcome": "refused", "state": item.state.value if item else "unknown"}
        result: Mapping[str, Any] = {"resolved_by": asked.who}
        item = self._write(resolved(item, went_through=asked.went_through, result=result))
        log.info("item.resolved", flow=item.flow, key=item.key, state=item.state.value)
        return {"outcome": "done", "state": item.state.value}

    def _write(self, item: Item) -> Item:
        self._store.put(item)
        self._changed(item)
        return item

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _waits_for_its_flow(self, asked: ItemArguments, broken: JikimiError) -> dict[str, Any]:
        """Leave the item waiting until its flow can be used: no attempt of it is used up."""
        item = self._store.get(asked.flow, asked.key)
        log.warning("flow.broken", flow=asked.flow, why=str(broken))
        if item is not None and item.state not in OVER:
            self._store.put(replace(item, reason=str(broken), next_at=self._now() + _FLOW_WAIT_S))
        return {"outcome": "waiting", "reason": str(broken)}


class Waiting(Protocol):
    """Where items wait."""

    def due(self, now: float, most: int) -> Sequence[Item]:
        """Return items that something is to be done with."""
        ...


def submit_due(store: Waiting, queue: JobQueue, now: float) -> int:
    """Queue jobs for items that are due, a few ahead; return how many. Redis may be away: they are asked for again."""
    try:
        room = _AHEAD - queue.waiting(QUEUE)
        due = store.due(now, room) if room > 0 else ()
        return sum(
            queue.submit("item", {"flow": item.flow, "key": item.key}, job_of(item), kept_s=_KEPT_S) for item in due
        )
    except QueueAway:
        return 0


def job_of(item: Item) -> str:
    """Return the id of the job for what is next with *item*: the same until something has become of it."""
    mark = sha256(f"{item.flow}\n{item.key}\n{item.attempts}\n{item.asked}\n{item.next_at}\n{item.state}".encode())
    return f"{QUEUE}-{item.flow}-{mark.hexdigest()[:16]}"
