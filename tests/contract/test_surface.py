"""A browser and the program in memory keep the same contract."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest

from jikimi.clock import SystemClock
from jikimi.rpa.browsers import NoBrowser, find_browser
from jikimi.rpa.drivers.web import WebBrowser
from jikimi.rpa.errors import Application
from jikimi.rpa.port import Dialog, Health, Surface
from jikimi.rpa.selector import button, field
from jikimi.testing.rpa import FakeProgram, FakeSurface, Widget
from tests.conftest import missing
from tests.contract.surface_contract import SurfaceContract, SurfaceWard

_LIST = "전표 1"
_SLOW = """<p id="list"></p>
<script>fetch("/list").then(answer => answer.text()).then(text => { list.textContent = text })</script>"""
PAGE = Path(__file__).with_name("surface.html")


class Fake:
    """The screen of the contract, in memory."""

    def __init__(self) -> None:
        self.address = "main"
        self.program = FakeProgram({"main": self._screen}, downloads={"내려받기": ("card.csv", b"a,b\n")})
        self.surface: Surface = FakeSurface(self.program, SystemClock())
        self.surface.open("main", 1.0)

    def _screen(self, program: FakeProgram) -> None:
        def show(text: str) -> None:
            program.text = text

        def cover() -> None:
            notice = Dialog("공지: 오늘 점검")
            program.boxes.append(notice)
            close = Widget("닫기", "button", on_click=lambda: program.boxes.remove(notice))
            program.widgets.append(close)

        def offer(text: str) -> str:
            def take() -> None:
                party.value = "서울상사"

            program.widgets.append(Widget("서울상사", "option", on_click=take))
            return text

        party = Widget("거래처", on_set=offer)
        program.widgets = [
            party,
            Widget("거래처", "button"),
            Widget("일자"),
            Widget("금액", on_set=lambda value: f"{int(value):,}"),
            Widget("숫자", on_set=lambda value: re.sub(r"\D", "", value)),
            Widget("계정", "list", choices=("여비교통비", "접대비")),
            Widget("", identifier="memo"),
            Widget("저장", "button", on_click=lambda: program.ask("저장하시겠습니까?", lambda: show("전표번호 V1"))),
            Widget("늦게", "button", on_click=lambda: program.widgets.append(Widget("나중", "button"))),
            Widget("오류", "button", on_click=lambda: program.alerts.append("오류: 금액이 올바르지 않습니다")),
            Widget("알림", "button", on_click=lambda: program.boxes.append(Dialog("점검 예정", is_settled=True))),
            Widget("덮개", "button", on_click=cover),
            Widget("같음", "button"),
            Widget("같음", "button"),
            Widget("같음", "button", inside="상세", on_click=lambda: show("상세를 눌렀습니다")),
            Widget("숨김", is_visible=False),
            Widget("내려받기", "link"),
        ]

    def hang(self) -> None:
        self.program.is_hung = True

    def end(self) -> None:
        self.program.is_gone = True


class Web:
    """The same screen in a browser."""

    def __init__(self, browser: WebBrowser) -> None:
        self.address = PAGE.as_uri()
        self.surface: Surface = browser.surface()
        self.surface.open(self.address, 10.0)

    def hang(self) -> None:
        self.surface.find(button("멈춤"), 1.0).click()
        while self.surface.health() is not Health.HUNG:
            pass

    def end(self) -> None:
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # an earlier browser's, which nobody has reaped yet
                if "chrom" in process.name() and "--type=" not in " ".join(process.cmdline()):
                    process.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[WebBrowser]:
    try:
        program = find_browser("")
    except NoBrowser:
        missing("a browser (chromium-headless-shell)")
    browser = WebBrowser(SystemClock(), program=program, sandbox=False)
    yield browser
    browser.close()


@pytest.fixture
def slow_site() -> Iterator[tuple[str, Event]]:
    """A page that fetches its list, and what lets the list come."""
    may_answer = Event()

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/list":
                may_answer.wait(30.0)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((_LIST if self.path == "/list" else _SLOW).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", may_answer
        may_answer.set()
        server.shutdown()


class TestFakeSurface(SurfaceContract):
    @pytest.fixture
    def ward(self) -> SurfaceWard:
        return Fake()


class TestWebSurface(SurfaceContract):
    @pytest.fixture
    def ward(self, browser: WebBrowser) -> Iterator[SurfaceWard]:
        web = Web(browser)
        yield web
        web.surface.close()

    def test_a_password_is_black_in_the_picture(self, ward: SurfaceWard) -> None:
        before = ward.surface.shot()
        ward.surface.find(field("비밀번호"), 5.0).set("s3cret")

        assert ward.surface.shot() == before

    def test_what_lies_in_a_frame_is_found_as_well(self, ward: SurfaceWard) -> None:
        ward.surface.find(field("액자"), 5.0).set("안")

        assert ward.surface.find(field("액자"), 5.0).text() == "안"


def test_what_a_page_still_fetches_is_waited_for(browser: WebBrowser, slow_site: tuple[str, Event]) -> None:
    address, may_answer = slow_site
    surface = browser.surface()
    surface.open(address, 10.0)

    with pytest.raises(Application, match="/list"):
        surface.settle(1.0)
    may_answer.set()
    surface.settle(10.0)

    assert "전표 1" in surface.text()
    surface.settle(0.1)  # less time than it takes to believe it
    surface.close()


def test_a_browser_that_was_chosen_is_taken_and_none_is_told(tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    assert find_browser(str(program)) == program
    with pytest.raises(NoBrowser):
        find_browser(str(tmp_path / "none"))
    assert shutil.which("sh") == str(find_browser("sh"))
