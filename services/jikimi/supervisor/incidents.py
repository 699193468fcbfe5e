"""Incidents, told from the lines of the watchdog log: from the first symptom to the verified recovery."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

_ENDS = "recovered"
_ACTIONS = ("acted", "failed", "critical", "quarantined")


def fold(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the incidents of these lines, the oldest first; one that is not over has no `recovered_at`."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        if not line.get("incident"):
            continue
        incident = found.setdefault(str(line["incident"]), _begun(line))
        step = line.get("step")
        if step in _ACTIONS:
            incident["actions"].append({"at": line["at"], "step": step, "do": line.get("do", ""), "why": line["why"]})
        if step == "evidence":
            incident["evidence"].append(line["file"])
        if step == _ENDS:
            incident["recovered_at"] = line["at"]
            incident["recover_s"] = _seconds(incident["detected_at"], line["at"])
    return list(found.values())


def _begun(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": line["incident"],
        "unit": line.get("unit", ""),
        "cause": line.get("why", ""),
        "detected_at": line["at"],
        "recovered_at": None,
        "detect_s": line.get("detect_s"),
        "recover_s": None,
        "actions": [],
        "evidence": [],
    }


def read_lines(log: Path) -> Iterable[dict[str, Any]]:
    """Yield the lines of the log and of its older files, the oldest first; one that is broken is passed over."""
    older = sorted(log.parent.glob(f"{log.name}.*"), key=lambda path: -int(path.suffix[1:]))
    for path in [*older, log]:
        if not path.exists():
            continue
        with path.open(encoding="utf-8", errors="replace") as file:
            for text in file:
                try:
                    line = json.loads(text)
                except ValueError:
                    continue  # cut off as the power went
                if isinstance(line, dict) and "at" in line:
                    yield line


def _seconds(begin: str, end: str) -> float:
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds(), 1)
