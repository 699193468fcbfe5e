"""Units as containers of a Docker engine, reached by the door that knows their names."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

import docker
from docker.errors import APIError, NotFound

from jikimi.clock import Clock
from jikimi.errors import NotWell
from jikimi.runtime.containers import AWAY, Containers, client_of, reason_of
from jikimi.runtime.port import Circumstances, NotStarted, Running, UnitSpec, Usage
from jikimi.text import Text

_SEEN_WITHIN_S = 5.0
_LOOK_S = 0.05


def send_signal(url: str, container: str, signal: str) -> None:
    """Send a signal such as "SIGKILL" to the first process of *container*, to see what is done about it."""
    with closing(client_of(url)) as client:
        client.kill(container, signal)


class EngineRefused(NotWell):
    """The engine, or the way to it, did not do what was asked."""

    what = Text("엔진이 {unit}의 {call}을(를) 하지 못했습니다: {why}", "the engine did not {call} {unit}: {why}")
    remedy = Text("다시 시도합니다. docker가 정상인지 보세요", "it is tried again; see whether docker itself is well")


class DockerRuntime:
    """Restarts, stops and starts containers that compose has made; it makes and removes none.

    Args:
        names: unit -> container.
        url: of the door, such as `tcp://docker-proxy:2375`.
        unheard: units of whose containers no events come: they are looked at every few seconds.
    """

    def __init__(self, names: Mapping[str, str], url: str, clock: Clock, *, unheard: Collection[str] = ()) -> None:
        self._names, self._url, self._clock = dict(names), url, clock
        self.containers = Containers(names, lambda: client_of(url), unheard)

    def close(self) -> None:
        """Listen to the engine no more."""
        self.containers.close()

    @property
    def is_away(self) -> bool:
        """Whether the engine, or the way to it, does not answer."""
        return self.containers.is_away

    def start(self, spec: UnitSpec) -> Running:
        """Start the container; one that runs already is returned as it is."""
        with self._call(spec.name, "start") as client:
            try:
                client.start(self._names[spec.name])
            except NotFound:
                raise NotStarted(unit=spec.name, why="its container is gone: docker compose up -d") from None
            except APIError as error:
                raise NotStarted(unit=spec.name, why=str(error.explanation)) from None
        return self._started(spec.name)

    def find(self, names: Sequence[str]) -> Mapping[str, Running]:
        """Return which of the units run."""
        return {name: running for name in names if (running := self._running(name)) is not None}

    def appeared(self) -> Mapping[str, Running]:
        """Return all that run: the engine and people start containers as well."""
        return self.find(list(self._names))

    def is_running(self, running: Running) -> bool:
        """Return whether that very life goes on, as far as the engine has told."""
        return self._running(running.unit) == running

    def has_ended(self, running: Running) -> bool:
        """Return whether it does no more; nothing is asked for that."""
        return not self.is_running(running)

    def is_frozen(self, running: Running) -> bool:
        """Return whether it is paused."""
        found = self.containers.get(running.unit)
        return bool(found and found.is_paused and self.is_running(running))

    def circumstances(self, unit: str) -> Circumstances:
        """Return whether somebody else has stopped or paused it, whether it was out of memory, whether it is gone."""
        found, is_aside = self.containers.get(unit), self.containers.is_set_aside(unit)
        if found is None or found.is_new:
            return Circumstances(is_aside, is_missing=not self.is_away)
        return Circumstances(is_aside, found.ran_out_of_memory and not found.is_running)

    def usage(self, running: Running) -> Usage | None:  # noqa: ARG002 - the door does not open for that
        """Return None: what ours use stands in their beats."""
        return None

    def exit_code(self, running: Running) -> int | None:
        """Return how it has ended, negative for a signal."""
        found = self.containers.get(running.unit)
        return found.exit_code if found and not found.is_running and not self.is_running(running) else None

    def restart(self, running: Running, spec: UnitSpec, grace_s: float, prepare: Callable[[], None]) -> Running:
        """Let the engine do it in one step, so that nobody's death in between leaves the container down."""
        prepare()
        with self._call(spec.name, "restart") as client:
            try:
                client.restart(self._names[spec.name], timeout=round(grace_s))
            except NotFound:
                raise NotStarted(unit=spec.name, why="its container is gone: docker compose up -d") from None
        return self._started(spec.name, other_than=running)

    def stop(self, running: Running, grace_s: float) -> None:
        """Stop the container; after a stop the engine does not start it again by itself."""
        if not self.is_running(running):
            return
        with self._call(running.unit, "stop") as client:
            try:
                client.stop(self._names[running.unit], timeout=round(grace_s))
            except NotFound:
                pass
            except APIError:
                self.containers.awaits_no_stop(running.unit)
                client.kill(self._names[running.unit])
        self._wait(lambda: not self.is_running(running), running.unit, "stop")

    def _running(self, unit: str) -> Running | None:
        found = self.containers.get(unit)
        if found is None or not found.is_running:
            return None
        return Running(unit, round(found.started * 1000), found.started)  # every container's process has the id 1

    def _started(self, unit: str, other_than: Running | None = None) -> Running:
        self._wait(lambda: self._running(unit) not in (None, other_than), unit, "start")
        running = self._running(unit)
        if running is None:  # it has ended within a moment
            raise NotStarted(unit=unit, why="it ended at once")
        return running

    def _wait(self, condition: Callable[[], bool], unit: str, call: str) -> None:
        give_up_at = self._clock.ticks() + _SEEN_WITHIN_S
        self.containers.look(unit)
        while not condition():
            if self._clock.ticks() > give_up_at:
                raise EngineRefused(unit=unit, call=call, why=f"nothing seen of it within {_SEEN_WITHIN_S:.0f} s")
            self._clock.wait(_LOOK_S)
            self.containers.look(unit)

    @contextmanager
    def _call(self, unit: str, call: str) -> Iterator[docker.APIClient]:
        """Yield a client of this thread; what goes wrong on the way is said as one of our errors."""
        client = client_of(self._url)
        self.containers.acting(unit, 1, stops=call != "start")
        try:
            with closing(client):
                yield client
        except AWAY as error:
            if isinstance(error, APIError):  # one that has answered nothing may do it yet
                self.containers.awaits_no_stop(unit)
            raise EngineRefused(unit=unit, call=call, why=reason_of(error)) from None
        finally:
            self.containers.acting(unit, -1)
