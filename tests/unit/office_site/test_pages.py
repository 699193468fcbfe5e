"""The accounting site in `examples/`, which a robot works in, does what it should."""

import ast
import socket
import stat
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jikimi.config.model import StatementKind
from jikimi.vouchers.line import Kind
from jikimi.vouchers.readers import ReadOptions, read_statement
from tests.office_site import FILLED, SITE, OfficeSite, Visitor


def test_it_needs_only_the_standard_library() -> None:
    own = {path.stem for path in SITE.parent.glob("*.py")}
    for path in SITE.parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= own | sys.stdlib_module_names


def test_who_has_not_logged_in_is_asked_to(site: OfficeSite) -> None:
    page = Visitor(site).go("/vouchers")

    assert page.heading == "로그인"
    assert page.language == "ko"
    assert page.role("status") == []


def test_the_right_password_leads_to_the_list(site: OfficeSite) -> None:
    page = Visitor(site).log_in()

    assert page.heading == "전표 목록"
    assert {"새 전표", "명세서"} <= page.links.keys()


@pytest.mark.parametrize(("user", "password"), [("bookkeeper", "wrong"), ("bookkeeper", ""), ("someone", None)])
def test_a_wrong_login_is_refused(site: OfficeSite, user: str, password: str | None) -> None:
    visitor = Visitor(site)
    page = visitor.log_in(user, password)

    assert page.role("alert") == ["오류: 아이디 또는 비밀번호가 올바르지 않습니다"]
    assert visitor.go("/vouchers").heading == "로그인"


def test_nobody_logs_in_with_an_empty_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("\n")
    with OfficeSite(tmp_path) as site:
        assert Visitor(site).log_in().role("alert")


def test_a_password_that_is_there_is_kept(tmp_path: Path) -> None:
    kept = "회계 암호"
    (tmp_path / "password").write_text(f"{kept}\n", encoding="utf-8")
    with OfficeSite(tmp_path) as site:
        assert Visitor(site).log_in(password=kept).heading == "전표 목록"


def test_a_voucher_is_entered_and_stands_in_the_list(visitor: Visitor, memo: str) -> None:
    page = visitor.enter({"금액": "1234567", "적요": memo})
    (said,) = page.role("status")
    number = said.removeprefix("전표번호 ")

    assert number.startswith("V")
    assert number[1:].isdecimal()
    assert visitor.found(memo) == [FILLED | {"전표번호": number, "금액": "1,234,567", "적요": memo}]


def test_the_voucher_is_shown_again_without_saving_it_again(visitor: Visitor, memo: str) -> None:
    said = visitor.enter({"적요": memo}).role("status")

    assert visitor.go(visitor.at).role("status") == said
    assert len(visitor.found(memo)) == 1


def test_the_form_formats_the_amount_and_asks_before_it_saves(visitor: Visitor) -> None:
    page = visitor.go("/vouchers/new")

    assert page.heading == "전표 입력"
    assert [page.field(label).tag for label in FILLED] == ["input", "select", "input", "input", "input"]
    assert page.texts("option")[1:] == ["여비교통비", "복리후생비", "소모품비", "접대비"]
    assert 'confirm("저장하시겠습니까?")' in page.scripts
    assert '"change"' in page.scripts


@pytest.mark.parametrize(
    ("label", "value", "problem"),
    [
        *[
            ("금액", value, "금액이 올바르지 않습니다")
            for value in ("", "0", "-1", "1.5", "1,00", "천", "１", "1" * 13)
        ],
        *[("일자", value, "일자가 올바르지 않습니다") for value in ("", "2026-02-30", "20261104", "2026-W45-3")],
        ("일자", "2025-12-31", "마감된 월입니다"),
        ("거래처", " ", "거래처를 입력하세요"),
        ("계정", "현금", "계정을 선택하세요"),
        ("계정", "", "계정을 선택하세요"),
    ],
)
def test_a_voucher_with_a_mistake_is_shown_again_and_not_stored(
    visitor: Visitor, memo: str, label: str, value: str, problem: str
) -> None:
    page = visitor.enter({"적요": memo, label: value})

    assert page.role("alert") == [f"오류: {problem}"]
    assert page.field("적요").get("value") == memo
    assert page.form("저장")[1]["amount"] == (value if label == "금액" else FILLED["금액"])
    assert visitor.found(memo) == []


@pytest.mark.parametrize(("label", "value"), [("일자", "2026-01-01"), ("금액", "1"), ("금액", "999,999,999,999")])
def test_the_bounds_are_within(visitor: Visitor, memo: str, label: str, value: str) -> None:
    assert visitor.enter({"적요": memo, label: value}).role("status")


