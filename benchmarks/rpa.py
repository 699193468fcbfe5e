"""Items a minute through the RPA worker, beside a plain Playwright script that opens its browser for each item.

    .venv-dev/bin/python benchmarks/rpa.py

All enter the same vouchers into the accounting site of `examples/office`, in turn. *Plain* is `plain_robot.py`; with
robocorp-tasks the same script runs under that library, which writes down every call; it is installed into an
environment of its own that is thrown away. *Jikimi* is the worker as it is shipped: a process, a driver and a browser
an item, a fence on the disk, steps, picture and tree of each. The site takes PAGES milliseconds a page, in turn: none,
as no site does, and as near ones do. Processor seconds are the whole machine's. ITEMS (20) and ROUNDS (3) may be set.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve()
# `queue.py` beside this file would hide the library's
sys.path[:1] = [str(HERE.parents[1] / "services"), str(HERE.parents[1])]

import psutil

from jikimi.clock import SystemClock
from jikimi.config import load
from tests.live.rpa_room import RpaRoom, csv_of
from tests.office_site import OfficeSite

CLOCK = SystemClock()
ITEMS, ROUNDS = (int(os.environ.get(name, few)) for name, few in (("ITEMS", "20"), ("ROUNDS", "3")))
PAGES = [int(ms) for ms in os.environ.get("PAGES", "0 50 200").split()]
AT_MOST = 1.3


def until(condition: Callable[[], object], seconds: float, each_s: float = 0.02) -> None:
    """Wait for a condition."""
    give_up_at = CLOCK.ticks() + seconds
    while not condition():
        if CLOCK.ticks() > give_up_at:
            raise SystemExit(f"not within {seconds} s")
        CLOCK.wait(each_s)


def of_script(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[float, float, float]:
    """Run a script to its end; return its seconds, processor seconds, and the megabytes that it has written."""
    before, began = busy_s(), CLOCK.ticks()
    subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=True, capture_output=True)
    return CLOCK.ticks() - began, busy_s() - before, size_mb(folder / "output")


def of_jikimi(room: RpaRoom, round_: int) -> tuple[float, float, float]:
    """Hand a file in; return the seconds from then to its answer, processor seconds, megabytes of evidence."""
    room.until_ready()
    evidence, before = size_mb(room.home / "outputs/evidence"), busy_s()
    done, began = room.states()["done"], CLOCK.ticks()
    room.drop("office_voucher", f"{round_}.csv", csv_of(ITEMS, first=1 + round_ * ITEMS))
    until(lambda: room.states()["done"] >= done + ITEMS, 600.0, each_s=0.1)
    return CLOCK.ticks() - began, busy_s() - before, size_mb(room.home / "outputs/evidence") - evidence


def busy_s() -> float:
    """Return the processor seconds that this machine has used: those of a killed browser are nobody's afterwards."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)


def size_mb(folder: Path) -> float:
    """Return the megabytes in *folder*."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def robocorp(folder: Path) -> Path:
    """Install robocorp-tasks and Playwright into an environment in *folder*; return its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", "robocorp-tasks", "playwright"], check=True)
    return python


def main() -> None:
    """Run all ways in turn, and print the table."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "site").mkdir()
        python = robocorp(place / "venv")
        with OfficeSite(place / "site") as site:
            config = load(place / "home", {})
            config.home.make()
            room = RpaRoom(config, site, until)
            try:
                print(f"{ITEMS} items, {ROUNDS} rounds, {os.cpu_count()} cores, Python {platform.python_version()}")
                print("| a page takes | way | items a minute | seconds an item | CPU-s an item | kept of an item, kB |")
                print("|---|---|---|---|---|---|")
                verdicts = [shown(page_ms, run_all(room, python, place, page_ms)) for page_ms in PAGES]
            finally:
                room.close()
    print(*verdicts, sep="\n")


def shown(page_ms: int, ways: dict[str, list[tuple[float, float, float]]]) -> str:
    """Print the rows of one kind of site; return how ours stands beside the plain script."""
    for way, runs in ways.items():
        took, cpu, kept = (median(column) for column in zip(*runs, strict=True))
        cells = (f"{60 * ITEMS / took:.0f}", f"{took / ITEMS:.2f}", f"{cpu / ITEMS:.2f}", f"{1000 * kept / ITEMS:.0f}")
        print(f"| {page_ms} ms | {way} | {' | '.join(cells)} |", flush=True)
    ratios = [ours[0] / theirs[0] for ours, theirs in zip(ways["Jikimi"], ways["plain Playwright"], strict=True)]
    verdict = "" if median(ratios) <= AT_MOST else ": MISSED"
    return (
        f"a page takes {page_ms} ms: {median(ratios):.2f} of plain ({min(ratios):.2f}-{max(ratios):.2f}), "
        f"at most {AT_MOST}{verdict}"
    )


def run_all(room: RpaRoom, python: Path, place: Path, page_ms: int) -> dict[str, list[tuple[float, float, float]]]:
    """Return what each round of each way took with a site whose pages take *page_ms* milliseconds."""
    site, before = room.site, PAGES.index(page_ms) * ROUNDS
    site.misbehave(slow_s=page_ms / 1000)
    password = str(site.folder / "password")
    asked = {"ROBOT_ADDRESS": site.address, "ROBOT_PASSWORD_FILE": password, "ROBOT_COUNT": str(ITEMS)}
    tasks = [str(python), "-m", "robocorp.tasks", "run", "robot_tasks.py", "--no-status-rc"]
    ways: dict[str, list[tuple[float, float, float]]] = {}
    for round_ in range(ROUNDS):
        for way, measure in {
            "plain Playwright": lambda: of_script(
                [sys.executable, "plain_robot.py", site.address, password, str(ITEMS)], new(place), {}
            ),
            "the same under robocorp-tasks": lambda: of_script([*tasks, "--output-dir", "output"], new(place), asked),
            "Jikimi": lambda round_=before + round_: of_jikimi(room, round_),
        }.items():
            ways.setdefault(way, []).append(measure())
    return ways


def new(place: Path) -> Path:
    """Return a folder with the scripts in it: beside this file `queue.py` would hide the library's from them."""
    folder = Path(tempfile.mkdtemp(dir=place))
    for script in ("plain_robot.py", "robot_tasks.py"):
        shutil.copy(HERE.with_name(script), folder)
    return folder


if __name__ == "__main__":
    main()
