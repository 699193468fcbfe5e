"""Whether a program that is not ours answers on its port; for `ProbeWatch`, which asks in a thread."""

import socket
from collections.abc import Callable

import urllib3

_ANSWERS_WITHIN_S = 3.0
_FIRST_GOOD, _FIRST_BAD = 200, 400


def takes_connections(host: str, port: int) -> Callable[[int], bool]:
    """Return what asks whether *host* takes a connection on *port*."""

    def ask(_pid: int) -> bool:
        try:
            with socket.create_connection((host, port), _ANSWERS_WITHIN_S):
                return True
        except (OSError, ValueError):  # a name that is no host name is a ValueError
            return False

    return ask


def answers_http(url: str) -> Callable[[int], bool]:
    """Return what asks whether *url* answers with 2xx or 3xx; neither its body nor another place is fetched."""
    pool = urllib3.PoolManager(num_pools=1, timeout=urllib3.Timeout(total=_ANSWERS_WITHIN_S))

    def ask(_pid: int) -> bool:
        try:
            answer = pool.request("GET", url, redirect=False, retries=False, preload_content=False)
            answer.close()
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            return False
        return _FIRST_GOOD <= answer.status < _FIRST_BAD

    return ask
