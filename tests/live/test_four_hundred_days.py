"""Four hundred days in virtual time: what `[keep]` lets go goes, originals stay, and the disk does not fill up."""

import hashlib
import os
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from jikimi.backup.archive import FileRepository
from jikimi.backup.drill import Drill, Drilled
from jikimi.backup.pipeline import Pipeline
from jikimi.backup.port import ALL, Repository, Share, Told, Verified, nobody
from jikimi.backup.snapshot import Outcome
from jikimi.backup.wanted import Wanted
from jikimi.config import load
from jikimi.logs import JsonLines
from jikimi.supervisor.upkeep import Upkeep
from tests.live.safe_home import SafeHome

DAYS, SHOWN_EACH = 400, 50
DAY_S = 86_400.0
CYCLES, INCIDENTS = 2, 2
EVIDENCE, STORM, MOST = 10_000, 60, 500_000  # bytes an incident; incidents of one bad day; bytes in all
STORM_DAY = 170


class Unread(FileRepository):
    """Is not read back: that, and the drill, have tests of their own, and would take most of the time here."""

    def verify(self, share: Share = ALL) -> Verified:
        del share
        return Verified()


class NoDrill(Drill):
    """Believes."""

    def run(self, repository: Repository, snapshot: str, *, size: int | None = None, told: Told = nobody) -> Drilled:
        del repository, snapshot, size, told
        return Drilled(())


class Office:
    """A home in which every day leaves what a working day leaves."""

    def __init__(self, folder: Path) -> None:
        self.home = SafeHome(folder, "file")
        with (self.home.root / "jikimi.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[keep]\nevidence_gb = {MOST / 1e9}\n")
        self.config = load(self.home.root, {})
        self.upkeep = Upkeep(self.config, self.home.clock)
        self.watchdog = JsonLines(self.home.root / "outputs/watchdog_log.jsonl")
        self.originals = dict[str, str]()
        self.chance = random.Random("office")  # noqa: S311 - the same in every run

    @property
    def today(self) -> date:
        return self.home.clock.now().date()

    def write(self, name: str, data: bytes) -> Path:
        path = self.home.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        when = self.home.clock.now().timestamp()
        os.utime(path, (when, when))
        os.utime(path.parent, (when, when))
        return path

    def work(self, day: int) -> None:
        for number in range(CYCLES):
            self.write(f"logs/cycles/cycle-{self.today:%Y%m%d}-{number:06}-0.log", b"row posted\n" * 100)
        for number in range(STORM if day == STORM_DAY else INCIDENTS):
            self.write(f"outputs/evidence/{self.today}-{number}/log.txt", bytes(EVIDENCE))
        self.write(f"outputs/evidence/stacks/erp-worker-{day}.stacks.txt", b"File, line\n")
        self.watchdog.append({"day": day, "what": "x" * 5_000})
        name = f"done/{self.today:%Y/%m}/card-{day}.csv"
        data = self.chance.randbytes(2000)
        self.write(name, data)
        self.originals[name] = hashlib.sha256(data).hexdigest()

    def night(self) -> Outcome:
        if thread := self.upkeep.look():
            thread.join()
        assert self.upkeep.look() is None
        safe = self.home.safe()
        repository = Unread(self.home.place, safe.keys.identities(), safe.keys.recipients())
        safe = replace(safe, repository=repository, drill=NoDrill(safe.state, safe.state, None, self.home.clock))
        return Pipeline(safe).run(Wanted(home=self.config.home, runs=False)).outcome

    def megabytes(self, name: str) -> float:
        files = [path for path in (self.home.root / name).rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files) / 1e6

    def ages(self, pattern: str) -> list[timedelta]:
        now = self.home.clock.now()
        return [now - datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo) for path in self.home.root.glob(pattern)]


@pytest.mark.timeout(300)
def test_four_hundred_days(tmp_path: Path) -> None:
    office = Office(tmp_path)
    folders = ("logs", "outputs/evidence", "outputs", "done", "backups")
    used = dict[int, list[float]]()
    outcomes = list[Outcome]()
    for day in range(1, DAYS + 1):
        office.work(day)
        outcomes.append(office.night())
        if day % SHOWN_EACH == 0 or day in (STORM_DAY, STORM_DAY + 20):
            used[day] = [office.megabytes(name) for name in folders]
        office.home.clock.advance(DAY_S)

    print(f"\nMB by day {folders}")  # noqa: T201 - figures for the log
    for day, sizes in used.items():
        print(day, *(f"{size:.1f}" for size in sizes))  # noqa: T201

    assert set(outcomes) == {Outcome.GOOD}
    for name, digest in office.originals.items():
        assert hashlib.sha256((office.home.root / name).read_bytes()).hexdigest() == digest
    assert max(office.ages("logs/cycles/*.log")) <= timedelta(days=31)
    assert len(office.ages("logs/cycles/*.log")) == CYCLES * 31  # the days of ages 0 to 30
    assert max(office.ages("outputs/evidence/*/log.txt")) <= timedelta(days=15)
    assert len(office.ages("outputs/evidence/*/log.txt")) == INCIDENTS * 15
    assert used[STORM_DAY][1] <= MOST / 1e6
    for steady in (0, 1):
        assert used[400][steady] == pytest.approx(used[100][steady], rel=0.1)

    _check_snapshots(office)


def _check_snapshots(office: Office) -> None:
    """14 days all, then one a week of 8 weeks and one a month of 12."""
    now = office.home.clock.now()
    ages = sorted((now - one.at).days for one in office.home.repository.snapshots())
    print("snapshots by age in days:", ages)  # noqa: T201
    assert ages[:14] == list(range(1, 15))
    assert len([age for age in ages if 14 < age <= 60]) <= 8
    assert 330 <= ages[-1] <= 366
    assert len(ages) <= 14 + 8 + 12
