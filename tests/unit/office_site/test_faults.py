"""The accounting site in `examples/` goes wrong as it is told, while it runs."""

import pytest

from tests.conftest import Until
from tests.office_site import FILLED, OfficeSite, Visitor

IMPATIENT_S = 0.5
LONG_S = 600
EXPIRED = "세션이 만료되었습니다. 다시 로그인하세요."


def test_every_page_can_be_slow(site: OfficeSite, visitor: Visitor) -> None:
    site.misbehave(slow_s=LONG_S)

    for path in ("/login", "/vouchers", "/statement"):
        with pytest.raises(TimeoutError):
            visitor.go(path, patience_s=IMPATIENT_S)


def test_saving_can_be_slow_when_it_is_done(site: OfficeSite, visitor: Visitor, memo: str, until: Until) -> None:
    site.misbehave(slow_save_s=LONG_S)

    with pytest.raises(TimeoutError):
        visitor.enter({"적요": memo}, patience_s=IMPATIENT_S)
    until(lambda: len(visitor.found(memo)) == 1, 30)


def test_saving_can_be_slow_before_it_is_done(site: OfficeSite, visitor: Visitor, memo: str) -> None:
    site.misbehave(slow_before_s=LONG_S)

    with pytest.raises(TimeoutError):
        visitor.enter({"적요": memo}, patience_s=IMPATIENT_S)
    assert visitor.found(memo) == []


@pytest.mark.parametrize("name", ["slow_s", "slow_before_s", "slow_save_s"])
def test_who_waits_long_enough_gets_an_answer(site: OfficeSite, visitor: Visitor, memo: str, name: str) -> None:
    site.misbehave(**{name: 0.01})

    assert visitor.enter({"적요": memo}).role("status")


def test_every_so_many_requests_one_fails(site: OfficeSite, visitor: Visitor, memo: str) -> None:
    def status() -> int:
        visitor.go("/statement")
        return visitor.status

    site.misbehave(error_every=3)
    assert [status() for _ in range(7)] == [200, 200, 500, 200, 200, 500, 200]

    site.misbehave()
    assert status() == 200
    site.misbehave(error_every=2)
    assert visitor.enter({"적요": memo}).role("alert")
    assert visitor.status == 500
    site.misbehave()
    assert visitor.found(memo) == []


def test_saving_can_fail_when_it_is_done(site: OfficeSite, visitor: Visitor, memo: str) -> None:
    site.misbehave(save_error_after=True)

    assert visitor.enter({"적요": memo}).role("alert")
    assert visitor.status == 500
    assert len(visitor.found(memo)) == 1


def test_a_session_ends_after_so_many_requests_and_the_next_begins_anew(site: OfficeSite) -> None:
    visitor = Visitor(site)
    site.misbehave(sessions_last=3)
    for _ in range(2):
        headings = [visitor.log_in().heading, *(visitor.go("/statement").heading for _ in range(3))]

        assert headings == ["전표 목록", "명세서", "명세서", "로그인"]
        assert visitor.page.role("status") == [EXPIRED]


def test_a_voucher_that_comes_after_the_end_of_the_session_is_not_stored(
    site: OfficeSite, visitor: Visitor, memo: str
) -> None:
    visitor.go("/vouchers/new")
    site.misbehave(sessions_last=1)

    assert visitor.press("저장", FILLED | {"적요": memo}).role("status") == [EXPIRED]
    site.misbehave()
    visitor.log_in()
    assert visitor.found(memo) == []


def test_one_page_can_leave_its_visitor_without_an_answer(site: OfficeSite, visitor: Visitor, memo: str) -> None:
    visitor.go("/vouchers/new")
    site.misbehave(never_answer="/vouchers/new")

    with pytest.raises(TimeoutError):
        visitor.go("/vouchers/new", patience_s=IMPATIENT_S)
    with pytest.raises(TimeoutError):
        visitor.go("/vouchers/new", {"memo": memo}, patience_s=IMPATIENT_S)
    assert visitor.found(memo) == []


@pytest.mark.parametrize(("name", "listens"), [("endless_script", False), ("endless_click", True)])
def test_one_page_can_have_an_endless_script(site: OfficeSite, visitor: Visitor, name: str, *, listens: bool) -> None:
    site.misbehave(**{name: "/vouchers/new"})
    page = visitor.go("/vouchers/new")

    assert "for (;;) {}" in page.scripts
    assert ('addEventListener("click"' in page.scripts) is listens
    assert "for (;;) {}" not in visitor.go("/vouchers").scripts


def test_a_dialog_that_nobody_asked_for_opens_with_the_form(site: OfficeSite, visitor: Visitor) -> None:
    site.misbehave(notice='</script>"오늘" 18시')

    assert r'alert("\u003c/script\u003e\"\uc624\ub298\" 18\uc2dc")' in visitor.go("/vouchers/new").scripts
    assert visitor.go("/vouchers").scripts == ""


def test_something_can_lie_over_the_form(site: OfficeSite, visitor: Visitor) -> None:
    site.misbehave(popup="공지: <점검>")
    page = visitor.go("/vouchers/new")

    assert ["공지: <점검>" in text for text in page.role("dialog")] == [True]
    assert "닫기" in page.texts("button")
    assert visitor.enter({"금액": ""}).role("dialog")
    assert visitor.go("/vouchers").role("dialog") == []


@pytest.mark.parametrize(
    "said",
    [
        *(b"", b"{", b"[]", b"3", b'"slow_s"', b"\xff", b'{"slow_s": "600"}', b'{"slow_s": -1}', b'{"slow_s": 1e999}'),
        *(b'{"slow_s": NaN}', b'{"error_every": true}', b'{"error_every": 1.0}', b'{"save_error_after": 1}'),
        *(b'{"popup": null, "never_answer": ["/vouchers/new"], "sessions": 1}', b"[" * 100_000),
    ],
)
def test_broken_faults_are_none(site: OfficeSite, visitor: Visitor, memo: str, said: bytes) -> None:
    (site.folder / "faults.json").write_bytes(said)

    assert visitor.enter({"적요": memo}).role("status")


def test_faults_of_which_one_is_broken_leave_the_others(site: OfficeSite, visitor: Visitor) -> None:
    site.misbehave(slow_s="600", error_every=1)
    visitor.go("/vouchers")

    assert visitor.status == 500
