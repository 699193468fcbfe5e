#!/usr/bin/env python3
"""A small accounting site of an office, without an API: a person or a robot works in its pages.

    python examples/office/site.py --folder DIR

It prints its address. The user is `bookkeeper`, the password lies in DIR/password. What DIR/faults.json says
goes wrong, from the next request on; faults.py has the list. It knows nothing of Jikimi.
"""

import argparse
import signal
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from types import FrameType
from urllib.parse import parse_qsl

from office import COOKIE, Office, Request

_FORM_BYTES = 65_536


class Site(ThreadingHTTPServer):
    """Serves one office."""

    def __init__(self, address: tuple[str, int], office: Office) -> None:
        super().__init__(address, _Handler)
        self.office = office

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Say nothing of a browser that went away; anything else is our own mistake."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _FORM_BYTES:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        self._serve(_values(self.rfile.read(int(length)).decode("ascii", "replace")))

    def _serve(self, form: dict[str, str]) -> None:
        path, _, query = self.path.partition("?")
        faults = self.server.office.faults()
        if path == faults.never_answer:
            while self.rfile.read(1):  # until the browser gives up
                pass
            return
        answer = self.server.office.answer(Request(self.command, path, _values(query), form, self._session()), faults)
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def _session(self) -> str:
        # taken apart by hand: all sites of this machine share their cookies, and http.cookies stops at an odd one
        pairs = (pair.strip().partition("=") for pair in self.headers.get("Cookie", "").split(";"))
        return next((value for name, _, value in pairs if name == COOKIE), "")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Print nothing: the address is the one line."""


def _values(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def leave(_signal: int, _frame: FrameType | None) -> None:
    """End the server's loop."""
    raise SystemExit(0)


def main() -> int:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where its password, vouchers and faults lie")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--listen", default="127.0.0.1", help="0.0.0.0 in a container")
    asked = parser.parse_args()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, leave)
    try:
        site = Site((asked.listen, asked.port), Office(asked.folder))
    except OSError as problem:
        print(f"{asked.folder}, port {asked.port}: {problem.strerror}", file=sys.stderr)
        return 1
    with site:
        print(f"http://{asked.listen}:{site.server_port}/", flush=True)
        site.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
