"""Let the keeper see that your program works: three lines in it, and this one file.

    from jikimi.probe import Probe      # or copy this file beside your program: from probe import Probe

    probe = Probe()
    for number, row in enumerate(rows):
        work(row)
        probe.beat(done=number, phase="upload", budget=120)

Standard library only, and it does nothing when no keeper has started the program. It never raises.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from time import monotonic
from typing import Any

VARIABLE = "JIKIMI_PROBE"
VERSION = 1
_EACH_S = 1.0  # a sign of life that says nothing new
_PROGRESS_EACH_S = 0.1  # one that says that work has moved


class Probe:
    """Says that this program lives, and how far it has come. One for each program.

    Args:
        path: the file that the keeper reads; else the one that it names in the environment.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = path or os.environ.get(VARIABLE) or ""
        self._lock = threading.Lock()
        self._said: tuple[Any, ...] = ()
        self._said_at = float("-inf")
        self._written_token = -1
        self._done = ""
        self._token = 0
        self._seq = 0

    def beat(self, done: object = None, phase: str = "", budget: float | None = None, failures: int = 0) -> None:
        """Say that the program works on. Call it in your loop as often as you like.

        Args:
            done: what tells how far it is, such as a row number; without it each call counts as a step.
            phase: what it does, for people.
            budget: how many seconds it may take until *done* or *phase* is another one; when they are over it
                counts as hung. Without it only the calls themselves count.
            failures: how many rounds have failed in a row.
        """
        self._say("busy", done, phase, budget, failures=failures)

    def idle(self, phase: str = "") -> None:
        """Say that the program lives and has nothing to do."""
        self._say("idle", self._done, phase, None)

    def _say(self, mode: str, done: object, phase: str, budget: float | None, failures: int = 0) -> None:
        if not self._path:
            return
        try:
            with self._lock:
                says = (mode, str(phase), None if budget is None else float(budget), int(failures))
                self._advance("" if done is None else str(done), has_moved=done is None or says[:2] != self._said[:2])
                self._write_if_due(says)
        except Exception:  # noqa: BLE001 - whatever it is, the program goes on
            return

    def _advance(self, done: str, *, has_moved: bool) -> None:
        self._token += has_moved or done != self._done
        self._done = done

    def _write_if_due(self, says: tuple[str, str, float | None, int]) -> None:
        """Write at once what the keeper must know, such as another phase or budget, and the rest now and then."""
        now = monotonic()
        each_s = _PROGRESS_EACH_S if self._token != self._written_token else _EACH_S
        if says == self._said and now - self._said_at < each_s:
            return
        self._seq += 1
        document = {"v": VERSION, "pid": os.getpid(), "seq": self._seq, "token": self._token}
        partial = Path(f"{self._path}.{os.getpid()}.partial")
        named = dict(zip(("mode", "phase", "budget_s", "failures"), says))  # noqa: B905 - Python 3.8 has no strict=
        partial.write_text(json.dumps({**document, **named}), encoding="utf-8")
        partial.replace(self._path)
        self._said, self._said_at, self._written_token = says, now, self._token
