"""A company whose ERP has no API: statements are dropped, and a flow enters their vouchers on a site, each once."""

import csv
import json
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from jikimi.clock import SystemClock
from jikimi.config import Home
from jikimi.rpa.secret_files import write_secret
from tests.conftest import Until
from tests.live.rpa_room import FLOWS, kill
from tests.live.stack import LiveStack
from tests.office_site import OfficeSite
from tests.unit.vouchers.office import card_file, card_row

SETTINGS = """
[erp]
flow = "office_booking"
[inbox]
settle = "100ms"
[rpa.values]
office-address = "{address}"
"""
CLOSED = "2025-12-30,9999-12**-****-3456,00000007,스타벅스 강남점,4500,"
GOOD = [card_row(number, amount=str(4000 + number)) for number in range(1, 4)]
STATEMENT = card_file(*GOOD, card_row(4, "카카오T 택시", "12000"), card_row(5, "KT", "33000"), CLOSED)
BLOWS = 3
SOON_S = 30.0
CLOCK = SystemClock()


class Firm(LiveStack):
    """The stack of that company, and its site."""

    def __init__(self, root: Path, site: OfficeSite, until: Until) -> None:
        super().__init__(root, until)
        self.site, self.until = site, until
        (root / "flows").mkdir(parents=True)
        (root / "flows/office.py").write_text(FLOWS.read_text(encoding="utf-8"), encoding="utf-8")
        (root / "jikimi.toml").write_text(SETTINGS.format(address=site.address), encoding="utf-8")
        write_secret(Home(root), "office-password", site.password)

    def on_the_site(self) -> dict[str, tuple[str, int]]:
        """Return the number and the amount of each 적요 that stands there, which must stand once."""
        with closing(sqlite3.connect(self.site.folder / "office.sqlite", timeout=30)) as base:
            rows = base.execute("SELECT memo, number, amount FROM vouchers").fetchall()
        assert set(Counter(memo for memo, _, _ in rows).values()) <= {1}
        return {memo: (f"V{number}", amount) for memo, number, amount in rows}

    def until_counted(self, posted: int, rejected: int) -> None:
        """Wait until the snapshot says so, and that nothing waits: totals travel in beats."""

        def counts() -> tuple[int, ...]:
            found = self.document("status")["vouchers"]
            return tuple(found[name] for name in ("posted", "rejected", "waiting"))

        self.until(lambda: counts() == (posted, rejected, 0), 15.0)

    def strike_in_the_fence(self) -> bool:
        """Kill the worker's child once it stands behind its fence."""
        steps = (self.root / "outputs/evidence").glob("office_booking-*/*/steps.jsonl")
        newest = max(steps, key=lambda path: path.stat().st_mtime, default=None)
        lines = newest.read_text(encoding="utf-8").splitlines() if newest else []
        if not lines or '"did": "fence"' not in lines[-1]:
            return False
        pid = self.flows_child()
        with suppress(psutil.Error, TypeError):
            kill(psutil.Process(pid), signal.SIGKILL)
        self.until(lambda: self.flows_child() not in (None, pid), 30.0)
        return True

    def flows_child(self) -> int | None:
        """Return the process of the flows' child, as its parent tells."""
        beat = json.loads((self.root / "state/beats/rpa-worker.json").read_text(encoding="utf-8"))
        pid: int | None = beat.get("child_pid")
        return pid

    def mended(self, accounts: dict[str, str]) -> bytes:
        """Return the rejected rows with the account of each merchant written beside it."""
        with (self.root / "rejected/card.errors.csv").open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        merchant, account = header.index("가맹점명"), header.index("계정")
        lines = [",".join(header)]
        for row in rows:
            row[account] = accounts[row[merchant]]
            lines.append(",".join(row))
        return "\n".join([*lines, ""]).encode()

    def page(self, name: str) -> str:
        return (self.root / "outputs/results" / name).read_text(encoding="utf-8")


pytestmark = pytest.mark.usefixtures("browser")


@pytest.fixture
def firm(erp_template: Path, tmp_path: Path, site: OfficeSite, until: Until) -> Iterator[Firm]:
    firm = Firm(tmp_path / "home", site, until)
    firm.start()
    yield firm
    firm.close()


def test_a_statement_becomes_vouchers_on_the_site_and_what_it_refuses_comes_back_to_be_mended(firm: Firm) -> None:
    firm.site.misbehave(slow_save_s=0.4)  # it stores, and then lets the flow wait: the fence stays open for longer
    firm.drop(STATEMENT)
    struck = 0
    while struck < BLOWS and len(firm.on_the_site()) < len(GOOD) + 1:
        struck += firm.strike_in_the_fence()
    firm.until(lambda: len(firm.on_the_site()) == len(GOOD) + 1, 120.0)
    entered_at = CLOCK.ticks()

    firm.wait_for_file("card.csv")

    took = CLOCK.ticks() - entered_at
    print(f"\n{struck} blows; in done/ {took:.1f} s after the last voucher stood on the site")  # noqa: T201
    assert struck > 0
    assert took <= SOON_S
    there = firm.on_the_site()
    assert sorted(amount for _, amount in there.values()) == [4001, 4002, 4003, 12000]
    firm.until_counted(4, 2)
    page = firm.page("card.csv.html")
    assert all(number in page for number, _ in there.values())
    assert "마감된 월입니다" in page
    for key, (number, _) in there.items():
        (line,) = firm.document("why", key)["story"]
        assert (line["outcome"], line["number"], len(line["attempts"])) == ("posted", number, 1)

    firm.drop(firm.mended({"KT": "830", "스타벅스 강남점": "811"}), "card.errors.csv")
    began = CLOCK.ticks()
    firm.wait_for_file("card.errors.csv")

    took = CLOCK.ticks() - began
    print(f"mended rows: {took:.1f} s")  # noqa: T201
    assert took <= SOON_S + 30.0
    assert sorted(amount for _, amount in firm.on_the_site().values()) == [4001, 4002, 4003, 12000, 33000]
    firm.until_counted(5, 3)
    assert "마감된 월입니다" in firm.page("card.errors.csv.html")
    firm.until(firm.is_well, 15.0)
