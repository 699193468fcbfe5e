"""Beats as files, for units on this machine: they need no Redis."""

import json
from pathlib import Path
from typing import Any

from jikimi.beats.beat import VERSION, Beat

_LARGEST = 64 * 1024  # a longer file is cut off, and then is none


def write_beat(folder: Path, beat: Beat) -> None:
    """Replace the unit's beat in *folder*; a reader sees the old one or the new one, never a part."""
    folder.mkdir(exist_ok=True)
    partial = folder / f".{beat.unit}.partial"
    partial.write_text(json.dumps(beat.document(), ensure_ascii=False), encoding="utf-8")
    partial.replace(folder / f"{beat.unit}.json")


def read_beat(folder: Path, unit: str) -> dict[str, Any] | None:
    """Return the unit's beat, or None if there is none that we understand."""
    try:
        with (folder / f"{unit}.json").open("rb") as file:
            found = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("v") in (VERSION, VERSION - 1) else None
