"""Faults of what the others need: each is mended alone, and nobody else is blamed."""

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.docker.compose import ComposeStack
from tests.docker.faults import (
    dropped,
    healed_within,
    once,
    red,
)

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("told")]


@pytest.mark.parametrize("service", ["redis", "erp", "erp-db"])
def test_a_killed_service_is_mended_alone(well: ComposeStack, service: str) -> None:
    since = len(well.watchdog())

    well.signal(service, signal.SIGKILL)

    healed_within(well, service, since, 60.0)
    well.until_ok()
    assert set(well.acted_on(since)) <= {service}  # nothing, if the engine, which restarts what ends, was first


def test_a_frozen_redis_is_restarted_alone_and_silences_nobody(well: ComposeStack) -> None:
    since = len(well.watchdog())

    well.signal("redis", signal.SIGSTOP)

    healed_within(well, "redis", since, 60.0)  # 11 s; one that was restarted often of late is watched for 30 s more
    well.until_ok()
    assert set(well.acted_on(since)) == {"redis"}


def test_redis_cut_off_from_the_network_is_nobody_else_s_fault(well: ComposeStack) -> None:
    since, network = len(well.watchdog()), f"{well.project}_queue"
    well.deal(lambda: well.engine.disconnect_container_from_network(well.container("redis"), network))

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


def test_what_was_written_in_one_transaction_outlives_redis(well: ComposeStack) -> None:
    login = 'export REDISCLI_AUTH="$(cat /dev/stdin)"; exec redis-cli --user supervisor --no-auth-warning'
    password = well.compose("exec", "-T", "supervisor", "cat", "/keys/redis").stdout

    def told(words: str) -> str:
        # the password comes first, as a line without an end; what is said to Redis is in the command
        command = f'{login} <<< "{words}"'
        return well.compose("exec", "-T", "redis", "bash", "-c", command, told=password).stdout

    said = told("MULTI\nSET jk:told together\nSET jk:more together\nEXEC")
    assert "OK" in said, said
    since = len(well.watchdog())
    well.until(lambda: told("WAITAOF 1 0 1000").startswith("1"))
    well.signal("redis", signal.SIGKILL)
    healed_within(well, "redis", since, 60.0)
    well.until_ok()

    assert told("GET jk:told").strip() == "together"
    told("DEL jk:told jk:more")


def filled(path: Path) -> None:
    """Write a file until nothing more fits beside it, whoever else writes meanwhile."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def test_a_redis_that_takes_no_writes_holds_everything_and_heals_by_itself(well: ComposeStack) -> None:
    data = Path(well.engine.inspect_volume(f"{well.project}_redis")["Mountpoint"])
    well.compose("stop", "-t", "2", "redis")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,uid=10001,gid=10001", "tmpfs", str(data)], check=True)
    try:
        well.compose("start", "redis")
        well.until_ok()
        since = len(well.watchdog())
        filled(data / "large")

        well.until(lambda: any(check["name"] == "hold" for check in red(well)), 60.0)
        assert well.acted_on(since) == []
        (data / "large").unlink()

        well.until_ok()
        assert well.acted_on(since) == []
    finally:
        well.compose("stop", "-t", "2", "redis")
        subprocess.run(["umount", str(data)], check=True)
        well.compose("start", "redis")
