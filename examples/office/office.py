"""What the site answers to each request. It knows nothing of sockets."""

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from threading import Lock

import pages
import statement
from faults import Faults, read_faults
from pages import FORM, Page
from store import Store, make_password
from voucher import Draft, problem

USER = "bookkeeper"
COOKIE = "office_session"
_VOUCHER = re.compile(r"/vouchers/V([1-9][0-9]{0,9})")
_FAILED = pages.failure("처리 중 문제가 발생했습니다. 잠시 후 다시 시도하세요.")


@dataclass(frozen=True, slots=True)
class Request:
    """A request; *session* is the token in its cookie, else ""."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    session: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, as it goes out."""

    status: HTTPStatus
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Office:
    """The site: its folder, and how it misbehaves at the moment."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._password, self._faults = folder / "password", folder / "faults.json"
        make_password(self._password)
        self._store = Store(folder / "office.sqlite")
        self._requests, self._counting = 0, Lock()

    def faults(self) -> Faults:
        """Return what goes wrong right now."""
        return read_faults(self._faults)

    def answer(self, request: Request, faults: Faults) -> Answer:
        """Return what *request* gets, late or not at all well if *faults* say so."""
        time.sleep(faults.slow_s)
        if self._fails(faults):
            return _page(_FAILED, HTTPStatus.INTERNAL_SERVER_ERROR)
        if request.path == "/login":
            return self._log_in(request) if request.method == "POST" else _login_page(request)
        if not self._store.use_session(request.session, faults.sessions_last):
            return _redirect("/login?expired=1" if request.session else "/login")
        if request.method == "POST":
            return self._save(request, faults) if request.path == FORM else _missing()
        return self._show(request, faults)

    def _show(self, request: Request, faults: Faults) -> Answer:
        trouble = pages.trouble(faults, request.path)
        match request.path:
            case "/":
                return _redirect("/vouchers")
            case "/vouchers":
                memo = request.query.get("memo", "").strip()
                return _page(pages.voucher_list(self._store.vouchers(memo), memo), trouble=trouble)
            case pages.FORM:
                return _page(pages.voucher_form(Draft()), trouble=trouble)
            case "/statement":
                return _page(pages.statement(statement.HEADER, statement.ROWS), trouble=trouble)
            case "/statement/file":
                return _download()
        number = _VOUCHER.fullmatch(request.path)
        found = self._store.voucher(int(number[1])) if number else None
        return _page(pages.voucher(found), trouble=trouble) if found else _missing()

    def _save(self, request: Request, faults: Faults) -> Answer:
        draft = Draft(**{name: request.form.get(name, "").strip() for name in Draft.__slots__})
        if wrong := problem(draft):
            return _page(pages.voucher_form(draft, wrong), trouble=pages.trouble(faults, FORM))
        time.sleep(faults.slow_before_s)
        number = self._store.save(draft)
        time.sleep(faults.slow_save_s)
        if faults.save_error_after:
            return _page(_FAILED, HTTPStatus.INTERNAL_SERVER_ERROR)
        return _redirect(f"/vouchers/V{number}")

    def _log_in(self, request: Request) -> Answer:
        user, given = request.form.get("user", ""), request.form.get("password", "")
        # read each time, so that it can be changed while the site runs
        password = self._password.read_text(encoding="utf-8").strip()
        right = bool(password) and secrets.compare_digest(given.encode(), password.encode())
        if user != USER or not right:
            return _page(pages.login(wrong=True, user=user))
        return _redirect("/vouchers", cookie=self._store.open_session())

    def _fails(self, faults: Faults) -> bool:
        """Count the requests from when they were first to fail, and tell whether this one does."""
        with self._counting:
            self._requests = self._requests + 1 if faults.error_every else 0
            return bool(faults.error_every) and self._requests % faults.error_every == 0


def _login_page(request: Request) -> Answer:
    return _page(pages.login(expired="expired" in request.query))


def _missing() -> Answer:
    return _page(pages.failure("그런 화면이 없습니다"), HTTPStatus.NOT_FOUND)


def _download() -> Answer:
    name = f"card-{datetime.now():%Y%m%d}.csv"
    headers = (("Content-Type", "text/csv; charset=utf-8"), ("Content-Disposition", f'attachment; filename="{name}"'))
    return Answer(HTTPStatus.OK, statement.statement_file(), headers)


def _page(page: Page, status: HTTPStatus = HTTPStatus.OK, *, trouble: str = "") -> Answer:
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"))
    return Answer(status, pages.document(page, trouble).encode("utf-8", "replace"), headers)


def _redirect(to: str, *, cookie: str = "") -> Answer:
    kept = (("Set-Cookie", f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax"),) if cookie else ()
    return Answer(HTTPStatus.SEE_OTHER, headers=(("Location", to), *kept))
