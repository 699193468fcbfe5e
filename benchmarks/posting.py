"""Vouchers per second, beside a plain client that searches, creates and posts one by one on the same server.

python3 start.py test   # once: it makes the environments
.venv-dev/bin/python benchmarks/posting.py
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1] / "services")  # `queue.py` beside this file would hide another

from jikimi.clock import SystemClock
from jikimi.config import load
from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import erp_config, erp_key_file, erp_part, erp_url, run_script, template_database
from jikimi.erp.port import Entry, Voucher
from jikimi.erp.tryton import Tryton
from jikimi.runtime.process import ProcessRuntime
from jikimi.testing.queue import FakeLeases
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.posting import Desk, settle

VOUCHERS = 100
ROUNDS = 3
BATCH = 50


def vouchers(prefix: str, day: date) -> list[Voucher]:
    """Return distinct vouchers of two entries."""
    amount, nothing = Decimal(4500), Decimal(0)
    sides = (Entry("811", amount, nothing, "커피"), Entry("253", nothing, amount, "카드"))
    return [Voucher(f"jk1-{prefix}-{number}", day, sides) for number in range(VOUCHERS)]


def one_by_one(erp: Tryton, wanted: Sequence[Voucher]) -> None:
    """Do what a careful script does: look, create, post, for each voucher."""
    for voucher in wanted:
        if not erp.find([voucher.key]):
            (draft,) = erp.stage([voucher])
            erp.post(draft)


def rates(erp: Tryton, journal: Journal, day: date, clock: SystemClock) -> Mapping[str, float]:
    """Return vouchers per second of both ways, measured in turn on the same server."""
    lease = FakeLeases().lease("company", "bench")
    lease.take()
    ways: Mapping[str, Callable[[Sequence[Voucher]], object]] = {
        "jikimi": lambda wanted: settle(Desk(erp, lease, journal, BATCH), wanted, lambda _: None),
        "one by one": lambda wanted: one_by_one(erp, wanted),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        for name, post in ways.items():
            wanted = vouchers(f"{name.replace(' ', '')}-{turn}", day)
            began = clock.ticks()
            post(wanted)
            found[name].append(VOUCHERS / (clock.ticks() - began))
    return {name: sorted(values)[ROUNDS // 2] for name, values in found.items()}


def main() -> None:
    """Start a Tryton of its own, measure, print a table."""
    clock, runtime = SystemClock(), ProcessRuntime()
    day = clock.now().date()
    with tempfile.TemporaryDirectory() as folder:
        config = load(Path(folder) / "home", {})
        home = config.home
        home.make()
        for ledger in Ledger:
            shutil.copyfile(template_database(day, lambda _: None), home / "erp" / f"{ledger}.sqlite")
            where = ("--config", erp_config(home), "--database", ledger.value, "--key-file", erp_key_file(home))
            run_script("ready.py", *where, "--today", day)
        part = erp_part(home)
        running = runtime.start(part.spec)
        while not part.ready(running.pid):
            clock.wait(0.05)
        try:
            erp = Tryton(erp_url(home), Ledger.COMPANY.value, erp_key_file(home).read_text().strip())
            journal = Journal(home / "state/journal.sqlite", clock)
            found = rates(erp, journal, day, clock)
            journal.close()
        finally:
            runtime.stop(running, 5)
    print("| way | vouchers/s | × |\n|---|---|---|")
    for name, rate in found.items():
        print(f"| {name} | {rate:.1f} | {rate / found['one by one']:.1f} |")


if __name__ == "__main__":
    main()
