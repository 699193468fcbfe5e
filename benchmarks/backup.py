"""A night of the safe with either engine, beside `tar | gzip -5` and securetar, on one made home.

    .venv-dev/bin/python benchmarks/backup.py

`tar | gzip -5` is what docker-volume-backup does, securetar what Home Assistant does: it is installed into an
environment of its own, which is thrown away. Each way runs in a process of its own whose memory, with all it starts,
is looked at ten times a second; the start of Python is not counted. *Saved* is all from the live home to the finished
snapshot: copies of the databases, checksums, storing. *A night with its proof* has the rest as well: reading back,
restoring, opening, tidying. Ratios are taken to tar's runs on the same home, in turn with ours; restores in the order
tar, ours, ours, tar. ROUNDS (3) and DAYS (14) may be set, and a PLACE with 30 GB.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any

HERE = Path(__file__).resolve()
# `queue.py` beside this file would hide the library's
sys.path[:1] = [str(HERE.parents[1] / "services")]
sys.path.append(str(HERE.parent))

import psutil
from made_home import age, make, size_mb

from jikimi.backup.pipeline import Pipeline, Step
from jikimi.backup.snapshot import Outcome
from jikimi.backup.wanted import Wanted
from jikimi.cli.safe import make_safe, safe_of
from jikimi.clock import SystemClock
from jikimi.config import load

ROUNDS, DAYS = (int(os.environ.get(name, few)) for name, few in (("ROUNDS", "3"), ("DAYS", "14")))
CLOCK = SystemClock()
# the databases' copies, and what the safe itself needs, are none of the home's
LEFT_OUT = ("backups", "state/backup", "keys/backup")
TARGETS = {
    "Jikimi, restic": {
        "first": 0.35,
        "daily": 0.25,
        "night": 0.6,
        "all": 0.25,
        "restore": 0.6,
        "memory": 256,
    },
    "Jikimi, file": {"first": 0.5, "restore": 0.6, "memory": 256},
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where all of it happens."""

    folder: Path

    @property
    def packed(self) -> Path:
        """The one file that a peer writes."""
        return self.folder / "packed"

    @property
    def environment(self) -> Path:
        """Where securetar is installed."""
        return self.folder / "environment"

    def new_folder(self) -> Path:
        """Return an empty folder; old ones stay, for ext4 is slow to make files where many were just removed."""
        return Path(tempfile.mkdtemp(prefix="into-", dir=self.folder))


@dataclass
class Way:
    """What one way took: seconds of each run, MB.

    Attributes:
        first, daily: from the live home to a finished backup. night: that of a later day with its proof.
        cpu_s: of what `first` measures, whoever else was at work.
        backup_mb: one backup. all_mb: as many as there are days, and the first.
    """

    name: str
    first: list[float] = field(default_factory=list)
    daily: list[float] = field(default_factory=list)
    night: list[float] = field(default_factory=list)
    restore: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    backup_mb: list[float] = field(default_factory=list)
    all_mb: float = 0.0


def of_ours(doing: str, home: Path, into: Path) -> dict[str, Any]:
    """Run a whole night, or save only, or restore the newest snapshot; return its seconds by step."""
    config = load(home, {})
    make_safe(config, CLOCK.now())
    safe, wanted = safe_of(config, CLOCK), Wanted(home=config.home, runs=False)
    if doing == "restore":
        newest = safe.repository.snapshots()[-1].id
        began = CLOCK.ticks()
        safe.repository.restore(newest, into)
        return {"restore": CLOCK.ticks() - began}
    if doing == "save":
        began = CLOCK.ticks()
        staged = safe.stage.make(wanted, CLOCK.now())
        safe.repository.put(staged.sources, CLOCK.now())
        safe.stage.remember()
        return {"save": CLOCK.ticks() - began}
    at = dict[Step, float]()
    receipt = Pipeline(safe, lambda step, _: at.setdefault(step, cpu_s())).run(wanted)
    if receipt.outcome is not Outcome.GOOD:
        raise SystemExit(f"not good: {receipt.reasons}")
    return {**receipt.seconds, "cpu": at[Step.VERIFY] - at[Step.STAGE]}


