"""What every runtime must do; subclass it and give a `floor` fixture."""

from collections.abc import Callable
from typing import Protocol

from jikimi.runtime.port import Running, Runtime, UnitSpec

GRACE_S = 5.0


class Floor(Protocol):
    """A runtime, units for it, and what a test can do to them."""

    @property
    def runtime(self) -> Runtime: ...

    def unit(self, name: str, *, stubborn: bool = False) -> UnitSpec:
        """Return a unit that runs until it is ended; a stubborn one does not listen when it is asked to."""
        ...

    def kill(self, running: Running) -> None: ...

    def until(self, condition: Callable[[], object]) -> None: ...


class RuntimeContract:
    def test_a_started_unit_runs(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))

        assert running.unit == "redis"
        assert floor.runtime.is_running(running)
        assert floor.runtime.exit_code(running) is None

    def test_a_killed_unit_is_seen_as_gone_with_its_exit_code(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))

        floor.kill(running)

        floor.until(lambda: not floor.runtime.is_running(running))
        assert floor.runtime.exit_code(running) == -9

    def test_a_stopped_unit_is_gone_when_stop_returns(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))

        floor.runtime.stop(running, GRACE_S)

        assert not floor.runtime.is_running(running)

    def test_a_unit_that_does_not_listen_is_ended_by_force(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis", stubborn=True))

        floor.runtime.stop(running, 0.2)

        assert not floor.runtime.is_running(running)

    def test_stopping_what_is_gone_is_no_error(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))
        floor.runtime.stop(running, GRACE_S)

        floor.runtime.stop(running, GRACE_S)

    def test_a_process_with_the_same_id_but_another_birth_is_not_that_unit(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))
        other = Running(running.unit, running.pid, running.created - 100)

        floor.runtime.stop(other, GRACE_S)

        assert not floor.runtime.is_running(other)
        assert floor.runtime.is_running(running)

    def test_two_units_are_told_apart(self, floor: Floor) -> None:
        first, second = (floor.runtime.start(floor.unit(name)) for name in ("redis", "erp"))

        floor.runtime.stop(first, GRACE_S)

        assert floor.runtime.is_running(second)
