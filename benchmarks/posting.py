"""Vouchers per second, beside a plain client that looks, creates and posts one by one on the same server.

    python3 start.py test   # once: it makes the environments
    .venv-dev/bin/python benchmarks/posting.py

Each way runs in a process of its own, in turn, several times; the start is not counted. The ratio is that of two runs
that follow each other, since other work on the machine comes and goes.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median

sys.path[0] = str(Path(__file__).resolve().parents[1] / "services")  # `queue.py` beside this file would hide another

import psutil

from jikimi.clock import SystemClock
from jikimi.config import Config, load
from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import erp_config, erp_key_file, erp_part, erp_url, run_script, template_database
from jikimi.erp.port import Entry, Voucher
from jikimi.erp.tryton import Tryton
from jikimi.runtime.process import ProcessRuntime
from jikimi.testing.queue import FakeLeases
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.posting import Desk, settle

VOUCHERS = 200
ROUNDS = 7
BATCH = 50  # as shipped
OURS, PLAIN = "jikimi", "one by one"
HERE = Path(__file__).resolve()
PROGRAMS = {OURS: HERE, PLAIN: HERE.with_name("plain_client.py")}


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took: vouchers per second, CPU milliseconds per voucher, the most memory in MB."""

    rate: float
    client_ms: float
    server_ms: float
    client_mb: float
    server_mb: float


def post_ours(arguments: Sequence[str]) -> None:
    """Post with what the ERP worker posts with; the lease alone is not Redis's."""
    url, database, key_file, day, prefix, count = arguments
    amount, nothing = Decimal(4500), Decimal(0)
    sides = (Entry("811", amount, nothing, "커피"), Entry("253", nothing, amount, "카드"))
    wanted = [Voucher(f"{prefix}-{number}", date.fromisoformat(day), sides) for number in range(int(count))]
    erp = Tryton(url, database, Path(key_file).read_text(encoding="ascii").strip())
    erp.catalogue()
    lease = FakeLeases().lease(database, "bench")
    lease.take()
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.sqlite", SystemClock())
        os.write(1, b"ready\n")
        os.read(0, 1)
        settle(Desk(erp, lease, journal.of(Ledger(database)), BATCH), wanted, lambda _: None)
        os.write(1, b"done\n")
        os.read(0, 1)
        journal.close()


def measure(way: str, config: Config, server: int, prefix: str, clock: SystemClock) -> Run:
    """Run one way and return its figures."""
    day = clock.now().date().isoformat()
    where = [erp_url(config.home), Ledger.COMPANY.value, str(erp_key_file(config.home))]
    command = [sys.executable, str(PROGRAMS[way]), *where, day, prefix, str(VOUCHERS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as child:
        assert child.stdin is not None  # noqa: S101 - for the reader of types
        assert child.stdout is not None  # noqa: S101
        child.stdout.readline()
        forget_peak(server)
        cpu, began = (cpu_s(child.pid), cpu_s(server)), clock.ticks()
        child.stdin.write(b"\n")
        if child.stdout.readline() != b"done\n":
            raise SystemExit(f"{way} failed")
        spent = clock.ticks() - began
        client, erp = cpu_s(child.pid) - cpu[0], cpu_s(server) - cpu[1]
        peaks = peak_mb(child.pid), peak_mb(server)
        child.stdin.write(b"\n")
    return Run(VOUCHERS / spent, 1000 * client / VOUCHERS, 1000 * erp / VOUCHERS, *peaks)


def cpu_s(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def forget_peak(pid: int) -> None:
    """Let Linux measure the most memory of a process anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def peak_mb(pid: int) -> float:
    """Return the most memory that a process had resident at once."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def check_books(config: Config, runs: int) -> None:
    """Make sure that each way has posted all it was asked for, once."""
    erp = Tryton(erp_url(config.home), Ledger.COMPANY.value, erp_key_file(config.home).read_text().strip())
    for way in PROGRAMS:
        for turn in range(runs):
            keys = [f"{prefix_of(way, turn)}-{number}" for number in range(VOUCHERS)]
            booked = erp.find(keys)
            if sorted(item.key for item in booked if item.posted and item.number) != sorted(keys):
                raise SystemExit(f"{way} has not posted each voucher once")


def prefix_of(way: str, turn: int) -> str:
    """Return how the keys of one run begin."""
    return f"jk1-{way.replace(' ', '')}-{turn}"


def show(found: Mapping[str, Sequence[Run]], day: date) -> None:
    """Print the medians of each way, and how far the ratio went."""
    print(f"{day}, {os.cpu_count()} cores, Python {platform.python_version()}, {VOUCHERS} vouchers a run")
    head = ("way", "vouchers/s", "client CPU ms", "ERP CPU ms", "client MB", "ERP MB")
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for way, runs in found.items():
        middle = [median(getattr(run, name) for run in runs) for name in Run.__slots__]
        print(f"| {way} | " + " | ".join(f"{value:.1f}" for value in middle) + " |")
    ratios = sorted(mine.rate / theirs.rate for mine, theirs in zip(found[OURS], found[PLAIN], strict=True))
    print(f"ratio: min {ratios[0]:.2f}, median {median(ratios):.2f}, max {ratios[-1]:.2f} of {len(ratios)}")


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
        found: dict[str, list[Run]] = {way: [] for way in PROGRAMS}
        try:
            for turn in range(ROUNDS):
                for way, runs in found.items():
                    runs.append(measure(way, config, running.pid, prefix_of(way, turn), clock))
            check_books(config, ROUNDS)
        finally:
            runtime.stop(running, 5)
    show(found, day)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        post_ours(sys.argv[1:])
    else:
        main()
