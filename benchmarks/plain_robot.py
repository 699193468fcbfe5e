"""A plain Playwright script, as one writes it in an afternoon: a browser an item, nothing kept, nothing asked.

    python plain_robot.py ADDRESS PASSWORD_FILE COUNT

`robot_tasks.py` runs the same under robocorp-tasks.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PROGRAM = "/usr/bin/chromium-headless-shell"


def enter(page: Page, address: str, password: str, number: int) -> None:
    """Sign in and enter one voucher."""
    page.goto(f"{address}vouchers/new")
    page.get_by_label("아이디").fill("bookkeeper")
    page.get_by_label("비밀번호").fill(password)
    page.get_by_role("button", name="로그인").click()
    page.get_by_role("heading", name="전표 목록").wait_for()
    page.goto(f"{address}vouchers/new")
    page.get_by_label("일자").fill("2026-11-20")
    page.get_by_label("계정").select_option(label="접대비")
    page.get_by_label("거래처").fill("가나상사")
    page.get_by_label("금액").fill(str(1000 + number))
    page.get_by_label("적요").fill(f"P-{number}")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="저장").click()
    page.get_by_text("전표번호 V").wait_for()


def run(address: str, password: str, count: int) -> None:
    """Enter *count* vouchers, each in a browser of its own."""
    with sync_playwright() as playwright:
        for number in range(count):
            browser = playwright.chromium.launch(executable_path=PROGRAM, chromium_sandbox=False)
            enter(browser.new_page(locale="ko-KR"), address, password, number)
            browser.close()


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]).read_text(encoding="utf-8").strip(), int(sys.argv[3]))
