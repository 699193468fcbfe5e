"""What a child tells its parent: one JSON line each, at least once a second while it is idle."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jikimi.beats.beat import Mode

IDLE_BUDGET_S = 5.0


@dataclass(frozen=True, slots=True)
class Report:
    """How the child's work stands.

    Attributes:
        token: changes when real work has moved, and only then.
        budget_s: how long this phase may take until the token changes again.
        failures: rounds that have failed in a row.
        percent, left_s: how much of the job is done and how many seconds are left, where that is known.
        totals, last_cycle: carried on in the unit's beats; empty says nothing new.
        is_last: the child has done what it was there for, and is ended with all that it has started.
    """

    mode: Mode
    token: int
    phase: str = ""
    job: str = ""
    budget_s: float = IDLE_BUDGET_S
    failures: int = 0
    percent: int | None = None
    left_s: float | None = None
    totals: Mapping[str, int] = field(default_factory=dict)
    last_cycle: Mapping[str, Any] = field(default_factory=dict)
    is_last: bool = False

    def line(self) -> bytes:
        """Return it as one line."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(known, ensure_ascii=False).encode() + b"\n"


def parse(line: bytes) -> Report | None:
    """Return the report that *line* holds, or None for a line that is none."""
    try:
        found = json.loads(line)
        return Report(**{**found, "mode": Mode(found["mode"])})
    except (ValueError, KeyError, TypeError):
        return None
