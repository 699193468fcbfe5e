"""How the site misbehaves: whatever `faults.json` says at the moment of a request."""

import json
from dataclasses import dataclass, fields
from pathlib import Path

_LONGEST_S = 86_400
_KINDS: dict[object, tuple[type, ...]] = {float: (int, float), int: (int,), bool: (bool,), str: (str,)}


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong; every field is named as in the file.

    Attributes:
        slow_s: every page takes so long.
        slow_before_s: saving takes so long, before the voucher is stored.
        slow_save_s: saving takes so long, after the voucher is stored.
        save_error_after: saving stores the voucher and then answers 500.
        error_every: of so many requests the last answers 500 and does nothing, counted since this fault is set.
        sessions_last: a session serves so many requests after its login; the next one finds it expired.
        never_answer: the path that takes a request and never answers.
        endless_script: the path whose page runs an endless loop as it loads.
        endless_click: the path whose page runs an endless loop as a button is clicked.
        notice: what a native dialog says as the form of a new voucher loads.
        popup: what lies over that form until it is closed.
    """

    slow_s: float = 0
    slow_before_s: float = 0
    slow_save_s: float = 0
    save_error_after: bool = False
    error_every: int = 0
    sessions_last: int = 0
    never_answer: str = ""
    endless_script: str = ""
    endless_click: str = ""
    notice: str = ""
    popup: str = ""


def read_faults(path: Path) -> Faults:
    """Return the faults of a file; what is missing, broken, unknown or out of bounds is no fault."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Faults()
    if not isinstance(said, dict):
        return Faults()
    return Faults(
        **{field.name: said[field.name] for field in fields(Faults) if _fits(said.get(field.name), field.type)}
    )


def _fits(value: object, kind: object) -> bool:
    # a truth value counts as a number in Python, so the exact type is asked for
    if type(value) not in _KINDS[kind]:
        return False
    return not isinstance(value, (int, float)) or 0 <= value <= _LONGEST_S
