"""The long waits: what others need away for hours, a unit that ends now and then for a day, Redis away."""

import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from docker.errors import APIError

from tests.docker.compose import CLOCK, ComposeStack
from tests.docker.faults import dropped, once

Flags = Callable[[str], Path]
pytestmark = pytest.mark.timeout(90_000)
_MINUTE, _HOUR = 60.0, 3600.0
_FLAPS_PER_HOUR = 5
_SCALE = 160  # a wait outside of the long set is so many times shorter


@pytest.fixture
def shortened(request: pytest.FixtureRequest) -> Callable[[float], float]:
    """Return a wait: whole, or cut to what `--soak-hours` allows, in the long set, else scaled down."""
    if not request.config.getoption("--soak"):
        return lambda wanted_s: wanted_s / _SCALE
    most = float(request.config.getoption("--soak-hours")) * _HOUR
    return lambda wanted_s: min(wanted_s, most)


def spent(well: ComposeStack, seconds: float, each: Callable[[], object] = int) -> None:
    """Let time pass, and do something each second."""
    end = CLOCK.ticks() + seconds
    while CLOCK.ticks() < end:
        each()
        CLOCK.wait(1.0)
    assert well.inspect("supervisor")["State"]["Running"]


def well_after(well: ComposeStack, needed: str) -> float:
    """Wait until *needed* is healthy, then until all is well; return how long the second took."""
    well.until(lambda: well.unit(needed).get("state") == "healthy", 400.0)
    began = CLOCK.ticks()
    well.until_ok(120.0)
    return CLOCK.ticks() - began


def test_what_others_need_is_away_for_two_hours(well: ComposeStack, shortened: Callable[[float], float]) -> None:
    since, before, network = len(well.watchdog()), sum(well.posted().values()), f"{well.project}_books"
    life = well.inspect("erp-worker")["State"]["StartedAt"]
    database = well.container("erp-db")
    well.deal(lambda: well.engine.disconnect_container_from_network(database, network))
    name, _ = dropped(well, 20)

    spent(well, shortened(2 * _HOUR))
    well.engine.connect_container_to_network(database, network, aliases=["erp-db"])

    took = well_after(well, "erp-db")
    acted = [line for line in well.watchdog()[since:] if line["step"] == "acted"]
    print(f"\nerp-db away: {len(acted)} actions; all well {took:.0f} s after it")  # noqa: T201
    assert took <= 15.0
    assert [line for line in acted if line["unit"] not in ("erp-db", "erp")] == []
    assert well.inspect("erp-worker")["State"]["StartedAt"] == life
    well.until_done(name, 120.0)
    once(well, before, 20)


def test_a_unit_that_ends_five_times_an_hour_for_a_day_is_mended_each_time(
    well: ComposeStack, flags: Flags, shortened: Callable[[float], float]
) -> None:
    since, flag = len(well.watchdog()), flags("flaky") / "well"
    pause_s = shortened(_HOUR / _FLAPS_PER_HOUR)  # 4.5 s when scaled down, and so many below the circuit are three
    flaps = 3 if pause_s < _MINUTE else max(1, round(shortened(24 * _HOUR) / _HOUR * _FLAPS_PER_HOUR))

    def steps() -> list[str]:
        return [line["step"] for line in well.watchdog()[since:] if line.get("unit") == "flaky"]

    for number in range(1, flaps + 1):
        well.deal(flag.unlink)
        well.until(lambda: not flags_seen(well), 20.0)
        flag.touch()
        well.until(lambda number=number: steps().count("recovered") == number, 60.0)  # type: ignore[misc]
        spent(well, pause_s)

    print(f"\n{flaps} ends: {steps().count('acted')} actions, {steps().count('quarantined')} quarantines")  # noqa: T201
    assert "quarantined" not in steps()
    assert set(well.acted_on(since)) == {"flaky"}


def flags_seen(well: ComposeStack) -> bool:
    """Return whether the container that may end still runs."""
    return bool(well.engine.inspect_container(f"{well.project}-flaky")["State"]["Running"])


@pytest.mark.usefixtures("long_set")
@pytest.mark.parametrize("way", ["killed", "frozen", "cut off"])
def test_redis_is_away_for_ten_minutes(well: ComposeStack, way: str, shortened: Callable[[float], float]) -> None:
    since, before, network = len(well.watchdog()), sum(well.posted().values()), f"{well.project}_queue"
    lives = {service: well.inspect(service)["State"]["StartedAt"] for service in ("erp-worker", "scheduler", "backup")}
    name, _ = dropped(well, 20)
    redis = well.container("redis")

    if way == "cut off":
        well.deal(lambda: well.engine.disconnect_container_from_network(redis, network))
        spent(well, shortened(10 * _MINUTE))
        well.engine.connect_container_to_network(redis, network, aliases=["redis"])
    else:
        blow = signal.SIGKILL if way == "killed" else signal.SIGSTOP
        spent(well, shortened(10 * _MINUTE), lambda: well.signal("redis", blow))
        with suppress(APIError):
            well.signal("redis", signal.SIGCONT)

    took = well_after(well, "redis")
    print(f"\nredis {way}: {len(well.acted_on(since))} actions; all well {took:.0f} s after it")  # noqa: T201
    assert took <= 15.0
    assert set(well.acted_on(since)) <= {"redis"}
    assert {service: well.inspect(service)["State"]["StartedAt"] for service in lives} == lives
    well.until_done(name, 120.0)
    once(well, before, 20)
