"""The accounting site of `examples/office`, in a process of its own, and somebody who works in its pages."""

import json
import subprocess
import sys
from email.message import Message
from http.cookiejar import CookieJar
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from tests.web_page import WebPage

SITE = Path(__file__).resolve().parents[1] / "examples/office/site.py"
FILLED = {"일자": "2026-11-16", "계정": "소모품비", "거래처": "알파문구", "금액": "12,000", "적요": "복사용지"}


class OfficeSite:
    """The site on a free port, which it keeps when it is started again.

    Attributes:
        printed: all that it has printed, once it is closed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed = ""
        self._port = 0
        self.open()

    @property
    def password(self) -> str:
        return (self.folder / "password").read_text(encoding="utf-8").strip()

    def open(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, SITE, "--folder", self.folder, "--port", str(self._port)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert self._child.stdout
        said = self._child.stdout.readline()
        self.printed += said
        self.address = said.strip()
        assert self.address.startswith("http://127.0.0.1:"), self.address
        self._port = int(self.address.rstrip("/").rpartition(":")[2])

    def close(self) -> int:
        """End it and return its exit code."""
        self._child.terminate()
        rest, _ = self._child.communicate(timeout=30)
        self.printed += rest
        return self._child.returncode

    def misbehave(self, **faults: object) -> None:
        """Do this wrong from the next request on, and nothing else."""
        partial = self.folder / "faults.partial"
        partial.write_text(json.dumps(faults), encoding="utf-8")
        partial.replace(self.folder / "faults.json")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Visitor:
    """Somebody with a browser but without scripts.

    Attributes:
        status, headers, body: the last answer. at: its address. seen: the text of all pages so far.
    """

    def __init__(self, site: OfficeSite) -> None:
        self.site = site
        self.status = 0
        self.headers = Message()
        self.body = b""
        self.at = ""
        self.seen = ""
        # this machine's proxies do not lead to this machine
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    @property
    def page(self) -> WebPage:
        return WebPage(self.body.decode())

    def go(self, path: str, form: dict[str, str] | None = None, *, patience_s: float = 30) -> WebPage:
        """Open a page, or send a form to it, and return where that leads.

        Raises:
            TimeoutError: no answer within *patience_s*.
        """
        self.body, self.status = b"", 0
        data = None if form is None else urlencode(form).encode()
        try:
            answer = self._opener.open(urljoin(self.site.address, path), data, timeout=patience_s)
        except HTTPError as refused:
            answer = refused
        with answer:
            self.status, self.headers, self.body, self.at = answer.status, answer.headers, answer.read(), answer.url
        self.seen += self.body.decode()
        return self.page

    def download(self, path: str) -> bytes:
        with self._opener.open(urljoin(self.site.address, path), timeout=30) as answer:
            self.headers = answer.headers
            body: bytes = answer.read()
        return body

    def press(self, button: str, filled: dict[str, str], *, patience_s: float = 30) -> WebPage:
        """Fill in the fields with these labels on the page that is open, and press *button*."""
        form, values = self.page.form(button)
        values |= {self.page.field(label).get("name", ""): value for label, value in filled.items()}
        action = form.get("action", "")
        if form.get("method") == "get":
            return self.go(f"{action}?{urlencode(values)}", patience_s=patience_s)
        return self.go(action, values, patience_s=patience_s)

    def log_in(self, user: str = "bookkeeper", password: str | None = None) -> WebPage:
        self.go("/login")
        return self.press("로그인", {"아이디": user, "비밀번호": self.site.password if password is None else password})

    def enter(self, changed: dict[str, str] | None = None, *, patience_s: float = 30) -> WebPage:
        """Enter a voucher that is right but for what is *changed*."""
        self.go("/vouchers/new")
        return self.press("저장", FILLED | (changed or {}), patience_s=patience_s)

    def found(self, memo: str) -> list[dict[str, str]]:
        """Return the vouchers that a search finds."""
        self.go("/vouchers")
        return self.press("조회", {"적요 검색": memo}).rows()
