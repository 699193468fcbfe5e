"""A flow in the windows of a program: a voucher in Tryton's own desktop client, entered as a person enters it.

Where the client goes stands in jikimi.toml, below [rpa.values]: tryton = "tryton://erp:8000/company".
The password is a secret: `jikimi flow secret tryton-password`; `docker compose exec erp erp-login` gives one.
"""

from jikimi.rpa import button, flow, role

USER = "bookkeeper"


def sign_in(ui, page):
    """Start the client at *page*, and sign in."""
    ui.open(f"tryton --user {USER} '{ui.value('tryton')}/model/{page}'")
    ui.fill({role("password text"): ui.secret("tryton-password")}, within="30s")
    ui.click("OK")


def choose(ui, name, code):
    """Fill in a field that is chosen from the ERP's records; the client asks which, in a window of its own."""
    ui.fill({name: code})
    ui.click("OK")


@flow(queue="ui", app="tryton", attempts=3, timeout="5m", stall="60s")
def tryton_voucher(item, ui):
    """Enter one voucher: `debit` and `credit` are accounts, `amount` is what both have."""
    with ui.step("signing in"):
        sign_in(ui, "account.move")
    with ui.step("entering the voucher"):
        ui.click(button("Create a new record"))
        ui.fill({"Journal": "Miscellaneous", "Description": item.key})
