"""What Prometheus reads of the supervisor: the newest look, kept where a scrape finds it without waiting."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import structlog

from jikimi.clock import Clock
from jikimi.metrics.exposition import Exposition
from jikimi.metrics.reading import QueueReading, Reading, TickReading, UnitReading
from jikimi.supervisor.events import Note, Step
from jikimi.supervisor.keeper import Notebook
from jikimi.supervisor.rules import Limits, Rule
from jikimi.supervisor.state import Stack
from jikimi.supervisor.watched import Sight

log = structlog.get_logger()
_MARGIN_S = Limits().margin_s
_MB = 1e6


class Figures:
    """Counts what is noted on its way to *notebook*, and shows each look.

    Args:
        listen: host:port where it is given out; "" for nowhere.
    """

    def __init__(self, notebook: Notebook, clock: Clock, listen: str = "") -> None:
        self._notebook, self._clock = notebook, clock
        self._restarts: Counter[tuple[str, str]] = Counter()
        self._reading = Reading(TickReading(clock.now().timestamp()))
        if listen:
            self._serve(listen)

    def _serve(self, listen: str) -> None:
        host, _, port = listen.rpartition(":")
        try:
            Exposition(lambda: self._reading).serve(host, int(port))
        except OSError as error:  # nothing that heals needs it
            log.warning("metrics.not_served", listen=listen, why=str(error))

    def write(self, note: Note, sight: Sight | None) -> None:
        """Count the note and hand it on."""
        if note.step is Step.ACTED:
            self._restarts[note.unit, str(note.why)] += 1
        self._notebook.write(note, sight)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure one look."""
        began = self._clock.ticks()
        yield
        took_s, last = self._clock.ticks() - began, self._reading.tick
        tick = TickReading(self._clock.now().timestamp(), took_s, last.count + 1, last.total_s + took_s)
        self._reading = replace(self._reading, tick=tick)

    def show(
        self, stack: Stack, rules: Mapping[str, Rule], document: Mapping[str, Any], queues: Sequence[QueueReading]
    ) -> None:
        """Show the stack as *document*, the snapshot of the same look, says it."""
        has_totals = any(unit["name"] == "erp-worker" and unit["boot_id"] for unit in document["units"])
        self._reading = replace(
            self._reading,
            units=[_unit(unit, stack, rules) for unit in document["units"] if unit["name"] in rules],
            vouchers=document["vouchers"] if has_totals else {},
            queues=queues,
            restarts=dict(self._restarts),
            checks={check["name"]: check["state"] for check in document["checks"]},
            hold=stack.hold,
        )


def _unit(fact: Mapping[str, Any], stack: Stack, rules: Mapping[str, Rule]) -> UnitReading:
    unit, rule = stack.units[fact["name"]], rules[fact["name"]]
    return UnitReading(
        name=rule.name,
        state=fact["state"],
        beat_age_s=unit.silent_s if unit.life else None,
        beat_limit_s=rule.silent_s,
        progress_age_s=fact["progress_age_s"],
        progress_budget_s=(fact["budget_s"] or 0.0) + _MARGIN_S if unit.is_busy else 0.0,
        is_busy=unit.is_busy,
        restarts_fruitless=len(unit.fruitless),
        rss_bytes=None if fact["rss_mb"] is None else fact["rss_mb"] * _MB,
        cpu_s=fact["cpu_s"],
    )
