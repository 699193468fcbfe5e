"""What every runtime must do; subclass it and give a `floor` fixture."""

from collections.abc import Callable
from typing import Protocol

import pytest

from jikimi.runtime.port import Circumstances, NotStarted, Running, Runtime, UnitSpec, Usage

GRACE_S = 5.0


class Floor(Protocol):
    """A runtime, units for it, and what a test can do to them."""

    @property
    def runtime(self) -> Runtime: ...

    def unit(self, name: str, *, stubborn: bool = False) -> UnitSpec:
        """Return a unit that runs until it is ended; a stubborn one does not listen when it is asked to."""
        ...

    def missing_unit(self, name: str) -> UnitSpec:
        """Return a unit whose program is not there."""
        ...

    def another_runtime(self) -> Runtime:
        """Return a second one over the same units, as the next keeper has it."""
        ...

    def kill(self, running: Running) -> None: ...

    def freeze(self, running: Running) -> None: ...

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

    def test_what_runs_is_found_by_its_name_whoever_started_it(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))

        found = floor.another_runtime().find(["redis", "erp"])

        assert found == {"redis": running}

    def test_what_is_gone_is_not_found(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))
        floor.runtime.stop(running, GRACE_S)

        assert floor.runtime.find(["redis"]) == {}

    def test_a_unit_that_the_system_has_stopped_is_frozen(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))
        assert not floor.runtime.is_frozen(running)

        floor.freeze(running)

        floor.until(lambda: floor.runtime.is_frozen(running))
        assert floor.runtime.is_running(running)
        floor.runtime.stop(running, 0.0)
        assert not floor.runtime.is_frozen(running)

    def test_an_end_is_news(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))
        assert floor.runtime.is_running(running)
        assert not floor.runtime.has_ended(running)

        floor.kill(running)

        floor.until(lambda: floor.runtime.has_ended(running))

    def test_what_runs_uses_something_and_what_is_gone_nothing(self, floor: Floor) -> None:
        running = floor.runtime.start(floor.unit("redis"))
        if floor.runtime.usage(running) is None:
            return  # a runtime that cannot know says so

        floor.until(lambda: (floor.runtime.usage(running) or Usage()).rss_bytes > 0)

        floor.runtime.stop(running, GRACE_S)

        assert floor.runtime.usage(running) == Usage()

    def test_a_restarted_unit_has_another_life_and_the_old_one_is_gone(self, floor: Floor) -> None:
        spec, prepared = floor.unit("redis"), list[str]()
        first = floor.runtime.start(spec)

        second = floor.runtime.restart(first, spec, GRACE_S, lambda: prepared.append("yes"))

        assert floor.runtime.is_running(second)
        assert not floor.runtime.is_running(first)
        assert prepared == ["yes"]

    def test_of_what_runs_nothing_else_is_said(self, floor: Floor) -> None:
        floor.runtime.start(floor.unit("redis"))

        assert floor.runtime.circumstances("redis") == Circumstances()

    def test_a_program_that_is_missing_is_told_by_name(self, floor: Floor) -> None:
        with pytest.raises(NotStarted) as caught:
            floor.runtime.start(floor.missing_unit("redis"))

        assert caught.value.facts["unit"] == "redis"

    def test_two_units_are_told_apart(self, floor: Floor) -> None:
        first, second = (floor.runtime.start(floor.unit(name)) for name in ("redis", "erp"))

        floor.runtime.stop(first, GRACE_S)

        assert floor.runtime.is_running(second)
