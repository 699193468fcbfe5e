"""Ports that nobody has."""

import socket


def free_port() -> int:
    """Return one; another may take it before it is used, which has not been seen."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