def cpu_s() -> float:
    """Return the seconds of processor time of this process and of all its children that have ended."""
    return sum(os.times()[:4])


def watched(command: Sequence[str | Path]) -> tuple[str, float]:
    """Run *command*; return what it printed, and the most memory in MB that it and all below it had at once."""
    os.sync()  # what was written before is not this one's to wait for
    most, over = 0.0, Event()
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True) as child:

        def look() -> None:
            nonlocal most
            while not over.wait(0.1):
                most = max(most, memory_mb(child.pid))

        eye = Thread(target=look)
        eye.start()
        said = child.stdout.read() if child.stdout else ""
        over.set()
        eye.join()
    if child.returncode:
        raise SystemExit(f"{command[0]} failed")
    return said, most


def memory_mb(pid: int) -> float:
    """Return what a process and all below it have resident, in MB."""
    try:
        tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return sum(one.memory_info().rss for one in tree) / 1e6
    except psutil.Error:
        return 0.0


def ours(doing: str, home: Path, into: Path) -> tuple[dict[str, float], float]:
    """Run ours in a process of its own; return its seconds by step, and its memory."""
    said, most = watched([sys.executable, HERE, doing, home, into])
    return json.loads(said.splitlines()[-1]), most  # events stand before it


def plain(way: Way, saved: list[float], home: Path, place: Place) -> None:
    """Pack by tar and gzip."""
    left = " ".join(f"--exclude=./{name}" for name in LEFT_OUT)
    by_shell(way, saved, f"tar -C '{home}' {left} -cf - . | gzip -5 > '{place.packed}'")
    way.backup_mb.append(place.packed.stat().st_size / 1e6)


def by_shell(way: Way, seconds: list[float], script: str) -> None:
    """Run *script*, and note what it took."""
    began, spent = CLOCK.ticks(), cpu_s()
    _, most = watched(["/bin/sh", "-c", script])
    seconds.append(CLOCK.ticks() - began)
    if seconds is way.first:
        way.cpu_s.append(cpu_s() - spent)
    way.peak_mb.append(most)
    print(f"  {way.name}: {seconds[-1]:.1f} s", file=sys.stderr, flush=True)


def securetar(home: Path, place: Place) -> Way:
    """Pack and unpack as Home Assistant does, in an environment of its own."""
    way, python = Way("securetar"), place.environment / "bin/python"
    venv.create(place.environment, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "securetar"], check=True, stderr=subprocess.DEVNULL)
    into = place.new_folder()
    for seconds, doing in ((way.first, "pack"), (way.restore, "unpack")):
        program = HERE.with_name("securetar_client.py")
        spent = cpu_s()
        said, most = watched([python, program, doing, home, place.packed, into, *LEFT_OUT])
        seconds.append(float(said))
        if seconds is way.first:
            way.cpu_s.append(cpu_s() - spent)
        way.peak_mb.append(most)
    way.backup_mb.append(place.packed.stat().st_size / 1e6)
    return way


def night(way: Way, home: Path, *, first: bool) -> None:
    """Let ours save, read back, restore and open."""
    seconds, most = ours("night", home, home)
    spent = seconds.pop("cpu")
    (way.first if first else way.daily).append(seconds["stage"] + seconds["store"])
    (way.cpu_s if first else way.night).append(spent if first else sum(seconds.values()))
    way.peak_mb.append(most)
    parts = ", ".join(f"{step} {spent:.1f}" for step, spent in seconds.items())
    print(f"  {way.name}: {sum(seconds.values()):.1f} s: {parts}", file=sys.stderr, flush=True)


def first_time(way: Way, home: Path) -> None:
    """Save to a repository of no age."""
    for name in LEFT_OUT:
        shutil.rmtree(home / name, ignore_errors=True)
    night(way, home, first=True)


