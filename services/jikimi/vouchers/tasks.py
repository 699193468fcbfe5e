"""What the ERP worker does when a job asks for it."""

from collections.abc import Mapping
from typing import Any, Protocol

import structlog

from jikimi.config.model import Ledger
from jikimi.erp.port import Unavailable
from jikimi.logs import JsonLines
from jikimi.queue.task import NoArguments, Task
from jikimi.vouchers.cycle import run_cycle
from jikimi.vouchers.file_requests import (
    AnswerArguments,
    ApproveArguments,
    FileRequests,
    FilesArguments,
    ReadBackArguments,
    WhyArguments,
)
from jikimi.vouchers.reversal_requests import CorrectArguments, ReversalRequests, ReverseArguments
from jikimi.vouchers.shop import Shop
from jikimi.vouchers.totals import TotalsArguments, totals

log = structlog.get_logger()
_NOBODYS_KEY = "ping"


class Pulse(Protocol):
    """What carries the totals to whoever watches."""

    totals: Mapping[str, int]
    last_cycle: Mapping[str, Any]
    failures: int

    def idle(self) -> None:
        """Send a beat."""
        ...


class ErpTasks:
    """What the ERP worker does."""

    def __init__(self, shop: Shop, pulse: Pulse) -> None:
        self._shop = shop
        self._pulse = pulse
        self._history = JsonLines(shop.config.home / "outputs/master_orchestrator_log.jsonl")
        pulse.last_cycle = _told(self._history.last())  # a worker that begins anew has forgotten nothing

    def tasks(self) -> list[Task]:
        """Return the list of what may run."""
        files, reversals = FileRequests(self._shop, self.cycle), ReversalRequests(self._shop)
        return [
            Task("cycle", NoArguments, lambda _: self.cycle()),
            Task("ping", NoArguments, lambda _: self.ping()),
            Task("why", WhyArguments, files.why),
            Task("read_back", ReadBackArguments, files.read_back),
            Task("approve", ApproveArguments, files.approve),
            Task("reverse", ReverseArguments, reversals.reverse),
            Task("correct", CorrectArguments, reversals.correct),
            Task("files", FilesArguments, files.files),
            Task("answer", AnswerArguments, files.answer),
            Task("totals", TotalsArguments, lambda asked: totals(self._shop, asked)),
        ]

    def cycle(self) -> dict[str, Any]:
        """Run a cycle and keep its document."""
        try:
            document = run_cycle(self._shop)
        except Exception:
            log.exception("cycle.failed")
            self._shop.journal.add({"total": 1, "failure": 1})
            self._pulse.failures += 1
            self.remember()
            raise
        self._pulse.failures = 0  # an absent ERP is no failure
        if document["files"] or document["away"]:
            self._history.append(document)
            self._pulse.last_cycle = _told(document)
        self.remember()
        return document

    def ping(self) -> dict[str, Any]:
        """Ask the company's ledger one cheap question: it shows that queue, worker and ERP work together."""
        try:
            self._shop.desk_of(Ledger.COMPANY).erp.find([_NOBODYS_KEY])
        except Unavailable as away:
            log.warning("ping.unanswered", why=str(away))
            return {"outcome": "away", "why": str(away)}
        return {"outcome": "done"}

    def remember(self) -> None:
        """Let the next beat carry the totals of all time."""
        self._pulse.totals = self._shop.journal.totals()
        self._pulse.idle()


def _told(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every beat tells of a cycle; nothing of one that an older version has written differently."""
    names = ("at", "outcome", "in", "posted", "proof")
    return {name: document[name] for name in names} if all(name in document for name in names) else {}
