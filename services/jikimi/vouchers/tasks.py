"""What the ERP worker does when a job asks for it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

import structlog
from pydantic import BaseModel

from jikimi.config.model import Ledger
from jikimi.erp.port import Unavailable
from jikimi.inbox import Claimed, claimed
from jikimi.logs import JsonLines
from jikimi.queue.task import NoArguments, Task
from jikimi.text import Lang
from jikimi.vouchers.correction import CORRECTED, correct
from jikimi.vouchers.cycle import run_cycle
from jikimi.vouchers.fileresult import merge
from jikimi.vouchers.history import file_id
from jikimi.vouchers.outcome import Outcome
from jikimi.vouchers.rulebook import no_vat_accounts
from jikimi.vouchers.shop import Shop
from jikimi.vouchers.undo import named, planned, undo, undo_plan

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


class WhyArguments(BaseModel):
    """What `why` asks for."""

    wanted: str


class ReadBackArguments(BaseModel):
    """Which file's vouchers shall be read back, and from which ledger."""

    sha: str
    ledger: Ledger


class ApproveArguments(BaseModel):
    """Which file's drafts may be posted, and who says so."""

    name: str
    who: str


class ReverseArguments(BaseModel):
    """Which voucher, or all of which file, shall be undone in which ledger, and who says so."""

    wanted: str
    ledger: Ledger
    who: str
    dry_run: bool = False


class CorrectArguments(BaseModel):
    """Which voucher gets which account in which ledger, and who says so."""

    wanted: str
    account: str
    ledger: Ledger
    who: str


class FilesArguments(BaseModel):
    """Which files to list."""

    ledger: Ledger
    open_only: bool = False


class AnswerArguments(BaseModel):
    """Whether a waiting row is the transaction that it was likened to, and who says so."""

    wanted: str
    same: bool
    ledger: Ledger
    who: str


