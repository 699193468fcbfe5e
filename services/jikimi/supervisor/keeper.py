"""The keeper: looks, lets the policy judge, writes down what it will do, does it, and sees whether it helped."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import structlog

from jikimi.clock import Clock
from jikimi.runtime.port import Runtime
from jikimi.supervisor.events import UNSEEN, Act, Asked, Event, Looked, Note, Seen
from jikimi.supervisor.hands import Hands
from jikimi.supervisor.policy import adopted, step
from jikimi.supervisor.rules import Limits, Rules
from jikimi.supervisor.state import Stack, from_json, to_json
from jikimi.supervisor.watched import Sight, Watched

log = structlog.get_logger()
_VERSION = 1
LISTENS_EACH_S = 0.05


class Notebook(Protocol):
    """Where the policy's notes are written, and from where a person is told."""

    def write(self, note: Note, sight: Sight | None) -> None:
        """Keep *note*, with what was seen of its unit; return at once."""
        ...


class Keeper:
    """Keeps the units of one stack.

    Args:
        memory: the file with what the policy knows; it may be lost.
        orders: returns what people and the timetable ask for since the last call, and how to answer each.
        hold: says why nothing may be done now, else "".
        listens_each_s: how often it looks whether something has ended, between two looks at all.
    """

    def __init__(
        self,
        units: Sequence[Watched],
        runtime: Runtime,
        hands: Hands,
        clock: Clock,
        *,
        memory: Path,
        notebook: Notebook,
        limits: Limits | None = None,
        orders: Callable[[], Sequence[Asked]] = tuple,
        hold: Callable[[], str] = lambda: "",
        listens_each_s: float = LISTENS_EACH_S,
    ) -> None:
        self._listens_each_s = listens_each_s
        self._units, self._runtime, self._hands, self._clock = units, runtime, hands, clock
        self._memory, self._notebook, self._orders, self._hold = memory, notebook, orders, hold
        self._rules = Rules(tuple(unit.rule for unit in units), limits or Limits())
        self.sights: Mapping[str, Sight] = {}
        self.stack = self._recall(self._hands.adopt())
        self._looked_at, self._was_held = clock.ticks(), ""
        self._down: Sequence[str] = ()

    def tick(self) -> None:
        """Hear what has ended and what is asked for, then look once."""
        while not self._hands.done.empty():
            self._feed(self._hands.done.get())
        for asked in self._orders():
            self._feed(asked)
        now = self._clock.ticks()
        dt_s, self._looked_at = now - self._looked_at, now
        hold = self._hold()
        if self._was_held in UNSEEN and hold not in UNSEEN:
            self.stack = adopted(self.stack, self._hands.adopt(), is_same=True)
        self._was_held = hold
        self._hands.take_over(self._down)
        seen = {unit.spec.name: self._see(unit) for unit in self._units}
        self._feed(Looked(dt_s, seen, hold))
        self._down = [name for name, one in seen.items() if not one.life]

    def rest(self) -> None:
        """Wait until the next look is due, or something has ended."""
        until = self._looked_at + self._rules.limits.tick_s
        while not self._hands.has_news():
            left_s = until - self._clock.ticks()
            if left_s <= 0:
                return
            self._clock.wait(min(left_s, self._listens_each_s))

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the stack runs, and nothing is about to."""
        return not any(unit.life or unit.flight for unit in self.stack.units.values())

    def _see(self, unit: Watched) -> Seen:
        name = unit.spec.name
        running = self._hands.running.get(name)
        around = self._runtime.circumstances(name)
        if running is None or not self._runtime.is_running(running):
            return Seen(
                is_set_aside=around.is_set_aside,
                ran_out_of_memory=around.ran_out_of_memory,
                is_missing=around.is_missing,
            )
        sight = unit.watch.look(running.pid)
        self.sights = {**self.sights, name: sight}
        life = f"{running.pid}:{running.created}"
        is_late = not sight.seen.sign or sight.seen.sign == self._sign_of(name)
        is_frozen = is_late and self._runtime.is_frozen(running)
        return replace(sight.seen, life=life, is_frozen=is_frozen, is_set_aside=around.is_set_aside)

    def _sign_of(self, name: str) -> str:
        known = self.stack.units.get(name)
        return known.sign if known else ""

    def _feed(self, event: Event) -> None:
        """Let the policy judge; what it decides is written down before it is done."""
        known = self.stack.units.keys()
        self.stack, effects = step(self.stack, event, self._rules)
        acts = [effect for effect in effects if isinstance(effect, Act)]
        if effects or self.stack.units.keys() != known:  # others read there what is part of the stack
            self._remember()
        for effect in effects:
            if isinstance(effect, Note):
                self._notebook.write(effect, self.sights.get(effect.unit))
        for act in acts:
            log.info("action.begun", unit=act.unit, do=act.do.value, grace_s=act.grace_s, is_planned=act.is_planned)
            self._hands.do(act)

    def _remember(self) -> None:
        document = {"v": _VERSION, "stack": to_json(self.stack)}
        partial = self._memory.with_suffix(".partial")
        try:
            partial.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
            partial.replace(self._memory)
        except OSError as error:  # a memory may be lost; the units may not
            log.warning("memory.not_written", why=str(error))

    def _recall(self, alive: Collection[str]) -> Stack:
        """Return what an earlier keeper knew; without it, all begins anew."""
        era = self._clock.now().strftime("%Y%m%d-%H%M%S")
        known = _stack_in(self._memory)
        return adopted(replace(known, era=era) if known else Stack(era=era), alive)


def wants_in(memory: Path) -> dict[str, str]:
    """Return how each unit is wanted, as a keeper has written it into *memory*; nothing if that is lost."""
    known = _stack_in(memory)
    return {name: unit.wanted.value for name, unit in known.units.items()} if known else {}


def _stack_in(memory: Path) -> Stack | None:
    try:
        document: dict[str, Any] = json.loads(memory.read_text(encoding="utf-8"))
        return from_json(document["stack"]) if document["v"] == _VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