def test_a_search_finds_part_of_a_memo_and_nothing_else(visitor: Visitor, memo: str) -> None:
    for end in ("%one", "two", "%three"):
        visitor.enter({"적요": f"{memo}{end}"})

    assert [row["적요"] for row in visitor.found(f"{memo}%")] == [f"{memo}%three", f"{memo}%one"]
    assert len(visitor.found("")) >= 3
    assert visitor.page.field("적요 검색").get("value") == ""


def test_the_same_voucher_entered_twice_stands_twice(visitor: Visitor, memo: str) -> None:
    numbers = {visitor.enter({"적요": memo}).role("status")[0] for _ in range(2)}

    assert len(numbers) == 2
    assert len(visitor.found(memo)) == 2


def test_the_statement_is_one_that_the_card_reader_takes(visitor: Visitor) -> None:
    page = visitor.go("/statement")
    data = visitor.download(page.links["내려받기"])
    statement = read_statement(data, StatementKind.CARD, ReadOptions(today=date(2026, 11, 30)))

    assert page.heading == "명세서"
    assert statement.faults == ()
    assert len(statement.lines) == len(page.rows()) == 6
    assert sum(line.amount for line in statement.lines) == Decimal(172_600)
    assert [line.kind for line in statement.lines].count(Kind.CARD_CANCELLATION) == 1
    assert len({line.content for line in statement.lines}) == 6


def test_the_statement_is_the_same_each_time_and_named_after_the_day(visitor: Visitor) -> None:
    first = visitor.download("/statement/file")
    name = visitor.headers.get_filename("")

    assert visitor.headers.get_content_disposition() == "attachment"
    assert len(name) == len("card-20261130.csv")
    assert name.startswith("card-20")
    assert visitor.download("/statement/file") == first


@pytest.mark.parametrize("path", ["/nothing", "/vouchers/V0", "/vouchers/V999999", "/vouchers/V1x"])
def test_a_page_that_is_not_there_is_told(visitor: Visitor, path: str) -> None:
    assert visitor.go(path).role("alert") == ["오류: 그런 화면이 없습니다"]
    assert visitor.status == 404


def test_the_first_page_is_the_list(visitor: Visitor) -> None:
    assert visitor.go("/").heading == "전표 목록"


def test_a_session_and_the_vouchers_outlive_the_site(tmp_path: Path) -> None:
    with OfficeSite(tmp_path) as site:
        visitor = Visitor(site)
        visitor.log_in()
        visitor.enter()
        assert site.close() == 0
        site.open()

        assert [row["전표번호"] for row in visitor.found("")] == ["V1"]


def test_the_password_is_neither_printed_nor_shown(tmp_path: Path) -> None:
    with OfficeSite(tmp_path / "made by the site") as site:
        visitor = Visitor(site)
        visitor.log_in("someone")
        visitor.log_in()
        visitor.enter()
        visitor.enter({"금액": ""})
        visitor.go("/statement")
        visitor.go("/nothing")
    files = [path for path in site.folder.iterdir() if path.name != "password"]

    assert len(site.password) >= 16
    assert site.printed == f"{site.address}\n"
    assert site.password not in visitor.seen
    assert not [path for path in files if site.password.encode() in path.read_bytes()]
    assert {stat.S_IMODE((site.folder / name).stat().st_mode) for name in ("password", "office.sqlite")} == {0o600}


def test_a_port_that_is_taken_is_told_without_a_traceback(site: OfficeSite, tmp_path: Path) -> None:
    port = urlsplit(site.address).port
    tried = subprocess.run(
        [sys.executable, SITE, "--folder", tmp_path, "--port", str(port)], capture_output=True, text=True, check=False
    )

    assert tried.returncode == 1
    assert str(port) in tried.stderr
    assert "Traceback" not in tried.stderr


def test_a_strange_cookie_of_another_site_on_this_machine_does_no_harm(visitor: Visitor) -> None:
    visitor._opener.addheaders = [("Cookie", 'other={"a": [1, 2]}; x')]

    assert visitor.go("/vouchers").heading == "로그인"


def test_a_visitor_who_goes_away_leaves_no_trace(tmp_path: Path) -> None:
    with OfficeSite(tmp_path) as site:
        address = urlsplit(site.address)
        site.misbehave(never_answer="/login")
        with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
            connection.sendall(b"GET /login HTTP/1.0\r\n\r\n")
        site.misbehave()
        Visitor(site).log_in()

    assert site.printed == f"{site.address}\n"
