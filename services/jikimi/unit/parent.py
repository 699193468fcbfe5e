"""The parent of a unit: it never takes a job; it beats, judges its one child, and starts the next."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import structlog

from jikimi.beats.beat import Beat, Mode
from jikimi.beats.beat_file import read_beat, write_beat
from jikimi.clock import Clock
from jikimi.unit.judgement import Limits, Seen, Verdict, judge
from jikimi.unit.port import BeatNotSent, Bench, Child, Life, Nursery, Order, Sink
from jikimi.unit.process_tree import born, end_tree, usage_of
from jikimi.unit.report import Report

log = structlog.get_logger()
TICK_S = 0.1
_SHORTEST_TICK_S = 0.01  # a child that tells much is heard a hundred times a second at most
_BEAT_S = 1.0
_LONGEST_TICK_S = 1.0  # a longer gap means that this process stood still, not that the child did
_BOOT_S = 60.0  # until its first report a child starts up
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_QUICK_STARTS = 5  # so many children in a row may die young: somebody may be killing them, and each has done some work
_GROWN_UP_S = 5.0
_BLIND_GRACE_S = 2.0
_STRAYS_S = 10.0
_SAME_S = 0.01
_WEIGHED_EACH = 5  # beats: what a child uses is no matter of seconds


class Parent:
    """Keeps one child at work.

    Args:
        folder: of the beat files.
        dump: writes the stacks of a child that is about to be killed; it must not take long.
        barred: says why no child may start now, else "".
    """

    def __init__(
        self,
        unit: str,
        folder: Path,
        clock: Clock,
        nursery: Nursery,
        *,
        sink: Sink,
        bench: Bench,
        limits: Limits,
        dump: Callable[[int], None] = lambda _pid: None,
        barred: Callable[[], str] = lambda: "",
    ) -> None:
        self._unit, self._folder, self._clock = unit, folder, clock
        self._nursery, self._sink, self._bench, self._limits, self._dump = nursery, sink, bench, limits, dump
        self._barred, self._bar = barred, ""
        self._child: Child | None = None
        self._last = Report(Mode.BUSY, 0, "starting", budget_s=_BOOT_S)
        self._totals = Report(Mode.IDLE, 0)
        self._silent_s = self._still_s = self._blind_s = self._pause_s = self._back_off_s = self._age_s = (
            self._ending_s
        ) = 0.0
        self._since_beat_s = _BEAT_S
        self._since_strays_s = 0.0
        self._ticked_at = clock.ticks()
        self._is_blind = False
        self._boot_id = secrets.token_hex(4)
        self._usage, self._born = (0.0, 0.0), 0.0
        self._end_left_behind()
        self._seq = self._children = self._lost = 0
        self._ending = False

    def _end_left_behind(self) -> None:
        """End the child of an earlier parent where no system has done so with that parent's death."""
        beat = read_beat(self._folder, self._unit) or {}
        child, when = beat.get("child_pid"), beat.get("child_born")
        if isinstance(child, int) and when and abs(born(child) - float(when)) < _SAME_S:
            log.warning("child.left_behind", child_pid=child)
            end_tree(child)

    @property
    def is_done(self) -> bool:
        """Whether it was asked to end and its child is gone."""
        return self._ending and self._child is None

    @property
    def child_pid(self) -> int | None:
        """The child's process id; None while there is no child."""
        return self._child.pid if self._child else None

    def end(self) -> None:
        """Let the child end after what it is doing; no other is started."""
        if not self._ending and self._child is not None:
            self._child.ask_to_end()
        self._ending = True

    def close(self) -> None:
        """End the child by force if it is still there; the unit is not missed any more."""
        self._sink.leave(self._unit)
        if self._child is not None:
            self._bench.fence()
            self._child.kill()
            self._child = None
            self._bench.hand_back()

    def tick(self) -> None:
        """Look once: hear the child, judge it, act, and beat each second."""
        passed = self._pass_time()
        if self._child is None:
            self._start_when_due(passed)
        else:
            life = self._child.life()  # asked before what it has told is heard, so that its last words count
            self._hear(self._child)
            self._act(self._child, life)
        self._since_strays_s += passed
        if self._since_strays_s >= _STRAYS_S and not self._is_blind:
            self._since_strays_s = 0.0
            self._bench.hand_back_strays(self._child.pid if self._child else None)
        self._since_beat_s += passed
        if self._since_beat_s > _BEAT_S - TICK_S / 2:
            self._since_beat_s = 0.0
            self._beat()

    def wait(self) -> None:
        """Let the time of a tick pass, or less if the child has something to tell."""
        self._clock.wait(_SHORTEST_TICK_S)
        if self._child is None:
            self._clock.wait(TICK_S - _SHORTEST_TICK_S)
        else:
            self._child.wait(TICK_S - _SHORTEST_TICK_S)

    def _pass_time(self) -> float:
        now = self._clock.ticks()
        passed, self._ticked_at = min(now - self._ticked_at, _LONGEST_TICK_S), now
        self._blind_s = _BLIND_GRACE_S if self._is_blind else max(0.0, self._blind_s - passed)
        if not self._blind_s:  # what the child says nothing of while Redis is away is not its fault
            self._silent_s += passed
            self._still_s += passed
        self._age_s += passed
        self._ending_s += passed if self._ending else 0.0
        if self._child is not None and self._age_s >= _GROWN_UP_S:
            self._lost = 0
        return passed

    def _start_when_due(self, passed: float) -> None:
        self._pause_s -= passed
        if self._ending or self._pause_s > 0 or self._is_barred():
            return
        self._bench.hand_back()
        self._child = self._nursery.start()
        self._children += 1
        self._born = born(self._child.pid)
        self._last = Report(Mode.BUSY, 0, "starting", budget_s=_BOOT_S)
        self._silent_s = self._still_s = self._age_s = 0.0
        log.info("child.started", child_pid=self._child.pid, number=self._children)

    def _is_barred(self) -> bool:
        """Return whether no child may start now; it is asked again after a moment."""
        was, self._bar = self._bar, self._barred()
        if self._bar:
            self._last, self._pause_s = Report(Mode.IDLE, 0, self._bar), _FIRST_PAUSE_S
            if self._bar != was:
                log.warning("child.barred", why=self._bar)
        return bool(self._bar)

    def _hear(self, child: Child) -> None:
        for report in child.reports():
            self._silent_s = 0.0
            if (
                report.token != self._last.token
                or report.mode is not self._last.mode
                or report.phase != self._last.phase
            ):
                self._still_s = 0.0
            if report.mode is Mode.IDLE and self._last.mode is Mode.BUSY and (left := child.end_leftovers()):
                log.warning("leftovers.ended", count=left, job=self._last.job)
            if report.mode is Mode.BUSY and self._last.mode is Mode.IDLE:
                self._nursery.prepare()
            self._last = report
            self._totals = report if report.totals else self._totals

    def _act(self, child: Child, life: Life) -> None:
        seen = Seen(
            mode=self._last.mode,
            budget_s=self._last.budget_s,
            silent_s=self._silent_s,
            still_s=self._still_s,
            has_exited=life is Life.EXITED,
            was_last=self._last.is_last,
            is_stopped=life is Life.STOPPED,
            is_blind=bool(self._blind_s),
            ending_s=self._ending_s,
        )
        verdict = judge(seen, self._limits)
        if verdict is Verdict.LEAVE:
            return
        if verdict is Verdict.OVER:
            self._replace(child)
            return
        facts = {"child_pid": child.pid, "job": self._last.job, "phase": self._last.phase}
        log.warning("child.given_up", why=verdict, silent_s=self._silent_s, still_s=self._still_s, **facts)
        self._bench.fence()
        if verdict is not Verdict.EXITED:
            self._dump(child.pid)
        child.kill()
        self._child = None
        self._lost += self._age_s < _GROWN_UP_S
        was_fruitful = self._lost <= _QUICK_STARTS and (self._last.token > 1 or self._last.mode is Mode.IDLE)
        self._back_off_s = 0.0 if was_fruitful else min(max(_FIRST_PAUSE_S, 2 * self._back_off_s), _LONGEST_PAUSE_S)
        self._pause_s = self._back_off_s
        self._start_when_due(0.0)

    def _replace(self, child: Child) -> None:
        """Let the next child follow one that did its one job and ended, with all that it had started."""
        self._child, self._lost = None, 0
        self._back_off_s = self._pause_s = 0.0
        self._start_when_due(0.0)
        child.kill()  # it takes nothing any more, so that nobody has to wait for its end

    def _beat(self) -> None:
        """File first, then Redis, so that a frozen Redis silences nobody."""
        self._seq += 1
        if self._child is not None and self._seq % _WEIGHED_EACH == 1:
            self._usage = usage_of(self._child.pid)
        beat = Beat(
            unit=self._unit,
            pid=os.getpid(),
            child_pid=self._child.pid if self._child else None,
            child_born=self._born,
            generation=self._children,
            seq=self._seq,
            at=self._clock.now().isoformat(),
            mode=self._last.mode,
            job=self._last.job,
            phase=self._last.phase,
            progress=self._last.token,
            progress_age_s=round(self._still_s, 1),
            budget_s=self._last.budget_s,
            percent=self._last.percent,
            left_s=self._last.left_s,
            boot_id=self._boot_id,
            is_blind=self._is_blind,
            failures=max(self._last.failures, self._lost - _QUICK_STARTS),
            rss_mb=self._usage[0],
            cpu_s=self._usage[1],
            totals=self._totals.totals,
            last_cycle=self._totals.last_cycle,
        )
        try:
            write_beat(self._folder, beat)
        except OSError as error:  # a full disk must end nobody
            log.warning("beat.not_written", why=str(error))
        try:
            order = self._sink.send(beat)
        except BeatNotSent:
            if not self._is_blind:
                log.warning("beat.not_sent")
            self._is_blind = True
            return
        self._is_blind = False
        self._obey(order)

    def _obey(self, order: Order | None) -> None:
        if order in (Order.DRAIN, Order.STOP):
            self.end()
        elif order is Order.DUMP and self._child is not None:
            self._dump(self._child.pid)
