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
from jikimi.rpa.drivers.web_surface import WebSurface
from jikimi.rpa.errors import Application, Gone, NotFound
from jikimi.rpa.port import Dialog, Health, Surface
from jikimi.rpa.selector import button, field
from jikimi.testing.rpa import FakeProgram, FakeSurface, Widget
from tests.conftest import Until, missing
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

    def __init__(self, browser: WebBrowser, address: str) -> None:
        self.address = address
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
        web = Web(browser, PAGE.as_uri())
        yield web
        web.surface.close()

    def test_a_password_is_black_in_the_picture(self, ward: SurfaceWard) -> None:
        before = ward.surface.shot()
        password = ward.surface.find(field("비밀번호"), 5.0)
        password.set("s3cret")
        password.check("s3cret")

        assert ward.surface.shot() == before

    def test_what_lies_in_a_frame_is_found_as_well(self, ward: SurfaceWard) -> None:
        ward.surface.find(field("액자"), 5.0).set("안")

        assert ward.surface.find(field("액자"), 5.0).text() == "안"


class TestWebSurfaceWithoutFrames(SurfaceContract):
    """The usual page is looked at in one call, one with frames frame by frame."""

    @pytest.fixture
    def ward(self, browser: WebBrowser, tmp_path: Path) -> Iterator[SurfaceWard]:
        lines = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
        page = tmp_path / "page.html"
        page.write_text("".join(line for line in lines if not line.startswith("<iframe")), encoding="utf-8")
        web = Web(browser, page.as_uri())
        yield web
        web.surface.close()


def _page(browser: WebBrowser, folder: Path, html: str) -> WebSurface:
    page = folder / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8">{html}', encoding="utf-8")
    surface = browser.surface()
    surface.open(page.as_uri(), 10.0)
    return surface


def _nobody(_unasked: object) -> None:
    raise AssertionError


def test_a_field_that_another_one_empties_is_written_once_more(browser: WebBrowser, tmp_path: Path) -> None:
    surface = _page(
        browser,
        tmp_path,
        """<label>거래처 <input id="party"></label>
        <label for="account">계정</label>
        <select id="account" onchange="party.value = ''"><option>A</option><option>B</option></select>""",
    )
    party, account = (surface.find(field(name), 5.0, _nobody) for name in ("거래처", "계정"))
    party.set("가나상사")
    account.set("B")

    assert not party.check("가나상사")
    assert account.check("B")
    assert party.check("가나상사")
    assert surface.find(field("거래처"), 5.0).text() == "가나상사"


def test_a_list_is_chosen_from_after_the_field_before_it_has_had_its_say(browser: WebBrowser, tmp_path: Path) -> None:
    surface = _page(
        browser,
        tmp_path,
        """<label>거래처 <input onchange="account.selectedIndex = 0"></label><label for="account">계정</label>
        <select id="account"><option value="1">여비교통비</option><option value="2">접대비</option></select>""",
    )
    party, account = (surface.find(field(name), 5.0, _nobody) for name in ("거래처", "계정"))

    party.set("가나상사")
    account.set("접대비")

    assert party.check("가나상사")
    assert account.check("접대비")


def test_a_list_that_another_field_has_put_back_is_chosen_from_once_more(browser: WebBrowser, tmp_path: Path) -> None:
    surface = _page(
        browser,
        tmp_path,
        """<label for="account">계정</label>
        <select id="account"><option value="1">여비교통비</option><option value="2">접대비</option></select>
        <label>거래처 <input onchange="account.selectedIndex = 0"></label>""",
    )
    account, party = (surface.find(field(name), 5.0, _nobody) for name in ("계정", "거래처"))
    account.set("접대비")
    party.set("가나상사")

    assert not account.check("접대비")
    assert surface.page.locator("option:checked").inner_text() == "접대비"


def test_what_a_page_does_as_a_field_is_left_does_not_lead_the_next_value_astray(
    browser: WebBrowser, tmp_path: Path
) -> None:
    surface = _page(
        browser,
        tmp_path,
        """<label>사업자번호 <input onchange="memo.focus()"></label>
        <label>금액 <input></label><label>적요 <input id="memo"></label>""",
    )
    number, amount = (surface.find(field(name), 5.0, _nobody) for name in ("사업자번호", "금액"))
    number.set("123")

    amount.set("12000")

    assert amount.check("12000")
    assert surface.find(field("적요"), 5.0).text() == ""


def test_a_window_over_the_page_is_told_once_however_long_it_stays(browser: WebBrowser, tmp_path: Path) -> None:
    surface = _page(
        browser, tmp_path, '<div role="dialog">중복 전표<button>계속</button></div><label>금액 <input></label>'
    )
    heard: list[str] = []

    with pytest.raises(NotFound):
        surface.find(field("전표번호"), 1.0, lambda unasked: heard.extend(one.text for one in unasked)).text()

    assert len(heard) == 1


def test_a_page_that_crashed_while_it_waited_is_not_handed_out(
    browser: WebBrowser, tmp_path: Path, until: Until
) -> None:
    browser.start()
    crashed = browser._ready = browser._opened()
    with pytest.raises((Application, Gone)):
        crashed.open("chrome://crash", 5.0)
    # it is asked again and again at rest: then what has happened is heard
    until(lambda: browser.answers() and crashed.has_crashed, 10.0)

    surface = _page(browser, tmp_path, "<p>금액</p>")

    assert surface is not crashed
    assert "금액" in surface.text()


def test_a_field_that_comes_only_once_the_last_one_is_left_is_found(browser: WebBrowser, tmp_path: Path) -> None:
    surface = _page(
        browser,
        tmp_path,
        """<label>사업자번호 <input onchange="more.hidden = false"></label>
        <p id="more" hidden><label>상호 <input></label></p>""",
    )
    surface.find(field("사업자번호"), 5.0, _nobody).set("123")

    name = surface.find(field("상호"), 5.0, _nobody)
    name.set("가나상사")
    name.check("가나상사")

    assert surface.find(field("상호"), 5.0).text() == "가나상사"


def test_a_field_that_is_put_in_the_place_of_another_as_it_is_entered_keeps_its_value(
    browser: WebBrowser, tmp_path: Path
) -> None:
    surface = _page(
        browser,
        tmp_path,
        """<label for="date">일자</label><input id="date" value="보기" onfocus="
            const real = document.createElement('input'); real.id = 'date'; this.replaceWith(real); real.focus()">""",
    )
    date = surface.find(field("일자"), 5.0, _nobody)
    date.set("2026-11-29")
    date.check("2026-11-29")

    assert surface.find(field("일자"), 5.0).text() == "2026-11-29"


def test_a_page_that_hangs_as_a_field_is_left_is_told_in_its_time(browser: WebBrowser, tmp_path: Path) -> None:
    surface = _page(browser, tmp_path, '<label>금액 <input onchange="for (;;);"></label>')
    amount = surface.find(field("금액"), 1.5, _nobody)
    amount.set("1000")

    with pytest.raises(Application):
        amount.check("1000")

    assert surface.health() is Health.HUNG
    surface.close()


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
