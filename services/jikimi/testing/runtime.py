"""A runtime in memory that passes the runtime contract; a test kills units by hand."""

from collections.abc import Callable, Mapping, Sequence

from jikimi.runtime.port import Circumstances, NotStarted, Running, UnitSpec, Usage


class FakeRuntime:
    """Starts nothing: it remembers what was started, and what a test has killed since."""

    def __init__(self) -> None:
        self.alive: dict[int, UnitSpec] = {}
        self.codes: dict[int, int] = {}
        self.started: list[str] = []
        self.frozen: set[int] = set()
        self.missing: set[str] = set()
        self.stopped: list[str] = []
        self.is_shared = False
        self.said: dict[str, Circumstances] = {}
        self._next = 1000

    def kill(self, running: Running, code: int = -9) -> None:
        """Let the unit's process end by itself."""
        del self.alive[running.pid]
        self.codes[running.pid] = code

    def start(self, spec: UnitSpec) -> Running:
        """Start the unit, unless its program is missing."""
        if spec.name in self.missing:
            raise NotStarted(unit=spec.name, why="no such program")
        self._next += 1
        self.alive[self._next] = spec
        self.started.append(spec.name)
        return Running(spec.name, self._next, float(self._next))

    def is_running(self, running: Running) -> bool:
        """Return whether that very process lives."""
        return running.pid in self.alive and running.created == float(running.pid)

    def find(self, names: Sequence[str]) -> Mapping[str, Running]:
        """Return which of the units run."""
        alive = {spec.name: Running(spec.name, pid, float(pid)) for pid, spec in self.alive.items()}
        return {name: alive[name] for name in names if name in alive}

    def has_ended(self, running: Running) -> bool:
        """Return whether it is gone."""
        return not self.is_running(running)

    def is_frozen(self, running: Running) -> bool:
        """Return whether a test has frozen it."""
        return self.is_running(running) and running.pid in self.frozen

    def usage(self, running: Running) -> Usage:
        """Return one megabyte and one second for what lives."""
        return Usage(1_000_000, 1.0) if self.is_running(running) else Usage()

    def exit_code(self, running: Running) -> int | None:
        """Return how it has ended."""
        return self.codes.get(running.pid)

    def circumstances(self, unit: str) -> Circumstances:
        """Return what a test has said."""
        return self.said.get(unit, Circumstances())

    def appeared(self) -> Mapping[str, Running]:
        """Return all that run, where a test lets others start units as well."""
        return self.find([spec.name for spec in self.alive.values()]) if self.is_shared else {}

    def restart(self, running: Running, spec: UnitSpec, grace_s: float, prepare: Callable[[], None]) -> Running:
        """Stop the unit, prepare, and start it."""
        self.stop(running, grace_s)
        prepare()
        return self.start(spec)

    def stop(self, running: Running, grace_s: float) -> None:  # noqa: ARG002 - it ends at once
        """End the process."""
        if self.is_running(running):
            del self.alive[running.pid]
            self.codes[running.pid] = 0
            self.stopped.append(running.unit)
