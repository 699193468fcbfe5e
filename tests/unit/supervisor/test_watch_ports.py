"""A port lives when it takes connections, an address when it answers well."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from jikimi.supervisor.ports import answers_http, takes_connections

PID = 417


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path[1:]))
        self.send_header("Location", "/500")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Be quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that is taken and answers nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_port_that_takes_connections_lives(port: int, nobody: int) -> None:
    assert [takes_connections("127.0.0.1", each)(PID) for each in (port, nobody)] == [True, False]


@pytest.mark.parametrize(("status", "lives"), [(200, True), (204, True), (302, True), (404, False), (500, False)])
def test_an_address_lives_when_it_answers_well(port: int, status: int, lives: bool) -> None:  # noqa: FBT001
    assert answers_http(f"http://127.0.0.1:{port}/{status}")(PID) is lives


def test_an_address_that_nobody_serves_does_not_live(nobody: int) -> None:
    assert not answers_http(f"http://127.0.0.1:{nobody}/200")(PID)


@pytest.mark.parametrize("host", ["", "no such host", "a" * 70 + ".invalid"])
def test_a_name_that_is_no_host_does_no_harm(host: str) -> None:
    assert not takes_connections(host, 1)(PID)
