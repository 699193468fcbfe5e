"""How a home goes from its live folders to restored ones, or back: a function of what was planned and what is seen.

Nothing but renames happens while the phase is SWITCHING or UNDOING, and each rename can be seen afterwards. So the next
step follows from what lies there, and whoever was killed between a rename and a note of it goes on in the right place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

VERSION = 1


class Phase(StrEnum):
    """How far a restore is."""

    BUILDING = "building"  # the new folders are made and proved; the live ones are untouched
    SWITCHING = "switching"  # by renames, forward
    UNDOING = "undoing"  # by renames, backward
    SWEEPING = "sweeping"  # the live ones are as they were; what was built is removed


class Kind(StrEnum):
    """What a part is; each kind is exchanged in a way of its own."""

    FILES = "files"
    DATABASE = "database"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Part:
    """One file, folder or database that is exchanged, or the queue.

    Attributes:
        name: its name in the snapshot. live, new, old: paths on one file system; of a database its names on its
            server; of the queue two dumps, and no name: a dump that was put in is gone.
        had: something lived there when the switch began. brings: the snapshot has it; else it is only set aside, as
            the -wal of a database is, that must never stand beside another one.
    """

    name: str
    live: str
    new: str
    old: str
    had: bool = False
    brings: bool = True
    kind: Kind = Kind.FILES


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands in `home/restore.json`.

    Attributes:
        stamp: of what is kept as `.before-restore-<stamp>`. source: the repository's folder, "" for the home's own.
        only: what was asked for, nothing for all. pauses: the stack comes up paused.
    """

    snapshot: str
    stamp: str
    phase: Phase
    parts: tuple[Part, ...]
    pauses: bool = True
    only: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a part exists."""

    live: bool
    new: bool
    old: bool


class Do(StrEnum):
    """What is done next."""

    BUILD = "build"
    SET_ASIDE = "set aside"  # live -> old
    PUT_IN = "put in"  # new -> live
    TAKE_OUT = "take out"  # live -> new
    PUT_BACK = "put back"  # old -> live
    CLEAR_STRAY = "clear stray"  # something was made where nothing should be: live -> beside old
    PAUSE = "pause"
    SWEEP = "sweep"
    END = "end"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, to *part* where it concerns one."""

    do: Do
    part: Part | None = None


def next_step(plan: Plan, seen: Sequence[Seen], *, is_paused: bool) -> Step:
    """Return what to do next; after END the journal goes.

    Args:
        seen: of each part of the plan. is_paused: the mark that lets the stack come up paused stands.
    """
    if plan.phase is Phase.BUILDING:
        return Step(Do.BUILD)
    if plan.phase is Phase.SWEEPING:
        is_swept = not is_paused and not any(one.new for one in seen)
        return Step(Do.END if is_swept else Do.SWEEP)
    pairs = list(zip(plan.parts, seen, strict=True))
    if plan.phase is Phase.UNDOING:
        found = next((step for part, one in reversed(pairs) if (step := _backward(part, one))), None)
        return found or Step(Do.SWEEP)
    found = next((step for part, one in pairs if (step := _forward(part, one))), None)
    if found is None and plan.pauses and not is_paused:
        return Step(Do.PAUSE)
    return found or Step(Do.END)


def _forward(part: Part, seen: Seen) -> Step | None:
    if not part.brings:
        return Step(Do.CLEAR_STRAY if seen.old else Do.SET_ASIDE, part) if seen.live else None
    if not seen.new:
        return None
    if seen.live:
        return Step(Do.CLEAR_STRAY if seen.old else Do.SET_ASIDE, part)
    return Step(Do.PUT_IN, part)


def _backward(part: Part, seen: Seen) -> Step | None:
    is_in = part.brings and not seen.new and seen.live and (seen.old or not part.had)
    if is_in:
        return Step(Do.TAKE_OUT, part)
    if not seen.old:
        return None
    return Step(Do.CLEAR_STRAY if seen.live else Do.PUT_BACK, part)


def built(plan: Plan, seen: Sequence[Seen]) -> Plan:
    """Return *plan* as it begins to switch, with what lives now."""
    parts = tuple(replace(part, had=one.live) for part, one in zip(plan.parts, seen, strict=True))
    return replace(plan, phase=Phase.SWITCHING, parts=parts)


def resumed(plan: Plan) -> Plan:
    """Return *plan* as it goes forward again; one whose new folders are being removed can only end."""
    return replace(plan, phase=Phase.SWITCHING) if plan.phase is Phase.UNDOING else plan


def aborted(plan: Plan) -> Plan:
    """Return *plan* as it goes back."""
    if plan.phase is Phase.BUILDING:
        return replace(plan, phase=Phase.SWEEPING)
    return replace(plan, phase=Phase.UNDOING) if plan.phase is Phase.SWITCHING else plan


def as_document(plan: Plan) -> dict[str, Any]:
    """Return *plan* as JSON has it."""
    return {"v": VERSION, **asdict(plan)}


def from_document(document: Mapping[str, Any]) -> Plan:
    """Return the plan that *document* is.

    Raises:
        KeyError, TypeError, ValueError: it is none, or one of a version to come.
    """
    if document["v"] > VERSION:
        raise ValueError(document["v"])
    known = {name: document[name] for name in Plan.__dataclass_fields__ if name in document}
    parts = tuple(Part(**{**part, "kind": Kind(part.get("kind", Kind.FILES))}) for part in document["parts"])
    lists = {"parts": parts, "only": tuple(document.get("only", ())), "phase": Phase(document["phase"])}
    return Plan(**{**known, **lists})
