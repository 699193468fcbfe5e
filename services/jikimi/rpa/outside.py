"""Evidence of an attempt that hangs, taken from outside by who is about to end it.

The flow's own process answers nobody then, but its browser often does: it is asked for a picture by its other door,
which only this machine reaches.
"""

import base64
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import ProxyHandler, build_opener

import structlog
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from jikimi.clock import Clock
from jikimi.rpa.evidence import SHOT
from jikimi.rpa.running import FILE, Running
from jikimi.whole_file import replace_text

log = structlog.get_logger()
_OUTSIDE = "outside.json"
_WITHIN_S = 0.9  # with the stacks no longer than the supervisor leaves to a parent that ends a stall
_LARGEST = 20_000_000


class OutsidePicture:
    """Keeps what can be seen of the attempt of a process that hangs."""

    def __init__(self, state: Path, clock: Clock) -> None:
        self._file, self._clock = state / FILE, clock

    def __call__(self, pid: int) -> None:
        """Write the picture and the address beside the attempt's steps, if *pid* has one; never raises."""
        try:
            running = Running(**json.loads(self._file.read_text(encoding="utf-8")))
            if running.pid != pid:
                return
            facts: dict[str, Any] = {"v": 1, "at": self._clock.now().isoformat(), "pid": pid, "why": "no progress"}
            with contextlib.suppress(OSError, ValueError, WebSocketException, TimeoutError):
                facts |= self._picture(running)
            replace_text(Path(running.folder) / _OUTSIDE, json.dumps(facts, ensure_ascii=False, indent=1))
        except (OSError, ValueError, TypeError) as error:
            log.warning("evidence.not_taken", child_pid=pid, why=str(error))

    def _picture(self, running: Running) -> Mapping[str, Any]:
        opener = build_opener(ProxyHandler({}))
        give_up_at = self._clock.ticks() + _WITHIN_S
        with opener.open(f"http://127.0.0.1:{running.port}/json", timeout=_WITHIN_S / 2) as answer:
            pages = [page for page in json.load(answer) if page["type"] == "page"]
        if not pages:
            return {"pages": 0}
        with connect(
            pages[0]["webSocketDebuggerUrl"],
            open_timeout=_WITHIN_S / 2,
            close_timeout=0.1,
            max_size=_LARGEST,
            proxy=None,
        ) as door:
            door.send(json.dumps({"id": 1, "method": "Page.captureScreenshot"}))
            answered = json.loads(door.recv(timeout=max(give_up_at - self._clock.ticks(), 0.1)))
        shot = base64.b64decode(answered["result"]["data"])
        (Path(running.folder) / SHOT).write_bytes(shot)
        parts = urlsplit(pages[0]["url"])
        # what stands behind the question mark may be anybody's secret
        return {"pages": len(pages), "where": urlunsplit(parts._replace(query="", fragment="")), "picture": SHOT}
