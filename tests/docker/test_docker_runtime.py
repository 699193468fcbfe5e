"""Containers keep the contract of a runtime, and what only they know is told."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from docker.errors import NotFound

from jikimi.clock import SystemClock
from jikimi.runtime.docker import DockerRuntime, EngineRefused
from jikimi.runtime.port import Circumstances, NotStarted, Running, UnitSpec
from tests.conftest import Until
from tests.contract.runtime_contract import GRACE_S, Floor, RuntimeContract
from tests.docker.engine import TARGET_IMAGE, needs_engine

_URL = "unix:///var/run/docker.sock"
_WAITS = "trap 'exit 0' TERM; sleep infinity & wait"
_STUBBORN = "trap '' TERM; while :; do sleep 1; done"
_EATS = "head -c 200m /dev/zero | tail"
_UNITS = ("redis", "erp")
_MEMORY = 32 * 1024 * 1024
_WITHIN_S = 20.0


class ContainerFloor:
    """Containers that a test makes; what runs them is the engine of this machine."""

    def __init__(self, engine: Any, until: Until) -> None:
        self.engine, self._until = engine, until
        self._prefix = f"jikimi-contract-{uuid4().hex[:8]}"
        self.names = {unit: f"{self._prefix}-{unit}" for unit in _UNITS}
        self._runtimes: list[DockerRuntime] = []
        self.runtime = self.another_runtime()

    def unit(self, name: str, *, stubborn: bool = False, command: str = "") -> UnitSpec:
        limits = self.engine.create_host_config(mem_limit=_MEMORY, memswap_limit=_MEMORY, network_mode="none")
        words = ["bash", "-c", command or (_STUBBORN if stubborn else _WAITS)]
        self.engine.create_container(TARGET_IMAGE, words, name=self.names[name], host_config=limits)
        return UnitSpec(name, (), Path("unused"))

    def missing_unit(self, name: str) -> UnitSpec:
        return UnitSpec(name, (), Path("unused"))

    def another_runtime(self) -> DockerRuntime:
        self._runtimes.append(DockerRuntime(self.names, _URL, SystemClock()))
        return self._runtimes[-1]

    def kill(self, running: Running) -> None:
        self.engine.kill(self.names[running.unit])

    def freeze(self, running: Running) -> None:
        self.engine.pause(self.names[running.unit])

    def until(self, condition: Callable[[], object]) -> None:
        self._until(condition, _WITHIN_S)

    def close(self) -> None:
        for runtime in self._runtimes:
            runtime.close()
        for name in self.names.values():
            try:
                self.engine.remove_container(name, force=True)
            except NotFound:
                continue
        self.engine.close()


@pytest.fixture
def containers(until: Until) -> Iterator[ContainerFloor]:
    floor = ContainerFloor(needs_engine(TARGET_IMAGE), until)
    yield floor
    floor.close()


class TestDockerRuntime(RuntimeContract):
    @pytest.fixture
    def floor(self, containers: ContainerFloor) -> Floor:
        return containers

    def test_what_a_person_stops_is_set_aside_until_somebody_starts_it(self, containers: ContainerFloor) -> None:
        running = containers.runtime.start(containers.unit("redis"))

        containers.engine.stop(containers.names["redis"], timeout=1)

        containers.until(lambda: containers.runtime.circumstances("redis").is_set_aside)
        assert not containers.runtime.is_running(running)
        containers.engine.start(containers.names["redis"])
        containers.until(containers.runtime.appeared)
        assert containers.runtime.circumstances("redis") == Circumstances()
        assert containers.runtime.appeared()["redis"] != running

    def test_what_a_person_pauses_is_set_aside_until_it_goes_on(self, containers: ContainerFloor) -> None:
        running = containers.runtime.start(containers.unit("redis"))

        containers.engine.pause(containers.names["redis"])

        containers.until(lambda: containers.runtime.circumstances("redis").is_set_aside)
        assert containers.runtime.is_running(running)
        containers.engine.unpause(containers.names["redis"])
        containers.until(lambda: containers.runtime.circumstances("redis") == Circumstances())

    def test_what_we_stop_ourselves_is_not_set_aside(self, containers: ContainerFloor) -> None:
        running = containers.runtime.start(containers.unit("redis"))

        containers.runtime.stop(running, GRACE_S)

        assert not containers.runtime.circumstances("redis").is_set_aside

    def test_a_container_that_was_made_but_never_started_is_missing_like_one_that_is_not_there(
        self, containers: ContainerFloor
    ) -> None:
        assert containers.runtime.circumstances("redis").is_missing

        containers.unit("redis")

        assert containers.another_runtime().circumstances("redis").is_missing

    def test_a_removed_container_is_missing_and_its_start_names_the_cure(self, containers: ContainerFloor) -> None:
        spec = containers.unit("redis")
        containers.runtime.start(spec)

        containers.engine.remove_container(containers.names["redis"], force=True)

        containers.until(lambda: containers.runtime.circumstances("redis").is_missing)
        with pytest.raises(NotStarted) as caught:
            containers.runtime.start(spec)
        assert "docker compose up -d" in str(caught.value.facts["why"])

    def test_who_ran_out_of_memory_is_known(self, containers: ContainerFloor) -> None:
        spec = containers.unit("redis", command=_EATS)

        with suppress(NotStarted, EngineRefused):  # it may be over before anyone has looked
            containers.runtime.start(spec)

        containers.until(lambda: containers.runtime.circumstances("redis").ran_out_of_memory)

    def test_starting_what_runs_already_changes_nothing(self, containers: ContainerFloor) -> None:
        spec = containers.unit("redis")
        running = containers.runtime.start(spec)

        assert containers.runtime.start(spec) == running


def test_an_engine_that_is_away_is_known_and_asked_for_nothing(until: Until) -> None:
    runtime = DockerRuntime({"redis": "x"}, "tcp://127.0.0.1:9", SystemClock())

    try:
        assert runtime.is_away
        assert runtime.circumstances("redis") == Circumstances()
        with pytest.raises(EngineRefused):
            runtime.start(UnitSpec("redis", (), Path("unused")))
    finally:
        runtime.close()
