"""One run of the safe, as a journaled sequence.

Each step may be repeated, and a run that was killed leaves nothing that the next one must be told of.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog

from jikimi.backup.drill import Drill, Drilled
from jikimi.backup.guard import judge
from jikimi.backup.keys import SafeKeys
from jikimi.backup.lock import holding
from jikimi.backup.offsite import Offsite
from jikimi.backup.place import Place
from jikimi.backup.port import ALL, Damaged, Repository, Share, Stored, Told, Verified
from jikimi.backup.progress import Course, Far
from jikimi.backup.receipts import Receipts
from jikimi.backup.retention import Held, Keep, removable
from jikimi.backup.snapshot import Content, Outcome, Receipt, local_day, newest_good
from jikimi.backup.stage import Stage, Staged
from jikimi.backup.switch_files import RestoreUnfinished, pending
from jikimi.backup.wanted import REQUIRED, Wanted
from jikimi.clock import Clock
from jikimi.errors import JikimiError
from jikimi.logs import JsonLines

log = structlog.get_logger()
T = TypeVar("T")
WEEK = 7  # all stored data is read once in so many runs


class Step(StrEnum):
    """The steps of a run, in their order."""

    PREFLIGHT = "preflight"
    STAGE = "stage"
    STORE = "store"
    VERIFY = "verify"
    DRILL = "drill"
    MARK = "mark"
    RETAIN = "retain"
    OFFSITE = "off-site"
    RECEIPT = "receipt"


StepTold = Callable[[Step, float], None]


def _quiet(_step: Step, _share: float) -> None:
    """Tell nobody."""


def _unheard(_far: Far) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Safe:
    """What a run works with.

    Attributes:
        state: a folder of the safe's own; may be lost. log: one line a step.
        offsite: what keeps a second repository, if there is one.
    """

    repository: Repository
    place: Place
    keys: SafeKeys
    receipts: Receipts
    stage: Stage
    drill: Drill
    keep: Keep
    clock: Clock
    zone: ZoneInfo
    state: Path
    log: JsonLines
    offsite: Offsite | None = None


@dataclass
class _Run:
    """What one run has found so far."""

    id: str
    at: datetime
    reasons: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    staged: Staged | None = None
    stored: Stored | None = None
    outcome: Outcome = Outcome.FAILED
    changed: tuple[str, ...] = ()
    keys: int | None = None
    verified: bool = False
    drilled: bool = False
    healed: bool = False


class Pipeline:
    """Runs the safe. *trouble* is what ended the last run, if it was one of ours.

    Args:
        told: hears how far each step is. far: how far the run is, and how long it may still take.
    """

    def __init__(self, safe: Safe, told: StepTold = _quiet, far: Callable[[Far], None] = _unheard) -> None:
        self._safe, self._hears, self._far = safe, told, far
        self._course, self._run_id = Course(list(Step), {}, 0.0), ""
        self.trouble: JikimiError | None = None

    def run(self, wanted: Wanted) -> Receipt:
        """Save *wanted* and return the receipt, whatever became of it.

        Raises:
            RunsSince: another run is under way; RestoreUnfinished: so is a restore. Nothing was done.
        """
        safe = self._safe
        with holding(safe.state, safe.clock, safe.zone):
            if (unfinished := pending(wanted.home.root)) is not None:  # else what is saved could be a mix
                raise RestoreUnfinished(snapshot=unfinished.snapshot)
            now = safe.clock.now()
            run = _Run(f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}", now)
            last = newest_good(safe.receipts.read(), now)
            self._course = Course(list(Step), last.seconds if last else {}, safe.clock.ticks())
            self._run_id = run.id
            try:
                self._save(run, wanted, last)
            except Exception as error:  # noqa: BLE001 - however a run fails, it leaves a receipt
                run.outcome = Outcome.FAILED
                self.trouble = error if isinstance(error, JikimiError) else None
                run.reasons.append(f"{type(error).__name__}: {error}")
                log.error("backup.failed", run=run.id, why=str(error))  # noqa: TRY400 - no traceback: keys are near
            finally:
                safe.stage.clear()
            return self._end(run)

    def _save(self, run: _Run, wanted: Wanted, last: Receipt | None) -> None:
        safe = self._safe
        self._step(run, Step.PREFLIGHT, lambda _: self._preflight(run, last))
        run.staged = staged = self._step(run, Step.STAGE, lambda _: safe.stage.make(wanted, run.at))
        run.stored = self._step(run, Step.STORE, lambda told: safe.repository.put(staged.sources, run.at, told=told))
        self._step(run, Step.VERIFY, lambda told: self._verify(run, staged, told, is_first=last is None))
        self._step(run, Step.DRILL, lambda told: self._drill(run, staged, told))
        self._step(run, Step.MARK, lambda _: self._mark(run, staged, last))
        if run.outcome is Outcome.GOOD:
            safe.stage.remember()

    def _preflight(self, run: _Run, last: Receipt | None) -> None:
        safe = self._safe
        safe.place.check_ours(safe.keys)
        safe.repository.clear_leftovers()
        safe.repository.check_open()
        if last is None:
            safe.repository.add_key(safe.keys.recovery_key())
        room = 2 * last.added_bytes if last else 0
        if safe.place.make_room(room, lambda: self._retain(run.at, reclaim=True)):
            run.reasons.append("little room: the ballast was given up")

    def _verify(self, run: _Run, staged: Staged, told: Told, *, is_first: bool) -> None:
        share = ALL if is_first else Share(run.at.date().toordinal() % WEEK + 1, WEEK)
        found = self._safe.repository.verify(share)
        run.verified = bool(found) or self._heal(run, staged, found, told)

    def _heal(self, run: _Run, staged: Staged, found: Verified, told: Told) -> bool:
        """Set what is damaged aside and store everything once more, while its sources still stand; return success."""
        repository, receipts = self._safe.repository, self._safe.receipts
        run.reasons.append(f"damaged: {', '.join(found.broken) or found.said}")
        for receipt in receipts.read():
            if receipt.snapshot in found.broken:
                receipts.write(replace(receipt, outcome=Outcome.FAILED, reasons=(*receipt.reasons, "damaged")))
        if repository.mend(found):
            run.stored = repository.put(staged.sources, run.at, told=told, afresh=True)
        again = repository.verify()
        run.reasons += [f"lost: {name}" for name in dict.fromkeys((*found.files, *again.files))]
        run.healed = bool(again)
        return run.healed

    def _drill(self, run: _Run, staged: Staged, told: Told) -> None:
        try:
            drilled = self._restore(run, staged, told)
        except Damaged as error:
            # the night's share of `verify` did not touch it
            run.reasons.append(f"drill: {error}")
            found = self._safe.repository.verify()
            run.verified = bool(found) or (not run.healed and self._heal(run, staged, found, told))
            if not run.verified:
                return
            drilled = self._restore(run, staged, told)
        run.reasons += [f"drill: {reason}" for reason in drilled.wrong]
        run.drilled, run.changed, run.keys = not drilled.wrong, drilled.changed, drilled.keys

    def _restore(self, run: _Run, staged: Staged, told: Told) -> Drilled:
        snapshot = run.stored.snapshot if run.stored else ""
        return self._safe.drill.run(self._safe.repository, snapshot, size=staged.content.bytes, told=told)

    def _mark(self, run: _Run, staged: Staged, last: Receipt | None) -> None:
        unreadable = sorted({*staged.manifest.unreadable, *(run.stored.unreadable if run.stored else ())})
        outcome, reasons = judge(staged.content, last.content if last else None, REQUIRED, unreadable)
        run.reasons += [*staged.wrong, *reasons]
        if outcome is Outcome.GOOD and staged.wrong:
            outcome = Outcome.PARTIAL
        run.outcome = outcome if run.verified and run.drilled else Outcome.FAILED

    def _end(self, run: _Run) -> Receipt:
        safe = self._safe
        if run.outcome is Outcome.GOOD:
            # the receipt first: a run that ends in between must count, or retention would not know the newest
            self._write(run)
            try:
                self._step(run, Step.RETAIN, lambda _: self._retain(run.at, reclaim=run.at.date().weekday() == 0))
            except (JikimiError, OSError) as error:
                run.reasons.append(f"retain: {error}")
            self._copy_off_site(run)
        receipt = self._step(run, Step.RECEIPT, lambda _: self._write(run))
        log.info("backup.ended", run=run.id, outcome=str(run.outcome), snapshot=receipt.snapshot)
        safe.log.append({"at": safe.clock.now().isoformat(), "run": run.id, "step": "end", "outcome": run.outcome})
        return receipt

    def _copy_off_site(self, run: _Run) -> None:
        """Let the second repository catch up: whatever becomes of that, this run is what it is."""
        safe, offsite = self._safe, self._safe.offsite
        if offsite is None:
            return
        try:
            caught = self._step(run, Step.OFFSITE, lambda told: offsite.catch_up(safe.repository, told))
        except Exception as error:  # noqa: BLE001 - the local backup is good, and stays so
            run.reasons.append(f"off-site: {error}")
            return
        line = {"run": run.id, "step": Step.OFFSITE, "copied": caught.copied, "removed": caught.removed}
        safe.log.append({"at": safe.clock.now().isoformat(), **line})

    def _retain(self, now: datetime, *, reclaim: bool) -> None:
        safe = self._safe
        of = {receipt.snapshot: receipt.outcome for receipt in safe.receipts.read() if receipt.snapshot}
        held = [Held(one.id, one.at, of.get(one.id, Outcome.FAILED)) for one in safe.repository.snapshots()]
        going = removable(held, now, safe.zone, safe.keep)
        if going:
            safe.repository.delete(going)
            safe.receipts.forget(going)
        if going or reclaim:
            safe.repository.reclaim()

    def _write(self, run: _Run) -> Receipt:
        receipt = self._receipt(run)
        self._safe.receipts.write(receipt)
        return receipt

    def _receipt(self, run: _Run) -> Receipt:
        content = run.staged.content if run.staged else Content()
        stored = run.stored
        return Receipt(
            run=run.id,
            at=run.at,
            day=local_day(run.at, self._safe.zone),
            outcome=run.outcome,
            snapshot=stored.snapshot if stored else "",
            engine=self._safe.repository.engine,
            reasons=tuple(run.reasons),
            verified=run.verified,
            drilled=run.drilled,
            healed=run.healed,
            content=replace(content, keys=run.keys if run.keys is not None else content.keys),
            added_bytes=stored.added_bytes if stored else 0,
            unreadable=stored.unreadable if stored else (),
            changed=tuple(sorted({*run.changed, *(stored.changed if stored else ())})),
            seconds={name: round(value, 3) for name, value in run.seconds.items()},
        )

    def _told(self, step: Step, share: float, *, begins: bool = False) -> None:
        ticks = self._safe.clock.ticks()
        far = self._course.at(step, share, ticks)
        self._hears(step, share)
        self._far(far)
        if self._course.is_news(far, ticks, begins=begins):
            log.info("backup.moved", run=self._run_id, step=str(step), percent=far.percent, left_s=far.left_s)

    def _step(self, run: _Run, step: Step, work: Callable[[Told], T]) -> T:
        safe = self._safe
        began = safe.clock.ticks()
        line = {"run": run.id, "step": step}
        safe.log.append({"at": safe.clock.now().isoformat(), **line, "state": "began"})
        self._told(step, 0.0, begins=True)
        state = "failed"
        try:
            result = work(lambda share: self._told(step, share))
            state = "done"
        finally:
            run.seconds[step] = safe.clock.ticks() - began
            seconds = round(run.seconds[step], 3)
            safe.log.append({"at": safe.clock.now().isoformat(), **line, "state": state, "seconds": seconds})
        self._told(step, 1.0)
        return result
