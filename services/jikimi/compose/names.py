"""Which container is which unit, and which of them the Docker door lets be restarted."""

from collections.abc import Mapping

# The services that the supervisor heals, in the order of their start; the door itself is healed by the engine.
HEALED = ("redis", "erp-db", "erp", "erp-worker", "rpa-worker", "scheduler", "backup", "prometheus", "grafana")


def container_of(project: str, service: str) -> str:
    """Return the name that compose gives the only container of *service*."""
    return f"{project}-{service}-1"


def door_list(project: str, others: Mapping[str, str]) -> str:
    """Return the door's list, one container a line: those of the stack and those that the operator has entered.

    Args:
        others: unit -> name of a container that is not the stack's.
    """
    return "".join(f"{name}\n" for name in [*(container_of(project, service) for service in HEALED), *others.values()])
