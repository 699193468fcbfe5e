"""Faults of workers, of the supervisor and of the machine, dealt to a whole stack: what heals, and nothing doubles."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docker.compose import CLOCK, ComposeStack
from tests.docker.faults import dropped, healed_within, in_the_middle, lives, once, red, state_of

Flags = Callable[[str], Path]
pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("told")]


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

        well.until(lambda pid=pid: state_of(pid) != "T", 5.0)  # type: ignore[misc]
        assert well.inspect(service)["State"]["StartedAt"] == life


def test_ten_kills_in_a_row_lose_and_double_nothing(well: ComposeStack) -> None:
    before, names = sum(well.posted().values()), []
    since = len(well.watchdog())
    for number in range(10):
        name, _ = dropped(well, 50)
        names.append(name)
        well.until(lambda name=name: well.beat("erp-worker").get("mode") == "busy" or well.is_done(name), 40.0)  # type: ignore[misc]
        service = ("erp-worker", "erp", "redis")[number % 3]
        well.signal(service, signal.SIGKILL)

    for name in names:
        well.until_done(name, 120.0)

    once(well, before, 500)
    assert "quarantined" not in {line["step"] for line in well.watchdog()[since:]}


def test_a_killed_supervisor_is_back_within_fifteen_seconds_and_starts_nothing_twice(well: ComposeStack) -> None:
    since, before = len(well.watchdog()), lives(well)
    began = CLOCK.ticks()

    well.signal("supervisor", signal.SIGKILL)

    well.until(lambda: well.inspect("supervisor")["State"]["StartedAt"] != before["supervisor"], 15.0)
    well.until_ok()
    assert CLOCK.ticks() - began <= 30.0
    assert well.acted_on(since) == []
    assert {name: life for name, life in lives(well).items() if name != "supervisor"} == {
        name: life for name, life in before.items() if name != "supervisor"
    }


@pytest.mark.usefixtures("long_set")
def test_a_container_that_only_fails_is_given_up_for_a_while_and_taken_back(well: ComposeStack, flags: Flags) -> None:
    since = len(well.watchdog())
    well.deal((flags("hopeless") / "well").unlink)

    well.until(lambda: any(line["step"] == "quarantined" for line in well.watchdog()[since:]), 90.0)
    assert len(well.acted_on(since)) <= 6
    (flags("hopeless") / "well").touch()

    well.until(lambda: well.unit("hopeless")["state"] == "healthy", 60.0)
    well.until_ok(90.0)


def test_a_container_that_ends_well_unasked_is_started_again(well: ComposeStack, flags: Flags) -> None:
    since = len(well.watchdog())
    (flags("flaky") / "code").write_text("0")
    well.deal((flags("flaky") / "well").unlink)

    well.until(lambda: "flaky" in well.acted_on(since), 20.0)
    (flags("flaky") / "well").touch()

    well.until_ok(90.0)


def test_a_container_that_ran_out_of_memory_is_told_as_such(well: ComposeStack, flags: Flags) -> None:
    since = len(well.watchdog())

    well.deal((flags("flaky") / "eat").touch)

    well.until(lambda: "flaky" in well.acted_on(since), 30.0)
    assert {line["why"] for line in well.watchdog()[since:] if line["step"] == "acted"} == {"out of memory"}


def test_a_supervisor_that_dies_before_it_could_act_acts_when_it_is_back(well: ComposeStack) -> None:
    well.deal(lambda: well.engine.kill(well.container("scheduler")))
    well.signal("supervisor", signal.SIGKILL)

    well.until(lambda: well.inspect("scheduler")["State"]["Running"], 45.0)


def test_a_full_disk_is_red_stops_the_work_and_heals_by_itself(well: ComposeStack) -> None:
    since, large = len(well.watchdog()), well.home / "large"
    with large.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(well.home).free - 8_000_000)

    try:
        well.until(lambda: {check["name"] for check in red(well)} == {"disk", "hold"}, 30.0)
    finally:
        large.unlink()

    well.until_ok()
    assert well.acted_on(since) == []
