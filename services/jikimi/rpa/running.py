"""Which attempt runs now, for whoever looks from outside: `state/rpa-attempt.json`."""

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from jikimi.whole_file import replace_text

FILE = "rpa-attempt.json"


@dataclass(frozen=True, slots=True)
class Running:
    """Which attempt runs now, for whoever looks from outside.

    Attributes:
        folder: of its evidence. port: on which its browser answers on this machine, 0 for none.
    """

    pid: int
    folder: str
    port: int


def note_running(state: Path, running: Running) -> None:
    """Say which attempt runs; the file is the newest attempt's, and is never taken away."""
    replace_text(state / FILE, json.dumps(asdict(running)))


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
