"""A unit's own beats: written whenever something is told of it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jikimi.beats.beat import Beat, Mode
from jikimi.beats.beat_file import write_beat
from jikimi.clock import Clock


class Pulse:
    """Writes the unit's beat into *folder* whenever something is told of it.

    Attributes:
        totals, last_cycle: what the next beats carry.
        must_stop: asks whether the unit was told to end.
    """

    def __init__(self, folder: Path, clock: Clock, unit: str) -> None:
        self._folder = folder
        self._clock = clock
        self._unit = unit
        self._seq = 0
        self._progress = 0
        self.totals: Mapping[str, int] = {}
        self.last_cycle: Mapping[str, Any] = {}
        self.must_stop: Callable[[], bool] = lambda: False

    def idle(self) -> None:
        """Tell that there is nothing to do."""
        self._beat(Mode.IDLE, "")

    def moved(self, phase: str, done: int) -> None:  # noqa: ARG002 - what counts is that it moved
        """Tell that work has moved."""
        self._progress += 1
        self._beat(Mode.BUSY, phase)

    def stopping(self) -> bool:
        """Return whether the worker was asked to end."""
        return self.must_stop()

    def _beat(self, mode: Mode, phase: str) -> None:
        self._seq += 1
        beat = Beat(
            unit=self._unit,
            pid=os.getpid(),
            seq=self._seq,
            at=self._clock.now().isoformat(),
            mode=mode,
            phase=phase,
            progress=self._progress,
            totals=self.totals,
            last_cycle=self.last_cycle,
        )
        write_beat(self._folder, beat)
