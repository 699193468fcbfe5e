"""What the ERP worker does when a job asks for it."""

from collections.abc import Mapping
from typing import Any, Protocol

import structlog
from pydantic import BaseModel

from jikimi.config.model import Ledger
from jikimi.logs import JsonLines
from jikimi.queue.task import Task
from jikimi.vouchers.cycle import run_cycle
from jikimi.vouchers.shop import Shop

log = structlog.get_logger()


class Pulse(Protocol):
    """What carries the totals to whoever watches."""

    totals: Mapping[str, int]
    last_cycle: Mapping[str, Any]

    def idle(self) -> None:
        """Send a beat."""
        ...


class NoArguments(BaseModel):
    """A task that takes none."""


class WhyArguments(BaseModel):
    """What `why` asks for."""

    wanted: str


class ReadBackArguments(BaseModel):
    """Which file's vouchers shall be read back, and from which ledger."""

    sha: str
    ledger: Ledger


class ErpTasks:
    """What the ERP worker does."""

    def __init__(self, shop: Shop, pulse: Pulse) -> None:
        self._shop = shop
        self._pulse = pulse
        self._history = JsonLines(shop.config.home / "outputs/master_orchestrator_log.jsonl")

    def tasks(self) -> list[Task]:
        """Return the list of what may run."""
        return [
            Task("cycle", NoArguments, lambda _: self.cycle()),
            Task("why", WhyArguments, self.why),
            Task("read_back", ReadBackArguments, self.read_back),
        ]

    def cycle(self) -> dict[str, Any]:
        """Run a cycle and keep its document."""
        try:
            document = run_cycle(self._shop)
        except Exception:
            log.exception("cycle.failed")
            self._shop.journal.add({"total": 1, "failure": 1})
            self.remember()
            raise
        if document["files"] or document["away"]:
            self._history.append(document)
            self._pulse.last_cycle = {name: document[name] for name in ("at", "outcome", "in", "posted", "proof")}
        self.remember()
        return document

    def why(self, asked: WhyArguments) -> dict[str, Any]:
        """Tell a voucher's story."""
        return {"story": self._shop.journal.story(asked.wanted)}

    def read_back(self, asked: ReadBackArguments) -> dict[str, Any]:
        """Return a file's rows with the numbers that the ERP has for them now."""
        entries = self._shop.journal.of(asked.ledger).entries(asked.sha)
        found = self._shop.desk_of(asked.ledger).erp.find([entry.key for entry in entries if entry.key])
        numbers = {booked.key: booked.number for booked in found if booked.posted}
        return {"rows": [entry.shown(numbers.get(entry.key, "")) for entry in entries]}

    def remember(self) -> None:
        """Let the next beat carry the totals of all time."""
        self._pulse.totals = self._shop.journal.totals()
        self._pulse.idle()
