"""The document `jikimi.status`, and `outputs/status.html`, from what is known right now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SCHEMA, SCHEMA_VERSION = "jikimi.status", 1
_COUNTS = (
    "total",
    "success",
    "failure",
    "count",
    "cancellations",
    "posted",
    "already",
    "rejected",
    "duplicates",
    "waiting",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class UnitFact:
    """What is known of one unit; *beat* is its newest beat, or empty; *life* tells this life from every other one."""

    name: str
    state: str
    pid: int | None
    restarts: int
    beat: Mapping[str, Any]
    life: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One named condition: ok, warn, ng or unknown."""

    name: str
    state: str
    message: str
    cure: str = ""


def snapshot(
    at: datetime,
    units: Sequence[UnitFact],
    checks: Sequence[Check],
    addresses: Sequence[Mapping[str, str]],
    incidents: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Return the document as of *at*; `age_s` and `exit_code` are the reader's to set."""
    worker = next((unit.beat for unit in units if unit.name == "erp-worker"), {})
    totals = worker.get("totals", {})
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "at": at.isoformat(timespec="milliseconds"),
        "verdict": "ng" if any(check.state == "ng" for check in checks) else "ok",
        "units": [_unit(unit) for unit in units],
        "checks": [
            {"name": check.name, "state": check.state, "message": check.message, "cure": check.cure} for check in checks
        ],
        "vouchers": {name: totals.get(name, 0) for name in _COUNTS},
        "last_cycle": dict(worker.get("last_cycle", {})),
        "queues": [],
        "schedules": [],
        "backup": {"last_good": None, "verified": None},
        "incidents": [dict(incident) for incident in incidents],
        "addresses": list(addresses),
    }


def _unit(unit: UnitFact) -> dict[str, Any]:
    beat = unit.beat
    return {
        "name": unit.name,
        "state": unit.state,
        "pid": unit.pid,
        "life": unit.life,
        "child_pid": beat.get("child_pid"),
        "boot_id": beat.get("boot_id"),
        "generation": beat.get("generation"),
        "mode": beat.get("mode"),
        "job": beat.get("job"),
        "phase": beat.get("phase"),
        "progress_age_s": beat.get("progress_age_s"),
        "budget_s": beat.get("budget_s"),
        "percent": beat.get("percent"),
        "left_s": beat.get("left_s"),
        "rss_mb": beat.get("rss_mb"),
        "cpu_s": beat.get("cpu_s"),
        "restarts": unit.restarts,
    }
