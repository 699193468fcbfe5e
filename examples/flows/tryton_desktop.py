"""A flow in the windows of a program: a voucher in Tryton's own desktop client, entered as a person enters it.

Where the ERP is stands in jikimi.toml, below [rpa.values]: tryton-client = "tryton://erp:8000/practice".
The password is a secret, `jikimi flow secret tryton-client-password`; `erp-login practice` in the container `erp` gives
one. To run it: docker compose run --rm rpa-desktop flow run client_voucher key=A-1 "debit=813 - 접대비" …
"""

from jikimi.rpa import Business, button, flow, role

USER = "bookkeeper"
COUNT = r"(?m)^_/(\d+)$"  # of a list, beside its name


def sign_in(ui, page):
    """Start the client at *page* of the ERP, and sign in."""
    ui.open(f"tryton --user {USER} '{ui.value('tryton-client')}/model/{page}'")
    ui.fill({role("password text"): ui.secret("tryton-client-password")}, within="30s")
    ui.click("OK")


def enter_line(ui, account, side, amount):
    """Enter one line: the client asks which account is meant, and shows those that have the number."""
    ui.click("Create a new record")
    ui.fill({"Account": account.partition(" ")[0]})
    ui.click(role("cell", account))
    ui.click("OK")
    ui.fill({side: amount})


@flow(queue="ui", app="tryton", attempts=3, timeout="5m", stall="60s")
def client_voucher(item, ui):
    """Enter a draft with two lines: `debit` and `credit` are accounts such as "813 - 접대비", `amount` is of both."""
    with ui.step("signing in"):
        sign_in(ui, "account.move")
    with ui.step("entering the voucher"):
        ui.click(button("New"), within="30s")
        ui.fill({"Journal": "Miscellaneous", "Description": item.key})
        enter_line(ui, item.debit, "Debit", item.amount)
        enter_line(ui, item.credit, "Credit", item.amount)
    with item.commit():
        ui.click(button("Save"))
        ui.expect("Record saved", otherwise=Business)
    return {}


@client_voucher.probe
def find_client_voucher(item, ui):
    """Look for a voucher with the item's key as its description."""
    with ui.step("looking for the voucher"):
        sign_in(ui, f'account.move;domain=[["description","=","{item.key}"]]')
        ui.expect("Account Move", within="30s")
        ui.settle()
        ui.click("Reload/Undo")  # what is not shown may not have been asked for yet
        ui.settle()
        return {} if ui.expect(COUNT) != "0" else None