class ErpTasks:
    """What the ERP worker does."""

    def __init__(self, shop: Shop, pulse: Pulse) -> None:
        self._shop = shop
        self._pulse = pulse
        self._history = JsonLines(shop.config.home / "outputs/master_orchestrator_log.jsonl")
        pulse.last_cycle = _told(self._history.last())  # a worker that begins anew has forgotten nothing

    def tasks(self) -> list[Task]:
        """Return the list of what may run."""
        return [
            Task("cycle", NoArguments, lambda _: self.cycle()),
            Task("ping", NoArguments, lambda _: self.ping()),
            Task("why", WhyArguments, self.why),
            Task("read_back", ReadBackArguments, self.read_back),
            Task("approve", ApproveArguments, self.approve),
            Task("reverse", ReverseArguments, self.reverse),
            Task("correct", CorrectArguments, self.correct),
            Task("files", FilesArguments, self.files),
            Task("answer", AnswerArguments, self.answer),
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

    def why(self, asked: WhyArguments) -> dict[str, Any]:
        """Tell a voucher's story."""
        return {"story": self._shop.journal.story(asked.wanted)}

    def read_back(self, asked: ReadBackArguments) -> dict[str, Any]:
        """Return a file's rows with the numbers that the ERP has for them now, and how many vouchers stand for each."""
        entries = self._shop.journal.of(asked.ledger).entries(asked.sha)
        found = self._shop.desk_of(asked.ledger).erp.find([entry.key for entry in entries if entry.key])
        posted = [booked for booked in found if booked.posted]
        numbers, stands = {booked.key: booked.number for booked in posted}, Counter(booked.key for booked in posted)
        rows = [{**entry.shown(numbers.get(entry.key, "")), "stands": stands[entry.key]} for entry in entries]
        return {"rows": rows}

    def approve(self, asked: ApproveArguments) -> dict[str, Any]:
        """Let the drafts of the waiting file with that id, or the only one of that name, be posted; post them."""
        profiles = self._shop.config.settings.profiles
        waiting: dict[str, tuple[Claimed, Ledger, str]] = {}
        for file in claimed(self._shop.config.home):
            ledger = profiles[file.place].ledger if file.place in profiles else Ledger.COMPANY
            sha = file.read()[1]
            if asked.name in (file.name, name := file_id(sha, ledger)):
                waiting[name] = (file, ledger, sha)
        if len(waiting) > 1:
            return {"found": 0, "ambiguous": sorted(waiting), **merge([])}
        for file, ledger, sha in waiting.values():
            self._shop.journal.of(ledger).approve(sha, asked.who)
            log.info("file.approved", file=file.name, who=asked.who)
        return {"found": len(waiting), "ambiguous": [], **self.cycle()}

    def files(self, asked: FilesArguments) -> dict[str, Any]:
        """Return the files that were taken, newest first."""
        found = self._shop.journal.of(asked.ledger).files()
        return {"files": [asdict(file) for file in found if file.open or not asked.open_only]}

    def reverse(self, asked: ReverseArguments) -> dict[str, Any]:
        """Undo one voucher by its key or number, or all that a file has posted by its id or its only name.

        With *dry_run* nothing is written, and each voucher is said to be `planned`.
        """
        journal, desk = self._shop.journal.of(asked.ledger), self._shop.desk_of(asked.ledger)
        keys = named(journal, asked.wanted)
        if isinstance(keys, list) and len(keys) > 1:
            return {"reversals": [], "ambiguous": keys}
        wanted = list(keys)
        if asked.dry_run:
            plan = undo_plan(desk.erp, wanted, self._shop.today(), desk.erp.catalogue())
            return {"reversals": [planned(key, made) for key, made in plan.items()], "ambiguous": []}
        desk.lease.take()
        try:
            moved = self._shop.watcher.moved
            outcomes = undo(desk, wanted, self._shop.today(), lambda done: moved(f"reversing {asked.wanted}", done))
        finally:
            desk.lease.release()
        for key, outcome in outcomes.items():
            if outcome.number:
                journal.record_reversal(key, outcome.number, asked.who)
                log.info("voucher.reversed", key=key, number=outcome.number, who=asked.who)
        return {"reversals": [_shown(key, outcome) for key, outcome in outcomes.items()], "ambiguous": []}

    def correct(self, asked: CorrectArguments) -> dict[str, Any]:
        """Undo one voucher and post it again with another account."""
        journal, desk = self._shop.journal.of(asked.ledger), self._shop.desk_of(asked.ledger)
        config = self._shop.config
        keys = named(journal, asked.wanted)
        if len(keys) != 1:
            return {"corrections": [], "ambiguous": list(keys)}
        desk.lease.take()
        try:
            no_vat = no_vat_accounts(config.home, config.settings.profiles, asked.ledger)
            outcomes = correct(desk, keys[0], asked.account, self._shop.today(), lambda _: None, no_vat=no_vat)
        finally:
            desk.lease.release()
        for key, outcome in outcomes.items():
            if outcome.number and key != CORRECTED:
                journal.record_reversal(key, outcome.number, asked.who)
            log.info("voucher.corrected", key=keys[0], number=outcome.number, who=asked.who)
        return {"corrections": [_shown(key, outcome) for key, outcome in outcomes.items()], "ambiguous": []}

    def answer(self, asked: AnswerArguments) -> dict[str, Any]:
        """Keep what a person says of the rows whose key begins so, and look at their files again."""
        journal = self._shop.journal.of(asked.ledger)
        questions = journal.questions(asked.wanted)
        for source in questions:
            journal.answer(source, asked.who, same=asked.same)
            log.info("row.answered", source=source, same=asked.same, who=asked.who)
        return {"answered": len(questions), **self.cycle()}

    def remember(self) -> None:
        """Let the next beat carry the totals of all time."""
        self._pulse.totals = self._shop.journal.totals()
        self._pulse.idle()


def _told(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every beat tells of a cycle; nothing of one that an older version has written differently."""
    names = ("at", "outcome", "in", "posted", "proof")
    return {name: document[name] for name in names} if all(name in document for name in names) else {}


def _shown(key: str, outcome: Outcome) -> dict[str, Any]:
    reason = outcome.reason
    said = {lang.value: reason.say(lang) for lang in Lang} if reason else {}
    return {"key": key, "outcome": outcome.state.value, "number": outcome.number, "reason": said}
