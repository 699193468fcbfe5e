"""A runtime in memory that passes the runtime contract; a test kills units by hand."""

from jikimi.runtime.port import Running, UnitSpec


class FakeRuntime:
    """Starts nothing: it remembers what was started, and what a test has killed since."""

    def __init__(self) -> None:
        self.alive: dict[int, UnitSpec] = {}
        self.codes: dict[int, int] = {}
        self.started: list[str] = []
        self.stopped: list[str] = []
        self._next = 1000

    def kill(self, running: Running, code: int = -9) -> None:
        """Let the unit's process end by itself."""
        del self.alive[running.pid]
        self.codes[running.pid] = code

    def start(self, spec: UnitSpec) -> Running:
        """Start the unit."""
        self._next += 1
        self.alive[self._next] = spec
        self.started.append(spec.name)
        return Running(spec.name, self._next, float(self._next))

    def is_running(self, running: Running) -> bool:
        """Return whether that very process lives."""
        return running.pid in self.alive and running.created == float(running.pid)

    def exit_code(self, running: Running) -> int | None:
        """Return how it has ended."""
        return self.codes.get(running.pid)

    def stop(self, running: Running, grace_s: float) -> None:  # noqa: ARG002 - it ends at once
        """End the process."""
        if self.is_running(running):
            del self.alive[running.pid]
            self.codes[running.pid] = 0
            self.stopped.append(running.unit)
