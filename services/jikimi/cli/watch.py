"""The live table of a running stack."""

from rich.table import Table

from jikimi.clock import SystemClock
from jikimi.config import Home
from jikimi.status.reader import read
from jikimi.text import Lang

_NAMES = {"posted": "기표", "already": "이미 있음", "rejected": "거절", "waiting": "대기", "duplicates": "중복 파일"}
_COLOURS = {"healthy": "green", "stopped": "red", "recovering": "yellow"}


def status_table(home: Home, lang: Lang) -> Table:
    """Return the units and the vouchers of all time, as the snapshot has them now."""
    status = read(home.status_file, SystemClock().now().timestamp())
    table = Table.grid(padding=(0, 2))
    for unit in status.get("units", []):
        colour = _COLOURS.get(unit["state"], "white")
        restarts = f"↻ {unit['restarts']}" if unit["restarts"] else ""
        table.add_row(unit["name"], f"[{colour}]{unit['state']}[/]", unit["mode"] or "", unit["phase"] or "", restarts)
    vouchers = status.get("vouchers", {})
    names = {name: (korean if lang is Lang.KO else name) for name, korean in _NAMES.items()}
    table.add_row(*(f"{word} {vouchers.get(name, 0)}" for name, word in names.items()))
    return table
