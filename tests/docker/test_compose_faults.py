"""The faults of `docker compose`, dealt to a whole stack: what heals, how soon, and that no voucher doubles."""

import os
import shutil
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from jikimi.clock import SystemClock
from tests.docker.compose import ComposeStack

pytestmark = [pytest.mark.xdist_group("compose"), pytest.mark.timeout(300)]
LINES = 200
_CLOCK = SystemClock()
_numbers = iter(range(10_000, 10_000_000, 1000))


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest, well: ComposeStack) -> Iterator[None]:
    """Print what the supervisor noticed and how soon, as a figure for the log."""
    since = len(well.watchdog())
    yield
    for line in well.watchdog()[since:]:
        if line["step"] in ("began", "acted", "recovered"):
            print(f"{request.node.name}: {line['at'][11:23]} {line['step']} {line['unit']} {line['why']}")  # noqa: T201


def healed_within(well: ComposeStack, service: str, since: int, seconds: float) -> float:
    """Wait for an incident of the unit that begins after the line *since* and is over; return how long that took."""
    began = _CLOCK.ticks()

    def is_over() -> bool:
        lines = [line for line in well.watchdog()[since:] if line.get("unit") == service]
        return any(line["step"] == "recovered" for line in lines)

    well.until(is_over, seconds)
    return _CLOCK.ticks() - began


def dropped(well: ComposeStack, lines: int = LINES) -> tuple[str, int]:
    """Drop a statement of lines that were never seen before; return its name and its first number."""
    first = next(_numbers)
    name = f"fault-{first}.csv"
    well.lines(lines, name, first=first)
    return name, first


def in_the_middle(well: ComposeStack) -> None:
    """Wait until the worker posts."""
    well.until(lambda: "post" in (well.beat("erp-worker").get("phase") or ""))


def once(well: ComposeStack, before: int, lines: int = LINES) -> None:
    """See that so many vouchers more stand than *before*, each once."""
    posted = well.posted()
    assert set(posted.values()) == {1}
    assert sum(posted.values()) == before + lines


def test_a_frozen_idle_worker_is_restarted_within_ten_seconds(well: ComposeStack) -> None:
    since, life = len(well.watchdog()), well.inspect("erp-worker")["State"]["StartedAt"]

    well.signal("erp-worker", signal.SIGSTOP)

    assert healed_within(well, "erp-worker", since, 20.0) <= 10.0
    assert well.inspect("erp-worker")["State"]["StartedAt"] != life
    assert well.acted_on(since) == ["erp-worker"]


def test_a_frozen_job_costs_only_its_own_process(well: ComposeStack) -> None:
    before, life = sum(well.posted().values()), well.inspect("erp-worker")["State"]["StartedAt"]
    name, _ = dropped(well)
    in_the_middle(well)

    os.kill(well.pids("erp-worker")[-1], signal.SIGSTOP)
    well.until_done(name)

    once(well, before)
    assert well.inspect("erp-worker")["State"]["StartedAt"] == life


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_worker_lost_in_mid_batch_comes_back_and_nothing_doubles(well: ComposeStack, number: int) -> None:
    before = sum(well.posted().values())
    name, _ = dropped(well)
    in_the_middle(well)

    well.signal("erp-worker", number)
    well.until_done(name)

    once(well, before)


def test_a_stopped_first_process_is_woken_by_its_child_without_a_restart(well: ComposeStack) -> None:
    for service in ("erp-worker", "supervisor"):
        life = well.inspect(service)["State"]["StartedAt"]
        pid = well.inspect(service)["State"]["Pid"]

        well.signal(service, signal.SIGSTOP, all_of_it=False)

        well.until(lambda pid=pid: _state(pid) != "T", 5.0)  # type: ignore[misc]
        assert well.inspect(service)["State"]["StartedAt"] == life


def test_ten_kills_in_a_row_lose_and_double_nothing(well: ComposeStack) -> None:
    before, names = sum(well.posted().values()), []
    since = len(well.watchdog())
    for number in range(10):
        names.append(dropped(well, 50)[0])
        well.until(lambda: well.beat("erp-worker").get("mode") == "busy", 20.0)
        service = ("erp-worker", "erp", "redis")[number % 3]
        well.signal(service, signal.SIGKILL)

    for name in names:
        well.until_done(name, 120.0)

    once(well, before, 500)
    assert "quarantined" not in {line["step"] for line in well.watchdog()[since:]}


@pytest.mark.parametrize("service", ["redis", "erp", "erp-db"])
def test_a_killed_service_is_mended_alone(well: ComposeStack, service: str) -> None:
    since = len(well.watchdog())

    well.signal(service, signal.SIGKILL)

    healed_within(well, service, since, 60.0)
    well.until_ok()
    assert set(well.acted_on(since)) == {service}


def test_a_frozen_redis_is_restarted_alone_and_silences_nobody(well: ComposeStack) -> None:
    since = len(well.watchdog())

    well.signal("redis", signal.SIGSTOP)

    assert healed_within(well, "redis", since, 40.0) <= 25.0
    well.until_ok()
    assert set(well.acted_on(since)) == {"redis"}


def test_redis_cut_off_from_the_network_is_nobody_else_s_fault(well: ComposeStack) -> None:
    since, network = len(well.watchdog()), f"{well.project}_queue"
    well.engine.disconnect_container_from_network(well.container("redis"), network)

    well.until(lambda: "redis" in well.acted_on(since), 30.0)
    well.engine.connect_container_to_network(well.container("redis"), network, aliases=["redis"])

    well.until_ok(90.0)
    assert set(well.acted_on(since)) == {"redis"}


