"""`outputs/watchdog_log.jsonl`: every step of the supervisor, and every five minutes a line for each unit."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from jikimi.clock import Clock
from jikimi.logs import JsonLines
from jikimi.supervisor.events import Note
from jikimi.supervisor.state import Stack, State
from jikimi.supervisor.watched import Sight

log = structlog.get_logger()
_ROLL_CALL_S = 300.0
_OF_INTEREST = ("mode", "job", "phase", "progress_age_s", "rss_mb", "cpu_s")


class WatchdogLog:
    """Writes the notes down, and hands on what a person must hear.

    Args:
        tell: gets each note that a person must hear; it must return at once and not raise.
        examine: gets the unit and the id of each incident as it begins, to gather evidence.
    """

    def __init__(
        self,
        lines: JsonLines,
        clock: Clock,
        *,
        tell: Callable[[Note], None] = lambda _: None,
        examine: Callable[[str, str], None] = lambda _unit, _incident: None,
    ) -> None:
        self._lines, self._clock, self._tell, self._examine = lines, clock, tell, examine
        self._called_at = clock.ticks()

    def write(self, note: Note, sight: Sight | None) -> None:
        """Keep *note* with what was seen of its unit."""
        says = {name: sight.says[name] for name in _OF_INTEREST if name in sight.says} if sight else {}
        facts = {"unit": note.unit, "incident": note.incident, "why": str(note.why), **note.facts}
        self._append({"step": note.step.value, **facts, "told": note.tells, "seen": says})
        if note.tells:
            self._tell(note)
        if note.incident and note.step.value == "began":
            self._examine(note.unit, note.incident)

    def call_the_roll(self, stack: Stack, states: Mapping[str, State]) -> None:
        """Every five minutes, write how each unit stands and how old its last sign of life is."""
        if self._clock.ticks() - self._called_at < _ROLL_CALL_S:
            return
        self._called_at = self._clock.ticks()
        for name, unit in stack.units.items():
            age_s = round(unit.silent_s, 1)
            word = "OK" if states[name] is State.HEALTHY else states[name].value
            self._append({"step": word, "unit": name, "sign_age_s": age_s, "restarts": unit.restarts})

    def _append(self, line: Mapping[str, Any]) -> None:
        try:
            self._lines.append({"at": self._clock.now().isoformat(timespec="milliseconds"), **line})
        except OSError as error:  # a full disk must not keep anything from being mended
            log.warning("note.not_written", why=str(error), **line)
