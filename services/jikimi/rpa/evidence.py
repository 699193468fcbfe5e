"""What an attempt leaves behind for a person: each step as it happened, and the screen as it was at the end.

A line is written and flushed before the next thing is done, so that a process that is killed leaves all but its last
word. No secret gets into any of it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog

from jikimi.clock import Clock
from jikimi.errors import JikimiError
from jikimi.inbox import file_name
from jikimi.rpa.port import Health, Surface
from jikimi.rpa.secret import Masks

log = structlog.get_logger()
Seen = TypeVar("Seen")
STEPS, SHOT, TREE, SOURCE, SESSION = "steps.jsonl", "screen.png", "tree.txt", "page.html", "session.json"
_LARGEST = 5_000_000  # bytes of one file: a page may be of any size
_LONGEST_VALUE = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where the evidence of one item lies, a folder an attempt."""

    folder: Path

    @classmethod
    def of(cls, evidence: Path, flow: str, key: str) -> "Place":
        """Return it; a key that is no name for a folder gets one that no other key has."""
        return cls(evidence / f"{flow}-{file_name(key)}")

    def attempts(self) -> int:
        """Return how many attempts have left something here."""
        numbers = [int(path.name) for path in self.folder.glob("*") if path.name.isdigit()]
        return max(numbers, default=0)


class Evidence:
    """Writes the evidence of one attempt into *folder*."""

    def __init__(self, folder: Path, clock: Clock, masks: Masks) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.masks = folder, masks
        self._clock, self._seq = clock, 0
        self._file = (folder / STEPS).open("a", encoding="utf-8")

    def step(self, did: str, **facts: Any) -> None:
        """Write down one thing that was done; what stands in *facts* is shortened, and secrets are hidden."""
        self._seq += 1
        line = {"v": 1, "at": self._clock.now().isoformat(), "seq": self._seq, "did": did, **facts}
        text = json.dumps({name: _short(value) for name, value in line.items()}, ensure_ascii=False, default=str)
        self._file.write(self.masks.hide(text) + "\n")
        self._file.flush()

    def screen(self, surface: Surface, facts: Mapping[str, Any], *, source: bool) -> None:
        """Keep what can be seen now; each part is tried, for a hung program gives none or some of them. Never raises.

        Args:
            source: what the screen was made of as well.
        """
        if (shot := _tried(surface.shot)) is not None:
            self._write(SHOT, shot)
        tree = _tried(surface.tree)
        self._text(TREE, tree)
        if source:
            self._text(SOURCE, _tried(surface.source))
        program = Health.OK if shot and tree else _tried(surface.health)  # who shows both is well
        session = {**facts, "where": _tried(surface.where), "program": program}
        self._text(SESSION, json.dumps(session, ensure_ascii=False, indent=1, default=str))

    def close(self) -> None:
        """Close the file of steps."""
        self._file.close()

    def _text(self, name: str, text: str | None) -> None:
        if text:
            self._write(name, self.masks.hide(text).encode()[:_LARGEST])

    def _write(self, name: str, data: bytes) -> None:
        partial = self.folder / f".{name}.partial"
        try:
            partial.write_bytes(data)
            partial.replace(self.folder / name)
        except OSError as error:  # a full disk costs evidence, never the item
            log.warning("evidence.not_written", file=name, why=str(error))


def _tried(look: Callable[[], Seen]) -> Seen | None:
    try:
        return look()
    except JikimiError:
        return None


def _short(value: Any) -> Any:
    return value[:_LONGEST_VALUE] if isinstance(value, str) else value
