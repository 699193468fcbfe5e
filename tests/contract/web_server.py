"""A web server on this machine that keeps what is posted to it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class WebServer:
    """Answers each POST with *status*.

    Attributes:
        posts: the headers and the body of each POST that was answered with 2xx. tries: how many there were at all.
        hangs: it takes connections and says nothing, until `released`.
    """

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.tries = 0
        self.status = 204
        self.says = b""
        self.location = ""
        self.hangs = False
        self.released = Event()
        self.port = 0
        self.open()

    def open(self) -> None:
        """Listen, on the same port as before."""
        made = type("Handler", (_Handler,), {"home": self})
        self._server = _Server(("127.0.0.1", self.port), made)
        self.port = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no connections any more."""
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    home: WebServer

    def do_POST(self) -> None:
        home = self.home
        home.tries += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if home.hangs:
            home.released.wait(60)
            self.close_connection = True
            return
        if home.status < 300:
            home.posts.append((dict(self.headers), body))
        self.send_response(home.status)
        if home.location:
            self.send_header("Location", home.location)
        self.send_header("Content-Length", str(len(home.says)))
        self.end_headers()
        self.wfile.write(home.says)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing is printed."""
