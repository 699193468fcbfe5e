"""A container engine on this machine that knows the few calls that our door lets through, and what a test tells it."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jikimi.runtime.containers import API_VERSION

_PREFIX = f"/v{API_VERSION}"
_END, _BREAK = b"end", b"break"  # no chunk of ours looks so


@dataclass
class Box:
    """One container."""

    made: str
    is_running: bool = True
    is_paused: bool = False
    status: str = ""
    code: int = 0
    ran_out_of_memory: bool = False
    life: int = 1

    def document(self) -> dict[str, Any]:
        """Return what an inspection says."""
        state = {
            "Status": self.status or ("running" if self.is_running else "exited"),
            "Running": self.is_running,
            "Paused": self.is_paused,
            "Restarting": False,
            "OOMKilled": self.ran_out_of_memory,
            "ExitCode": self.code,
            "StartedAt": f"2026-11-20T03:{self.life:02}:00.123456789Z",
        }
        return {"Id": self.made, "Name": "/whatever", "State": state}


class FakeEngine:
    """Runs nothing: it remembers what was asked for and says what its containers would say.

    Attributes:
        calls: what was done, such as "stop shop-redis-1 t=3". looks: inspections by container, those that failed too.
        opened: how many streams of events there were.
        refuses: call or container -> status and words that it is answered with.
        says: container -> the text of its inspection, in place of its own.
        slow: what holds up every inspection until it is set. slow_s: or at most for so long.
        is_telling: whether what is done comes as events at once.
        just_before_a_stream: done before a listener gets its events.
    """

    def __init__(self, *names: str) -> None:
        self.boxes = {name: Box(f"id of {name}") for name in names}
        self.calls: list[str] = []
        self.looks: Counter[str] = Counter()
        self.opened = 0
        self.refuses: dict[str, tuple[int, str]] = {}
        self.says: dict[str, str] = {}
        self.slow, self.slow_s = Event(), 0.0
        self.is_telling = True
        self.just_before_a_stream: Callable[[], object] = lambda: None
        self.port = 0
        self._streams: list[SimpleQueue[bytes]] = []
        self.open()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def listeners(self) -> int:
        """How many streams are open now."""
        return len(self._streams)

    def open(self) -> None:
        """Listen, on the same port as before."""
        made = type("Handler", (_Handler,), {"engine": self})
        self._server = _Server(("127.0.0.1", self.port), made)
        self.port = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no connections any more, and break off every stream."""
        self.slow.set()
        self.break_streams()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def feed(self, event: object) -> None:
        """Send one event to whoever listens."""
        for stream in list(self._streams):
            stream.put(json.dumps(event).encode() + b"\n")

    def tell(self, name: str, *actions: str) -> None:
        """Send what the engine sends when this happens to a container."""
        for action in actions:
            actor = {"ID": f"id of {name}", "Attributes": {"name": name, "image": "x"}}
            self.feed({"Type": "container", "Action": action, "Actor": actor, "id": f"id of {name}", "time": 1})

    def end_streams(self) -> None:
        """End every stream as an engine does that restarts: without an error."""
        for stream in list(self._streams):
            stream.put(_END)

    def break_streams(self) -> None:
        """Break every stream off in the middle."""
        for stream in list(self._streams):
            stream.put(_BREAK)

    def act(self, verb: str, name: str) -> int:
        """Do as the engine would, and return its status."""
        box = self.boxes[name]
        events: tuple[str, ...] = ("kill", "die", *(() if verb == "kill" else ("stop",)))
        if verb == "start" and box.is_running:
            return 304
        if verb in ("stop", "kill") and not box.is_running:
            return 409 if verb == "kill" else 304
        if verb in ("start", "restart"):
            box.is_running, box.life, box.status = True, box.life + 1, ""
            events = ("start",) if verb == "start" else (*events, "start", "restart")
        else:
            box.is_running, box.code = False, 137 if verb == "kill" else 0
        if self.is_telling:
            self.tell(name, *events)
        return 204

    def stream(self) -> SimpleQueue[bytes]:
        """Return what a new listener gets."""
        self.just_before_a_stream()
        stream: SimpleQueue[bytes] = SimpleQueue()
        self._streams.append(stream)
        self.opened += 1
        return stream

    def forget(self, stream: SimpleQueue[bytes]) -> None:
        """Send nothing there any more."""
        self._streams.remove(stream)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    engine: FakeEngine
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        call = urlsplit(self.path).path.removeprefix(_PREFIX)
        if call == "/events":
            self._events()
            return
        name = call.removeprefix("/containers/").removesuffix("/json")
        engine = self.engine
        engine.looks[name] += 1
        if engine.slow_s:
            engine.slow.wait(engine.slow_s)
        if self._is_refused("inspect", name):
            return
        if name in engine.says:
            self._answer(200, engine.says[name])
        elif name in engine.boxes:
            self._answer(200, json.dumps(engine.boxes[name].document()))
        else:
            self._say(404, f"No such container: {name}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts, engine = urlsplit(self.path), self.engine
        _, _, name, verb = parts.path.removeprefix(_PREFIX).split("/")
        words = [f"{key}={values[0]}" for key, values in parse_qs(parts.query).items()]
        engine.calls.append(" ".join([verb, name, *words]))
        if self._is_refused(verb, name):
            return
        if name not in engine.boxes:
            self._say(404, f"No such container: {name}")
            return
        status = engine.act(verb, name)
        self._say(status, "it does not run") if status == 409 else self._answer(status, "")

    def _is_refused(self, *keys: str) -> bool:
        refused = next((self.engine.refuses[key] for key in ("all", *keys) if key in self.engine.refuses), None)
        if refused:
            self._say(*refused)
        return refused is not None

    def _say(self, status: int, words: str) -> None:
        self._answer(status, json.dumps({"message": words}))

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")  # as behind the door: what is closed answers nobody any more
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:
        if self._is_refused("events"):
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()
        stream = self.engine.stream()
        try:
            while (chunk := stream.get()) not in (_END, _BREAK):
                self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            if chunk == _END:
                self.wfile.write(b"0\r\n\r\n")
        finally:
            self.engine.forget(stream)
            with suppress(OSError):
                self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing is printed."""
