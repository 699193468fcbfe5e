"""A home whose settings name a place off-site, and how its processes are looked at."""

import json
import os
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

from jikimi.backup.offsite import Offsite
from jikimi.backup.snapshot import Receipt
from jikimi.cli.context import Context
from jikimi.cli.offsite_safe import offsite_of
from jikimi.cli.safe import repository_of, safe_keys, safe_place
from jikimi.cli.serve.safe_watch import SafeWatch
from jikimi.config import load
from jikimi.text import Lang
from tests.live.offsite_places import Elsewhere
from tests.live.safe_home import SafeHome

PATIENCE_S = 3.0


class Both:
    """A home whose settings name *place*."""

    def __init__(self, folder: Path, engine: str, template: Path | None, place: Elsewhere) -> None:
        self.home, self.place = SafeHome(folder, engine, template), place
        file = self.home.root / "jikimi.toml"
        file.write_text(f"{file.read_text()}\n[backup.offsite]\n{place.settings}\n")
        self.home.config = load(self.home.root, {})
        self.keys = safe_keys(self.home.config)

    @property
    def offsite(self) -> Offsite:
        config = self.home.config
        return offsite_of(
            config, self.home.clock, self.keys, safe_place(config), lambda: repository_of(config),
            patience_s=PATIENCE_S,
        )  # fmt: skip

    def run(self) -> Receipt:
        return self.home.run(replace(self.home.safe(), offsite=self.offsite))

    def originals(self) -> list[str]:
        return [one.original for one in self.offsite.repository().snapshots()]

    def check(self) -> tuple[str, str]:
        """Return how `status` has it now."""
        context = Context(self.home.root, Lang.EN)
        context.clock = self.home.clock
        watch = SafeWatch(context)
        watch.look()
        return next((one.state, one.message) for one in watch.checks if one.name == "offsite")

    def journal(self) -> list[dict[str, object]]:
        lines = (self.home.root / "outputs/backup_log.jsonl").read_text().splitlines()
        return [line for line in map(json.loads, lines) if line.get("step") == "off-site"]


def note_words(home: SafeHome, folder: Path) -> Path:
    """Have each word that restic is called with written to a file, and return that."""
    words, program = folder / "words", folder / "bin/restic"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {words}\nexec {shutil.which("restic")} "$@"\n')
    program.chmod(0o755)
    environment = home.environment()
    environment["PATH"] = f"{program.parent}:{environment['PATH']}"
    home.environment = lambda: environment  # type: ignore[method-assign]
    return words


def children(pid: int) -> list[int]:
    """Return what *pid* has started."""
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in listed.split()]


def words_of(pid: int) -> list[bytes]:
    """Return the words of a process, none if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def written(pid: int) -> int:
    """Return how many bytes a process has written, to files and to others."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("wchar")), 0)


def kill(pid: int) -> None:
    """Kill a process that may be gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
