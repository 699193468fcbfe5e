"""A mail server on this machine, as far as a sender can tell: plain, STARTTLS or TLS, with a login or without."""

import base64
import ssl
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

Answer = Callable[[str], str]


class MailServer:
    """Takes mail in memory.

    Attributes:
        mails: what was taken. said: each command, without the mails. was_safe: whether each mail came over TLS.
        login: the only name and password that are let in; None asks for none.
        refuses: addresses that get no mail; * refuses all.
        hangs: it takes connections and says nothing more, until `released`.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, *, tls_at_once: bool = False) -> None:
        self.tls, self.tls_at_once = tls, tls_at_once
        self.mails: list[EmailMessage] = []
        self.said: list[str] = []
        self.was_safe: list[bool] = []
        self.login: tuple[str, str] | None = None
        self.refuses: set[str] = set()
        self.hangs = False
        self.released = Event()
        self.port = 0
        self.open()

    def open(self) -> None:
        """Listen, on the same port as before."""
        made = type("Handler", (_Session,), {"home": self})
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


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that goes away is no news."""


class _Session(StreamRequestHandler):
    home: MailServer

    def handle(self) -> None:
        home = self.home
        if home.hangs:
            home.released.wait(60)
            return
        self.is_safe = False
        if home.tls and home.tls_at_once:
            self._secure()
        self._say("220 mail.test ready")
        for line in iter(self._line, ""):
            home.said.append(line)
            verb = line.partition(" ")[0].upper()
            if verb == "QUIT":
                break
            getattr(self, f"_{verb.lower()}", lambda _: self._say("502 no"))(line)

    def _line(self) -> str:
        return self.rfile.readline().decode().rstrip("\r\n")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
        self.wfile.flush()

    def _secure(self) -> None:
        assert self.home.tls is not None
        self.request = self.connection = self.home.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.is_safe = True

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _ehlo(self, _: str) -> None:
        offers = ["mail.test"]
        offers += ["STARTTLS"] if self.home.tls and not self.is_safe else []
        offers += ["AUTH PLAIN"] if self.home.login else []
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _starttls(self, _: str) -> None:
        self._say("220 go on")
        self._secure()

    def _auth(self, line: str) -> None:
        _, name, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        self._say("235 welcome" if (name, password) == self.home.login else "535 5.7.8 wrong name or password")

    def _mail(self, _: str) -> None:
        self._say("250 ok")

    def _rset(self, _: str) -> None:
        self._say("250 ok")

    def _rcpt(self, line: str) -> None:
        address = line.partition("<")[2].rstrip(">")
        is_refused = bool(self.home.refuses & {address, "*"})
        self._say("550 5.1.1 no such mailbox" if is_refused else "250 ok")

    def _data(self, _: str) -> None:
        self._say("354 go on")
        text = b"".join(line.removeprefix(b".") for line in iter(self.rfile.readline, b".\r\n"))
        self.home.mails.append(message_from_bytes(text, _class=EmailMessage, policy=policy.default))
        self.home.was_safe.append(self.is_safe)
        self._say("250 taken")
