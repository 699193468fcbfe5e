"""The engine itself is restarted, killed, and loses its power: the stack is well again without a command."""

import signal
from collections.abc import Iterator

import docker
import pytest

from jikimi.clock import SystemClock
from tests.conftest import Until
from tests.docker.compose import ComposeStack
from tests.docker.engine import needs_engine
from tests.docker.nested import NestedEngine

pytestmark = pytest.mark.timeout(600)
# built under a name of its own: a stack beside this one would be made anew if its image changed
_IMAGE = "localhost/jikimi-test-nested"
IMAGES = (f"{_IMAGE}:0.1.0", f"{_IMAGE}-backup:0.1.0", "redis:8.0", "haproxy:3.0")
# The ledger is left out, and so are flows: what an engine does to containers does not depend on what is in them.
_LEFT_OUT = "without-erp.yml:without-flows.yml:monitoring/without-grafana.yml:tests/docker/small.yml"
_MORE = {
    "COMPOSE_FILE": f"docker-compose.yml:{_LEFT_OUT}",
    "JIKIMI_IMAGE": _IMAGE,
    "JIKIMI_ERP_URL": "http://127.0.0.1:9",
}
_CLOCK = SystemClock()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, until: Until) -> Iterator[NestedEngine]:
    needs_engine("redis:8.0", "haproxy:3.0", "python:3.13-slim-trixie").close()
    nested = NestedEngine(tmp_path_factory.mktemp("nested"), until)
    nested.start()
    yield nested
    nested.close()


@pytest.fixture(scope="module")
def stack(engine: NestedEngine, tmp_path_factory: pytest.TempPathFactory, until: Until) -> Iterator[ComposeStack]:
    folder = tmp_path_factory.mktemp("stack")
    here = ComposeStack(folder, None, until, _MORE)
    assert here.compose("build", within_s=600).returncode == 0
    engine.load(*IMAGES)
    client = docker.APIClient(engine.host, timeout=60)
    stack = ComposeStack(folder, client, until, {**_MORE, "DOCKER_HOST": engine.host})
    said = stack.up()
    assert said.returncode == 0, said.stderr[-3000:]
    yield stack
    stack.down()
    client.close()


def well_again(stack: ComposeStack, seconds: float) -> float:
    """Wait until all is well, and return how long that took."""
    began = _CLOCK.ticks()
    stack.until_ok(seconds)
    return _CLOCK.ticks() - began


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["restarted", "killed"])
def test_an_engine_that_comes_back_finds_everything_running_without_an_incident(
    engine: NestedEngine, stack: ComposeStack, number: signal.Signals
) -> None:
    stack.until_ok()
    since = len(stack.watchdog())

    engine.end(number)
    engine.start()

    print(f"well {well_again(stack, 60.0):.1f} s after the engine answered")  # noqa: T201
    assert stack.acted_on(since) == []


@pytest.mark.usefixtures("long_set")
def test_containers_that_outlive_their_engine_are_taken_over_when_it_is_back(
    engine: NestedEngine, stack: ComposeStack
) -> None:
    engine.end(signal.SIGTERM)
    engine.start("--live-restore")
    stack.until_ok()
    since, life = len(stack.watchdog()), stack.inspect("erp-worker")["State"]["StartedAt"]

    engine.end(signal.SIGKILL)
    engine.start("--live-restore")

    print(f"well {well_again(stack, 120.0):.1f} s after the engine answered")  # noqa: T201
    assert stack.inspect("erp-worker")["State"]["StartedAt"] == life
    assert stack.acted_on(since) == []
    engine.end(signal.SIGTERM)
    engine.start()


def test_after_a_power_cut_the_stack_starts_with_the_engine(engine: NestedEngine, stack: ComposeStack) -> None:
    stack.until_ok()
    since = len(stack.watchdog())

    engine.cut_power()
    engine.start()

    assert well_again(stack, 60.0) <= 60.0
    assert stack.acted_on(since) == []


@pytest.mark.usefixtures("long_set")
def test_what_was_stopped_before_stays_stopped_after_the_engine_is_back(
    engine: NestedEngine, stack: ComposeStack
) -> None:
    stack.until_ok()
    stack.compose("exec", "-T", "supervisor", "jikimi", "stop", "scheduler")

    engine.end(signal.SIGKILL)
    engine.start()

    stack.until(lambda: stack.unit("scheduler").get("state") == "stopped", 60.0)
    assert not stack.inspect("scheduler")["State"]["Running"]
    assert stack.compose("exec", "-T", "supervisor", "jikimi", "start", "scheduler").returncode == 0
