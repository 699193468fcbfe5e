"""A port lives when it takes connections, an address when it answers well."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The names that were looked up; an address is none."""
    found: list[object] = []
    really = socket.getaddrinfo

    def look_up(host: Any, *more: Any, **options: Any) -> Any:
        if host == "localhost":
            found.append(host)
        return really("127.0.0.1" if host == "localhost" else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return found


@pytest.mark.parametrize("is_http", [True, False])
def test_a_name_is_looked_up_once_a_life_and_again_after_a_failure_and_now_and_then(
    port: int,
    asked: list[object],
    is_http: bool,  # noqa: FBT001
) -> None:
    ask = answers_http(f"http://localhost:{port}/200") if is_http else takes_connections("localhost", port)

    assert [ask(PID), ask(PID), len(asked)] == [True, True, 1]
    assert [ask(PID + 1), ask(PID + 1), len(asked)] == [True, True, 2]
    assert all(ask(PID + 1) for _ in range(30))
    assert len(asked) == 3


def test_after_a_failure_the_name_is_looked_up_again(nobody: int, asked: list[object]) -> None:
    ask = takes_connections("localhost", nobody)

    assert [ask(PID), ask(PID), len(asked)] == [False, False, 2]


def test_an_address_has_its_path_and_question_and_its_host(asked: list[object]) -> None:
    got: list[str] = []

    class Notes(Answers):
        def do_GET(self) -> None:
            got.append(f"{self.path} {self.headers['Host']}")
            self.path = "/200"
            super().do_GET()

    server = HTTPServer(("127.0.0.1", 0), Notes)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    assert answers_http(f"http://localhost:{server.server_port}/health?full=1")(PID)
    thread.join()
    server.server_close()

    assert got == [f"/health?full=1 localhost:{server.server_port}"]
