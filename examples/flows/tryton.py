"""Enter a voucher through Tryton's own web client, as a bookkeeper does who has no other way in.

jikimi.toml, below [rpa.values]: tryton-address = "http://127.0.0.1:18069" and tryton-ledger = "practice". In containers
tryton-address = "http://erp.localhost:8000" and, below [rpa], neighbours = ["erp"]: Tryton keeps a login over https
only, or where the browser trusts the place as it trusts its own machine. The bookkeeper's password is a secret:
`jikimi flow secret tryton-password`.
"""

import json
from datetime import date
from urllib.parse import quote

from jikimi.rpa import Business, button, by_id, field, flow, role

USER = "bookkeeper"
TAB = role("tabpanel", inside=role("tabpanel"))
LINES = role("tabpanel", inside=TAB)
TOOLS = role("toolbar")


def open_vouchers(ui, key):
    """Show the vouchers whose description is *key*; sign in first if that is asked for."""
    ledger, of_key = ui.value("tryton-ledger"), quote(json.dumps([["description", "=", key]]))
    ui.open(f"{ui.value('tryton-address').rstrip('/')}/#{ledger}/model/account.move;domain={of_key}")
    ui.settle(within="20s")
    if ui.sees(button("Login")):
        ui.fill({by_id("database"): ledger, "User name": USER})
        ui.click("Login")
        ui.fill({f"Password for {USER}": ui.secret("tryton-password")})
        ui.click("OK")
        ui.expect("Account Move", within="20s")
        ui.settle(within="20s")  # the list is shown empty first: "not there" must be meant


def refused(ui):
    """Raise what Tryton has against it, if it says more than that it has saved."""
    for said in ui.heard():
        if "Record saved" not in said:
            raise Business(said.strip("×\n "))


def add_line(ui, account, side, amount):
    """Add one line to the voucher that is open."""
    ui.click(button("New", inside=LINES))
    ui.settle()
    if not ui.sees(field("Account:", inside=LINES)):  # the first one comes as a row of a table, without labels
        cell = role("textbox", inside=role("cell", "Search a record", inside=LINES))
        ui.choose(cell, account.split()[0], role("link", account))
        ui.click(button("Switch", inside=LINES))
        ui.settle()
    else:
        ui.choose(field("Account:", inside=LINES), account.split()[0], role("link", account))
    ui.fill({field(side, inside=LINES): amount})


@flow(app="tryton", attempts=4, timeout="3m", stall="30s")
def tryton_voucher(item, ui):
    """Enter one voucher: date (2026-11-29), debit and credit ("103 - 보통예금"), and amount are its values."""
    with ui.step("looking for a draft"):
        open_vouchers(ui, item.key)
    if ui.sees(role("cell", "Draft")):  # an earlier attempt came as far as that
        ui.click(role("cell", "Draft"))
        ui.click(button("Switch", inside=TOOLS))
    else:
        with ui.step("writing a draft"):
            ui.click(button("New", inside=TOOLS))
            ui.fill({"Effective Date:": f"{date.fromisoformat(item['date']):%m/%d/%Y}", "Description:": item.key})
            ui.fill({"Journal:": "Cash"})
            add_line(ui, item["debit"], "Debit:", item["amount"])
            add_line(ui, item["credit"], "Credit:", item["amount"])
            ui.click(button("Save", inside=TOOLS))
            ui.settle()
            refused(ui)
    with item.commit():
        ui.click("Post")
        ui.settle()
        refused(ui)
        return {"no": ui.read("Number:")}


@tryton_voucher.probe
def find_voucher(item, ui):
    """Look whether it is posted; a draft is not."""
    with ui.step("looking for it"):
        open_vouchers(ui, item.key)
        if not ui.sees(role("cell", "Posted")):
            return None
        ui.click(role("cell", "Posted"))
        ui.click(button("Switch", inside=TOOLS))
        return {"no": ui.read("Number:")}
