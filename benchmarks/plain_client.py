"""A plain client of Tryton's REST, as a careful script is written; the benchmark beside it compares with it.

For each voucher: look for its key, create it, post it, read its number. It keeps its connection, reads no field
that it does not need, and imports nothing of ours.
"""

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.pop(0)  # `queue.py` beside this file would hide another

import urllib3


class Plain:
    """One database of a Tryton server."""

    def __init__(self, url: str, database: str, key: str) -> None:
        self._base = f"{url}/{database}/rest/model"
        headers = {"Authorization": f"bearer {key}", "Content-Type": "application/json"}
        self._http = urllib3.PoolManager(headers=headers, retries=False, timeout=60)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send a request and return its answer."""
        answer = self._http.request(method, f"{self._base}/{path}", body=None if body is None else json.dumps(body))
        if answer.status != 200:  # noqa: PLR2004 - the only one that is well
            raise SystemExit(f"{answer.status} {answer.data!r}")
        return json.loads(answer.data)

    def first(self, model: str, domain: list[Any]) -> int:
        """Return the id of the first record that matches."""
        return int(self.search(model, domain)[0]["id"])

    def search(self, model: str, domain: list[Any]) -> list[dict[str, Any]]:
        """Return the ids of what matches."""
        found: list[dict[str, Any]] = self.ask(
            "GET", f"{model}?f=id&d={base64.urlsafe_b64encode(json.dumps(domain).encode()).decode()}"
        )
        return found

    def book(self, key: str, move: dict[str, Any]) -> str:
        """Book one move unless its key stands already; return its number."""
        if self.search("account.move", [["jikimi_key", "=", key]]):
            return ""
        made = self.ask("POST", "account.move?f=id", {**move, "jikimi_key": key})["id"]
        return str(self.ask("POST", f"account.move/{made}/post?f=number&f=state", {})["number"])


def move_of(erp: Plain, day: str) -> dict[str, Any]:
    """Return a move of two lines, with the ERP's own ids."""
    year, month, date = map(int, day.split("-"))
    period = [["start_date", "<=", _day(year, month, date)], ["end_date", ">=", _day(year, month, date)]]

    def line(code: str, text: str, **sides: str) -> dict[str, Any]:
        amounts = {side: {"__class__": "Decimal", "decimal": sides.get(side, "0")} for side in ("debit", "credit")}
        return {"account": erp.first("account.account", [["code", "=", code]]), "description": text, **amounts}

    return {
        "company": erp.first("company.company", []),
        "journal": erp.first("account.journal", [["code", "=", "MISC"]]),
        "period": erp.first("account.period", [*period, ["type", "=", "standard"]]),
        "date": _day(year, month, date),
        "lines": [["create", [line("811", "커피", debit="4500"), line("253", "카드", credit="4500")]]],
    }


def _day(year: int, month: int, day: int) -> dict[str, Any]:
    return {"__class__": "date", "year": year, "month": month, "day": day}


def main() -> None:
    """Book as many vouchers as asked, from the first word on standard input to the last on standard output."""
    url, database, key_file, day, prefix, count = sys.argv[1:]
    erp = Plain(url, database, Path(key_file).read_text(encoding="ascii").strip())
    move = move_of(erp, day)
    os.write(1, b"ready\n")
    os.read(0, 1)
    for number in range(int(count)):
        erp.book(f"{prefix}-{number}", move)
    os.write(1, b"done\n")
    os.read(0, 1)


if __name__ == "__main__":
    main()
