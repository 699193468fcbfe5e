"""The keeper: starts the units in their order, starts again what has exited, and stops all in reverse.

It judges by life alone; stalls are not seen.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from jikimi.clock import Clock
from jikimi.embedded.part import Part
from jikimi.errors import NotWell
from jikimi.runtime.port import Running, Runtime
from jikimi.text import Text

log = structlog.get_logger()
_READY_WITHIN_S = 60.0
_LOOK_S = 0.1
_LONGEST_BACK_OFF_S = 60.0


class State(StrEnum):
    """How a unit stands."""

    STARTING = "starting"
    HEALTHY = "healthy"
    RECOVERING = "recovering"
    STOPPED = "stopped"


class NotReady(NotWell):
    """A unit did not become ready."""

    what = Text("{unit}이(가) {seconds}초 안에 준비되지 않았습니다", "{unit} was not ready within {seconds} s")
    remedy = Text("기록을 보세요: {log}", "look at its log: {log}")


@dataclass(slots=True)
class Kept:
    """One unit and its history in this life of the keeper."""

    part: Part
    running: Running | None = None
    state: State = State.STARTING
    restarts: int = 0
    back_off_s: float = 0.0
    started_at: float = 0.0


class Keeper:
    """Keeps *parts*, given in the order of their start.

    Args:
        known: the file that remembers what runs, so that a keeper that was killed leaves nothing behind.
    """

    def __init__(self, parts: Sequence[Part], runtime: Runtime, clock: Clock, known: Path) -> None:
        self.units = [Kept(part) for part in parts]
        self._runtime = runtime
        self._clock = clock
        self._known = known

    def start_all(self, told: Callable[[Kept], None]) -> None:
        """Start each unit once those before it are ready.

        Raises:
            NotReady: the unit's log says why.
        """
        self._end_leftovers()
        for unit in self.units:
            self._wait_until_ready(unit, self._start(unit))
            told(unit)

    def look(self) -> None:
        """Look at every unit once; start again what has exited.

        One that had been ready is started at once: only exits before that double the pause.
        """
        for unit in self.units:
            if unit.running is not None and self._runtime.is_running(unit.running):
                if unit.state is not State.HEALTHY and unit.part.ready(unit.running.pid):
                    unit.state = State.HEALTHY
                continue
            ran_s = self._clock.ticks() - unit.started_at
            was_ready = unit.state is State.HEALTHY
            if not was_ready and ran_s < unit.back_off_s:
                continue
            unit.back_off_s = 0.0 if was_ready else min(max(1.0, 2 * unit.back_off_s), _LONGEST_BACK_OFF_S)
            code = self._runtime.exit_code(unit.running) if unit.running else None
            log.warning("unit.exited", unit=unit.part.spec.name, exit_code=code, ran_s=round(ran_s, 1))
            unit.restarts += 1
            self._start(unit)
            unit.state = State.RECOVERING

    def stop_all(self, told: Callable[[Kept], None] = lambda _: None) -> None:
        """Stop the units, the last started first."""
        for unit in reversed(self.units):
            if unit.running is not None:
                self._runtime.stop(unit.running, unit.part.spec.grace_s)
            unit.running, unit.state = None, State.STOPPED
            told(unit)
        self._remember()

    def _start(self, unit: Kept) -> Running:
        unit.running = self._runtime.start(unit.part.spec)
        unit.started_at = self._clock.ticks()
        self._remember()
        log.info("unit.started", unit=unit.part.spec.name, pid=unit.running.pid)
        return unit.running

    def _wait_until_ready(self, unit: Kept, running: Running) -> None:
        give_up_at = self._clock.ticks() + _READY_WITHIN_S
        while not unit.part.ready(running.pid):
            if not self._runtime.is_running(running) or self._clock.ticks() > give_up_at:
                spec = unit.part.spec
                raise NotReady(unit=spec.name, seconds=round(_READY_WITHIN_S), log=spec.log)
            self._clock.wait(_LOOK_S)
        unit.state = State.HEALTHY

    def _remember(self) -> None:
        self._known.write_text(json.dumps([asdict(unit.running) for unit in self.units if unit.running]))

    def _end_leftovers(self) -> None:
        """End what a keeper that was killed had started: a second copy must never run beside it."""
        try:
            left = [Running(**item) for item in json.loads(self._known.read_text())]
        except (OSError, ValueError, TypeError):
            return
        for running in reversed(left):
            if self._runtime.is_running(running):
                log.warning("unit.left_behind", unit=running.unit, pid=running.pid)
                self._runtime.stop(running, grace_s=5.0)
