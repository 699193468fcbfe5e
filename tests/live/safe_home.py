"""A home with a safe, for tests that do harm to it."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from jikimi.backup.keys import MACHINE, RECOVERY
from jikimi.backup.pipeline import Pipeline, Safe
from jikimi.backup.place import SENTINEL, Place
from jikimi.backup.port import Repository
from jikimi.backup.snapshot import Receipt
from jikimi.backup.wanted import Wanted
from jikimi.cli.safe import repository_of, safe_keys, safe_of, safe_place
from jikimi.config import Config, load
from jikimi.config.load import inherited
from jikimi.testing.clock import FakeClock

NIGHT = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)  # half past three in Seoul
ROWS = 2000


class SafeHome:
    """A home of some megabytes with a repository of *engine*.

    Args:
        template: a restic repository that is copied instead of made, which is slow.
    """

    def __init__(self, folder: Path, engine: str, template: Path | None = None, *, at: Path | None = None) -> None:
        self.root, self.engine = folder / "home", engine
        self.clock = FakeClock(NIGHT)
        self.root.mkdir()
        text = f'\n[backup]\nengine = "{engine}"\nclone = false\n' + (f'folder = "{at}"\n' if at else "")
        (self.root / "jikimi.toml").write_text(text)
        self.config: Config = load(self.root, {})
        self.config.home.make()
        for number in range(40):
            path = self.root / f"done/2026/11/명세서-{number}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{number},".encode() * 5000)
        (self.root / "rules/card.toml").write_text("# rules\n")
        (self.root / "keys/erp-application").write_text("a-very-well-known-secret-" * 3)
        for base in ("state/journal", "erp/company"):
            make_ledger(self.root / f"{base}.sqlite")
        self._make_repository(template)

    def _make_repository(self, template: Path | None) -> None:
        keys, place = safe_keys(self.config), safe_place(self.config)
        keys.make(NIGHT)
        if template is None or self.engine != "restic":
            place.create(repository_of(self.config), keys)
            return
        for name in (MACHINE, RECOVERY):
            shutil.copyfile(template / name, keys.file(name))
        place.folder.mkdir(exist_ok=True)
        shutil.copytree(template / "restic", place.folder / "restic")
        name = keys.set_repository_id()
        (place.folder / SENTINEL).write_text(f'{{"v": 1, "id": "{name}", "engine": "restic"}}')

    @property
    def place(self) -> Path:
        return safe_place(self.config).folder

    @property
    def repository(self) -> Repository:
        return repository_of(self.config)

    def safe(self, *, least_free: int = 1 << 20, ballast: int = 0) -> Safe:
        safe = safe_of(self.config, self.clock)
        return replace(safe, place=Place(self.place, least_free, ballast))

    def run(self, safe: Safe | None = None) -> Receipt:
        return Pipeline(safe or self.safe()).run(Wanted(home=self.config.home, runs=False))

    def restores(self, snapshot: str, folder: Path) -> bool:
        """Return whether *snapshot* comes back as the home is now."""
        shutil.rmtree(folder, ignore_errors=True)
        self.repository.restore(snapshot, folder)
        same = subprocess.run(
            ["diff", "-r", self.root / "done", folder / "home/done"], capture_output=True, check=False
        )
        shutil.rmtree(folder)
        return same.returncode == 0

    def command(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command of ours on this home."""
        return subprocess.Popen(
            [sys.executable, "-m", "jikimi", "--home", str(self.root), "--lang", "en", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment(),
        )

    def ends(self, *words: str) -> tuple[int, str]:
        """Run a command of ours to its end; return its exit code and what it said."""
        child = self.command(*words)
        said = child.communicate(timeout=120)[0]
        return child.returncode, said

    def environment(self) -> dict[str, str]:
        """Return that of a process that is not told of any other home."""
        return {name: value for name, value in inherited().items() if not name.startswith("JIKIMI_")}


def make_ledger(path: Path) -> None:
    """Make a database whose amounts sum up to nothing."""
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("CREATE TABLE account_move_line (id INTEGER PRIMARY KEY, amount INTEGER)")
        base.executemany(
            "INSERT INTO account_move_line (amount) VALUES (?)", [(number % 2 * 2 - 1,) for number in range(ROWS)]
        )
