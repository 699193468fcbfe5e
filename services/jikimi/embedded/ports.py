"""Free ports of this machine, kept in `state/ports.json` so that an address stays the same from day to day."""

import json
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def port_of(file: Path, name: str) -> int:
    """Return the port kept for *name*, else a new one; one that another program has taken since is replaced."""
    kept = known_ports(file)
    if name not in kept or not _is_free(kept[name]):
        kept[name] = _free_port()
        file.write_text(json.dumps(kept), encoding="utf-8")
    return kept[name]


def known_ports(file: Path) -> dict[str, int]:
    """Return the ports kept in *file*; none if it is missing or broken."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