def restored(tar: Way, way: Way, home: Path, place: Place) -> None:
    """Restore what both have saved, the one and the other, and the other way round."""
    for name in (tar.name, way.name, way.name, tar.name):
        if name == tar.name:
            by_shell(tar, tar.restore, f"tar -C '{place.new_folder()}' -xzf '{place.packed}'")
            continue
        seconds, most = ours("restore", home, place.new_folder())
        way.restore.append(seconds["restore"])
        way.peak_mb.append(most)
        print(f"  {way.name}: restored {way.restore[-1]:.1f} s", file=sys.stderr, flush=True)


def of_engine(engine: str, place: Place, days: int) -> tuple[Way, Way]:
    """Measure one engine on a home of its own over *days* days; return tar's figures and ours."""
    tar, way, home = Way(f"tar, gzip -5 ({engine}'s home)"), Way(f"Jikimi, {engine}"), place.folder / engine
    load(home, {}).home.make()
    (home / "jikimi.toml").write_text(f'[backup]\nengine = "{engine}"\nclone = false\n', encoding="utf-8")
    make(home)
    print("  {}: {:.0f} MB, {} files".format(engine, *size_mb(home)), file=sys.stderr)
    for _ in range(ROUNDS):
        plain(tar, tar.first, home, place)
        first_time(way, home)
        restored(tar, way, home, place)
    for day in range(1, days + 1):
        age(home, day)
        if day in (1, DAYS // 2, DAYS):
            plain(tar, tar.daily, home, place)
            night(way, home, first=False)
        else:
            seconds, most = ours("save", home, home)
            way.daily.append(seconds["save"])
            way.peak_mb.append(most)
    repository = [path for path in (home / "backups").rglob("*") if path.is_file() and "ballast" not in path.name]
    way.all_mb = sum(path.stat().st_size for path in repository) / 1e6
    tar.all_mb = (tar.backup_mb[0] + tar.backup_mb[-1]) / 2 * (days + 1)  # it grows evenly
    return tar, way


def show(found: Sequence[tuple[Way, Way]], targets: Mapping[str, Mapping[str, float]], day: date) -> None:
    """Print the medians, and the ratios to tar beside what they should be."""
    print(f"{day}, {os.cpu_count()} cores, Python {platform.python_version()}, {ROUNDS} rounds, {DAYS} days")
    print("| way | saved, s | its CPU-s | each day, s | night with its proof, s | restored, s | memory, MB | all, MB |")
    print("|---" * 8 + "|")
    for way in dict.fromkeys(each.name for pair in found for each in pair):
        one = next(each for pair in found for each in pair if each.name == way)
        seconds = [one.first, one.cpu_s, one.daily, one.night, one.restore]
        middle = " | ".join(f"{median(each):.1f}" if each else "–" for each in seconds)
        print(f"| {way} | {middle} | {max(one.peak_mb):.0f} | {one.all_mb or one.backup_mb[-1]:.0f} |")
    for tar, way in found:
        for what, most in targets.get(way.name, {}).items():
            measured = ratio(tar, way, what)
            print(f"{way.name}: {what} {measured:.2f}, at most {most}{'' if measured <= most else ': MISSED'}")
        nights = ", ".join(f"{seconds:.1f}" for seconds in way.night)
        print(f"{way.name}: nights {nights or '–'}; CPU of the first {ratio(tar, way, 'CPU'):.2f}")


def ratio(tar: Way, way: Way, what: str) -> float:
    """Return what ours takes for one of tar's; memory in MB."""
    found = {
        "first": (way.first, tar.first),
        "CPU": (way.cpu_s, tar.cpu_s),
        "daily": (way.daily, tar.daily),
        "night": (way.night, tar.daily),
        "restore": (way.restore, tar.restore),
        "all": ([way.all_mb], [tar.all_mb]),
        "memory": ([max(way.peak_mb)], [1.0]),
    }
    mine, theirs = found[what]
    return median(mine) / median(theirs)


def main() -> None:
    """Measure both engines and securetar, and print what came of it."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("PLACE")) as folder:
        place = Place(Path(folder))
        restic = of_engine("restic", place, DAYS)
        for left in place.folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        file = of_engine("file", place, 1)
        peer = securetar(place.folder / "file", place)
    show([restic, file, (file[0], peer)], TARGETS, CLOCK.now().date())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(of_ours(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
    else:
        main()
