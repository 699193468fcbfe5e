"""What people do to containers, and a door that is shut."""

import signal

import pytest

from tests.docker.compose import ComposeStack
from tests.docker.faults import dropped, healed_within, in_the_middle, lives, once, red, silent_s

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("told")]


def test_what_a_person_kills_is_brought_back_at_once(well: ComposeStack) -> None:
    since = len(well.watchdog())

    well.deal(lambda: well.engine.kill(well.container("scheduler")))

    assert healed_within(well, "scheduler", since, 20.0) <= 10.0


@pytest.mark.usefixtures("long_set")
def test_what_a_person_stops_from_outside_is_told_and_brought_back_after_a_minute(well: ComposeStack) -> None:
    since = len(well.watchdog())
    well.deal(lambda: well.engine.stop(well.container("scheduler"), timeout=5))

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
    well.deal(lambda: well.engine.pause(well.container("erp-worker")))
    well.until(lambda: silent_s(well) > 8, 30.0)

    well.engine.unpause(well.container("erp-worker"))

    well.until_ok()
    assert well.acted_on(since) == []


def test_a_removed_container_is_red_with_its_cure_and_comes_back_with_up(well: ComposeStack) -> None:
    well.deal(lambda: well.engine.remove_container(well.container("scheduler"), force=True))

    well.until(lambda: any("docker compose up -d" in check["cure"] for check in well.status()["checks"]), 30.0)

    assert well.status()["verdict"] == "ng"
    well.compose("up", "-d")
    well.until_ok()
    well.until_engine_agrees()


def test_the_door_shut_holds_everything_and_restarts_nothing(well: ComposeStack) -> None:
    since = len(well.watchdog())
    well.signal("docker-proxy", signal.SIGSTOP)

    well.until(lambda: any(check["name"] == "hold" for check in red(well)), 60.0)
    well.signal("docker-proxy", signal.SIGCONT)

    well.until_ok()
    assert well.acted_on(since) == []


@pytest.mark.parametrize("service", ["redis", "erp-worker"])
def test_what_jikimi_is_asked_to_restart_has_another_life_and_counts_for_nothing(
    well: ComposeStack, service: str
) -> None:
    since, life = len(well.watchdog()), well.inspect(service)["State"]["StartedAt"]

    said = well.compose("exec", "-T", "supervisor", "jikimi", "restart", service, within_s=200)

    assert said.returncode == 0, said.stderr
    assert well.inspect(service)["State"]["StartedAt"] != life
    assert well.acted_on(since) == []


def test_the_daily_restart_lets_the_batch_end_and_sees_that_all_of_it_works(well: ComposeStack) -> None:
    since, before, life = len(well.watchdog()), sum(well.posted().values()), lives(well)
    name, _ = dropped(well)
    in_the_middle(well)

    assert well.compose("exec", "-T", "supervisor", "jikimi", "schedule", "run", "restart").returncode == 0
    ended = ("restarted", "not done")
    well.until(lambda: any(line["step"] in ended for line in well.watchdog()[since:]), 400.0)

    report = next(line for line in well.watchdog()[since:] if line["step"] in ended)
    print(f"daily restart of containers with a batch: {report['seconds']}, {report['total_s']} s")  # noqa: T201
    assert (report["step"], report["why"]) == ("restarted", "")
    well.until_done(name)
    once(well, before)
    again = {"supervisor", "docker-proxy", "prometheus"}
    assert {service for service, began in lives(well).items() if began == life[service]} == again
    assert well.acted_on(since) == []