def test_redis_that_lost_its_data_loses_no_voucher_and_doubles_none(well: ComposeStack) -> None:
    before = sum(well.posted().values())
    name, first = dropped(well, 20)
    well.until_done(name)
    well.compose("stop", "-t", "2", "redis")
    data = Path(well.engine.inspect_volume(f"{well.project}_redis")["Mountpoint"])
    for path in sorted(data.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    well.compose("start", "redis")
    well.until_ok()

    again = f"again-{first}.csv"
    well.lines(21, again, first=first)
    well.until_done(again)

    once(well, before, 21)


def test_what_a_person_kills_is_brought_back_at_once(well: ComposeStack) -> None:
    since = len(well.watchdog())

    well.engine.kill(well.container("scheduler"))

    assert healed_within(well, "scheduler", since, 20.0) <= 10.0


def test_what_a_person_stops_from_outside_is_told_and_brought_back_after_a_minute(well: ComposeStack) -> None:
    since = len(well.watchdog())
    well.engine.stop(well.container("scheduler"), timeout=5)

    well.until(lambda: well.unit("scheduler")["state"] == "stopped", 10.0)
    assert well.acted_on(since) == []

    well.until(lambda: well.acted_on(since) == ["scheduler"], 75.0)


def test_what_jikimi_is_asked_to_stop_stays_stopped(well: ComposeStack) -> None:
    assert well.compose("exec", "-T", "supervisor", "jikimi", "stop", "scheduler").returncode == 0
    since = len(well.watchdog())
    well.engine.start(well.container("scheduler"))  # as the engine does after its own restart

    well.until(lambda: not well.inspect("scheduler")["State"]["Running"], 15.0)
    assert well.acted_on(since) == []

    assert well.compose("exec", "-T", "supervisor", "jikimi", "start", "scheduler").returncode == 0


def test_a_short_pause_by_a_person_is_tolerated(well: ComposeStack) -> None:
    since = len(well.watchdog())
    well.engine.pause(well.container("erp-worker"))
    well.until(lambda: _paused_s(well) > 8, 30.0)

    well.engine.unpause(well.container("erp-worker"))

    well.until_ok()
    assert well.acted_on(since) == []


def test_a_removed_container_is_red_with_its_cure_and_comes_back_with_up(well: ComposeStack) -> None:
    well.engine.remove_container(well.container("scheduler"), force=True)

    well.until(lambda: any("docker compose up -d" in check["cure"] for check in well.status()["checks"]), 30.0)

    assert well.status()["verdict"] == "ng"
    well.compose("up", "-d")
    well.until_ok()
    well.until_engine_agrees()


def test_the_door_shut_holds_everything_and_restarts_nothing(well: ComposeStack) -> None:
    since = len(well.watchdog())
    well.signal("docker-proxy", signal.SIGSTOP)

    well.until(lambda: any(check["name"] == "hold" and check["state"] == "ng" for check in well.status()["checks"]), 60)
    well.signal("docker-proxy", signal.SIGCONT)

    well.until_ok()
    assert well.acted_on(since) == []


def test_a_killed_supervisor_is_back_within_fifteen_seconds_and_starts_nothing_twice(well: ComposeStack) -> None:
    since, lives = len(well.watchdog()), _lives(well)
    began = _CLOCK.ticks()

    well.signal("supervisor", signal.SIGKILL)

    well.until(lambda: well.inspect("supervisor")["State"]["StartedAt"] != lives.get("supervisor"), 15.0)
    well.until_ok()
    assert _CLOCK.ticks() - began <= 30.0
    assert well.acted_on(since) == []
    assert {name: life for name, life in _lives(well).items() if name != "supervisor"} == {
        name: life for name, life in lives.items() if name != "supervisor"
    }


def test_a_container_that_only_fails_is_given_up_for_a_while_and_taken_back(well: ComposeStack, flags: Path) -> None:
    since = len(well.watchdog())
    (flags / "well").unlink()

    well.until(lambda: any(line["step"] == "quarantined" for line in well.watchdog()[since:]), 90.0)
    assert len(well.acted_on(since)) <= 6
    (flags / "well").touch()

    well.until(lambda: well.unit("flaky")["state"] == "healthy", 60.0)
    well.until_ok(90.0)


def test_a_full_disk_is_red_stops_the_work_and_heals_by_itself(well: ComposeStack) -> None:
    since, large = len(well.watchdog()), well.home / "large"
    with large.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(well.home).free - 8_000_000)

    well.until(lambda: well.status()["verdict"] == "ng", 30.0)
    assert {check["name"] for check in well.status()["checks"] if check["state"] == "ng"} == {"disk", "hold"}
    large.unlink()

    well.until_ok()
    assert well.acted_on(since) == []


def _lives(well: ComposeStack) -> dict[str, str]:
    names = ("supervisor", "erp-worker", "scheduler", "redis", "erp", "erp-db", "docker-proxy", "prometheus")
    return {name: well.inspect(name)["State"]["StartedAt"] for name in names}


def _state(pid: int) -> str:
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]


def _paused_s(well: ComposeStack) -> float:
    """Return how old the worker's beat is."""
    at = datetime.fromisoformat(well.beat("erp-worker")["at"])
    return (_CLOCK.now() - at).total_seconds()
