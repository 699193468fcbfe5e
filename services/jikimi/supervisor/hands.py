"""What carries out the policy's actions: in threads, so that none of them ever holds up a look."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

import structlog

from jikimi.errors import JikimiError
from jikimi.runtime.port import Running, Runtime, UnitSpec
from jikimi.supervisor.events import Act, Do, Done

log = structlog.get_logger()
_AT_ONCE = 8


class Hands:
    """Starts and stops units.

    Args:
        known: the file that remembers what runs.
        fence: takes from a unit the right to post, before it is ended; it must not raise.
        prepare: makes ready for a start of the unit, which does not run then.

    Attributes:
        running: each unit that was started or found, by name, whether it still lives or not.
        last: the same, and those that were stopped.
        done: what has ended.
    """

    def __init__(
        self,
        runtime: Runtime,
        specs: Sequence[UnitSpec],
        known: Path,
        *,
        fence: Callable[[str], None] = lambda _: None,
        prepare: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._runtime = runtime
        self._specs = {spec.name: spec for spec in specs}
        self._known = known
        self._fence, self._prepare = fence, prepare
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="hand")
        self._writing = Lock()
        self._at_work = {spec.name: Lock() for spec in specs}
        self._newest: dict[str, int] = {}
        self.running: dict[str, Running] = {}
        self.last: dict[str, Running] = {}
        self.done: SimpleQueue[Done] = SimpleQueue()

    def adopt(self) -> Mapping[str, Running]:
        """Take over what runs already, and return it."""
        remembered = {running.unit: running for running in _read(self._known) if running.unit in self._specs}
        alive = {name: running for name, running in remembered.items() if self._runtime.is_running(running)}
        missing = [name for name in self._specs if name not in alive]
        self.running.update({**alive, **self._runtime.find(missing)})
        self.last.update({**remembered, **self.running})
        self._remember()
        for name, running in self.running.items():
            log.info("unit.adopted", unit=name, pid=running.pid)
        return self.running

    def take_over(self, down: Collection[str]) -> None:
        """Take note of what others have started: the engine does, and people.

        Args:
            down: the units that did not run at the last look: of another one nobody would ever hear that it had died.
        """
        appeared = self._runtime.appeared()
        for name in [name for name in down if name in appeared]:
            known, running = self.running.get(name), appeared[name]
            if known != running and not self._at_work[name].locked():
                self.running[name] = self.last[name] = running
                log.info("unit.appeared", unit=name)
                self._remember()

    def has_news(self) -> bool:
        """Return whether an action has ended, or a unit that ran at the last look."""
        return not self.done.empty() or any(map(self._runtime.has_ended, list(self.running.values())))

    def do(self, act: Act) -> None:
        """Begin *act*; its end comes with `done`. An older action on the same unit that still runs starts nothing."""
        self._newest[act.unit] = act.number
        self._pool.submit(self._try, act)

    def _try(self, act: Act) -> None:
        try:
            with self._at_work[act.unit]:
                self._carry_out(act)
        except JikimiError as error:
            self.done.put(Done(act.unit, act.number, ok=False, why=str(error)))
        except Exception as error:  # whatever it was, the policy must hear that it did not help
            log.exception("action.failed", unit=act.unit, do=act.do.value)
            self.done.put(Done(act.unit, act.number, ok=False, why=repr(error)))
        else:
            self.done.put(Done(act.unit, act.number))

    def _carry_out(self, act: Act) -> None:
        running = self.running.get(act.unit)
        if not act.is_planned:
            self._fence(act.unit)
        spec, is_newest = self._specs[act.unit], self._newest[act.unit] == act.number
        if act.do is Do.RESTART and running is not None and is_newest and not act.force:
            started = self._runtime.restart(running, spec, act.grace_s, lambda: self._prepare(act.unit))
            self._started(act.unit, started)
            return
        if running is not None:  # of one that is gone, what it has left behind is ended
            self._runtime.stop(running, 0.0 if act.force else act.grace_s)
            log.info("unit.stopped", unit=act.unit, pid=running.pid)
        if act.do is Do.STOP:
            self.running.pop(act.unit, None)
            self._remember()
        elif is_newest:
            self._prepare(act.unit)
            self._started(act.unit, self._runtime.start(spec))

    def _started(self, unit: str, started: Running) -> None:
        self.running[unit] = self.last[unit] = started
        log.info("unit.started", unit=unit, pid=started.pid)
        self._remember()

    def _remember(self) -> None:
        with self._writing:
            document = [asdict(running) for running in dict(self.running).values()]
            partial = self._known.with_suffix(".partial")
            try:
                partial.write_text(json.dumps(document), encoding="utf-8")
                partial.replace(self._known)
            except OSError as error:  # what runs is found by its mark as well
                log.warning("memory.not_written", why=str(error))


def _read(known: Path) -> list[Running]:
    try:
        return [Running(**item) for item in json.loads(known.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
