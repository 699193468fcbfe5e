"""Whether a program that is not ours answers on its port; for `ProbeWatch`, which asks in a thread."""

import http.client
import socket
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import urllib3

_ANSWERS_WITHIN_S = 3.0
_FIRST_GOOD, _FIRST_BAD = 200, 400
_RESOLVED_EACH = 30  # questions; a name server that is asked each second costs more than all the rest


class _Place:
    """Where a program listens; its name is resolved anew for each life, after a failure, and now and then."""

    def __init__(self, host: str, port: int) -> None:
        self._named = host, port
        self._known: tuple[str, int] | None = None
        self._pid, self._asked = 0, 0

    def connect(self, pid: int) -> socket.socket:
        """Return a connection.

        Raises:
            OSError, ValueError: nobody listens there; a name that is no host name is a ValueError.
        """
        self._asked += 1
        if pid != self._pid or self._asked % _RESOLVED_EACH == 0:
            self._pid, self._known = pid, None
        where, self._known = self._known or self._named, None
        line = socket.create_connection(where, _ANSWERS_WITHIN_S)
        self._known = line.getpeername()[:2]
        return line


def takes_connections(host: str, port: int) -> Callable[[int], bool]:
    """Return what asks whether *host* takes a connection on *port*."""
    place = _Place(host, port)

    def ask(pid: int) -> bool:
        try:
            with place.connect(pid):
                return True
        except (OSError, ValueError):
            return False

    return ask


def answers_http(url: str) -> Callable[[int], bool]:
    """Return what asks whether *url* answers with 2xx or 3xx; neither its body nor another place is fetched."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.username:
        return _answers_by_library(url)
    host, port = parts.hostname or "", parts.port or http.client.HTTP_PORT
    place, path = _Place(host, port), (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def ask(pid: int) -> bool:
        try:
            with closing(http.client.HTTPConnection(host, port, timeout=_ANSWERS_WITHIN_S)) as connection:
                connection.sock = place.connect(pid)
                connection.request("GET", path, headers={"Connection": "close"})
                return _is_good(connection.getresponse().status)
        except (http.client.HTTPException, OSError, ValueError):
            return False

    return ask


def _answers_by_library(url: str) -> Callable[[int], bool]:
    pool = urllib3.PoolManager(num_pools=1, timeout=urllib3.Timeout(total=_ANSWERS_WITHIN_S))

    def ask(_pid: int) -> bool:
        try:
            answer = pool.request("GET", url, redirect=False, retries=False, preload_content=False)
            answer.close()
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            return False
        return _is_good(answer.status)

    return ask


def _is_good(status: int) -> bool:
    return _FIRST_GOOD <= status < _FIRST_BAD
