"""Words that the tests of a whole stack share: what was dropped, what healed, and what stands."""

import itertools
from datetime import datetime
from pathlib import Path

from tests.docker.compose import CLOCK, ComposeStack

LINES = 200

OURS = ("supervisor", "erp-worker", "rpa-worker", "scheduler", "backup")
SERVICES = (*OURS, "redis", "erp", "erp-db", "docker-proxy", "prometheus")
_numbers = itertools.count(10_000, 1000)


def healed_within(well: ComposeStack, service: str, since: int, seconds: float) -> float:
    """Wait for an incident of the unit that begins after the line *since* and is over; return how long that took."""
    began = CLOCK.ticks()

    def is_over() -> bool:
        lines = [line for line in well.watchdog()[since:] if line.get("unit") == service]
        return any(line["step"] == "recovered" for line in lines)

    well.until(is_over, seconds)
    return CLOCK.ticks() - began


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


def red(well: ComposeStack) -> list[dict[str, str]]:
    """Return the checks that are not well."""
    return [check for check in well.status()["checks"] if check["state"] == "ng"]


def lives(well: ComposeStack) -> dict[str, str]:
    """Return when the present life of each container began."""
    return {name: well.inspect(name)["State"]["StartedAt"] for name in SERVICES}


def state_of(pid: int) -> str:
    """Return the letter by which the system says how a process stands, such as T."""
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]


def silent_s(well: ComposeStack) -> float:
    """Return how old the worker's beat is."""
    at = datetime.fromisoformat(well.beat("erp-worker")["at"])
    return (CLOCK.now() - at).total_seconds()
