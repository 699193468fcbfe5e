"""Flows for the accounting site of examples/office: enter vouchers, and fetch the card statement into the inbox.

Its address stands in jikimi.toml, below [rpa.values]: office-address = "http://127.0.0.1:8080".
Its password is a secret: `jikimi flow secret office-password`.
With flow = "office_booking" below [erp], statements become vouchers on the site.
"""

from jikimi.rpa import Business, button, flow, role

USER = "bookkeeper"
ACCOUNTS = {"811": "복리후생비", "812": "여비교통비", "813": "접대비", "830": "소모품비"}


def sign_in(ui, page):
    """Open *page*; sign in first if the site asks for it."""
    address = ui.value("office-address").rstrip("/")
    ui.on_dialog("점검")  # a notice that may come up at any time
    ui.on_dialog("공지", press="닫기")
    ui.open(address + page)
    if ui.sees(button("로그인")):
        ui.fill({"아이디": USER, "비밀번호": ui.secret("office-password")})
        ui.click("로그인")
        ui.expect("전표 목록", otherwise=Business)
        ui.open(address + page)


@flow(app="office", attempts=5, timeout="2m", stall="20s")
def office_voucher(item, ui):
    """Enter one voucher; 일자, 계정, 거래처 and 금액 are its values."""
    with ui.step("전표 입력"):
        sign_in(ui, "/vouchers/new")
        ui.fill({name: item[name] for name in ("일자", "계정", "거래처", "금액")})
        ui.fill({"적요": item.key})
    with item.commit():
        ui.click(button("저장"), confirm="저장하시겠습니까")
        return {"no": ui.expect(r"전표번호 (V\d+)", otherwise=Business)}


@office_voucher.probe
def find_voucher(item, ui):
    """Look for the item's key in the list of vouchers."""
    with ui.step("전표 조회"):
        sign_in(ui, "/vouchers")
        ui.fill({"적요 검색": item.key})
        ui.click("조회")
        ui.expect("전표 목록")
        if not ui.sees(role("cell", item.key)):
            return None
        return {"no": ui.expect(r"(V\d+)")}


@flow(app="office", attempts=5, timeout="2m", stall="20s")
def office_booking(item, ui):
    """Enter a voucher of the company's ledger; the site takes one account a voucher, by its name."""
    account = ACCOUNTS.get(item["debit"])
    if account is None:
        raise Business(f"이 사이트에 넣을 수 없는 계정입니다: {item['debit'] or '여러 계정'}")
    with ui.step("전표 입력"):
        sign_in(ui, "/vouchers/new")
        ui.fill({"일자": item["date"], "계정": account, "거래처": item["text"], "금액": item["amount"]})
        ui.fill({"적요": item.key})
    with item.commit():
        ui.click(button("저장"), confirm="저장하시겠습니까")
        number = ui.expect(r"전표번호 (V\d+)", otherwise=Business)
    return {"no": number, "amount": ui.expect(r"금액\s+([\d,]+)")}


@office_booking.probe
def find_booking(item, ui):
    """Look for the item's key, and read the voucher back."""
    found = find_voucher(item, ui)
    if found is None:
        return None
    sign_in(ui, f"/vouchers/{found['no']}")
    return {**found, "amount": ui.expect(r"금액\s+([\d,]+)")}


@flow(app="office", attempts=3, timeout="2m", stall="30s")
def office_statement(item, ui):
    """Fetch the card statement; it goes to the inbox, from where it becomes vouchers."""
    with ui.step("명세서 내려받기"):
        sign_in(ui, "/statement")
        return {"file": item.to_inbox(ui.download(role("link", "내려받기")), "card")}
