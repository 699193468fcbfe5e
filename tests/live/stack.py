"""The real stack of one home, started and looked at the way a person would."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from jikimi.clock import SystemClock
from jikimi.config.model import Ledger
from tests.conftest import Until
from tests.unit.vouchers.office import card_file, card_row

STARTS_WITHIN_S = 120.0
POSTS_WITHIN_S = 120.0


class LiveStack:
    """A stack in the home at *root*; `close` ends it and everything that it started."""

    def __init__(self, root: Path, until: Until) -> None:
        self.root = root
        self._until = until
        self._up: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it in the foreground of its own session and wait until it says that all is well."""
        began = SystemClock().now().timestamp()
        self._up = subprocess.Popen(
            self.command("up"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self._until(lambda: self.is_well() and self._said_at() > began, STARTS_WITHIN_S)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "jikimi", "--home", str(self.root), "--lang", "en", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command and return what it said."""
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=STARTS_WITHIN_S, check=False
        )

    def document(self, *arguments: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.run(*arguments, "--json").stdout)
        return document

    def is_well(self) -> bool:
        if self._up is not None and self._up.poll() is not None:
            raise AssertionError(self._up.communicate()[0])
        return self.run("status").returncode == 0

    def _said_at(self) -> float:
        """Return when the snapshot was written: the one of an earlier stack may still look fresh."""
        status = json.loads((self.root / "state/status.json").read_text(encoding="utf-8"))
        return datetime.fromisoformat(status["at"]).timestamp()

    def interrupt(self) -> str:
        """Press Ctrl-C and return all that was said."""
        assert self._up is not None
        self._up.send_signal(signal.SIGINT)
        said, _ = self._up.communicate(timeout=STARTS_WITHIN_S)
        self._up = None
        return said

    def unit(self, name: str) -> dict[str, Any]:
        """Return what the snapshot has of a unit."""
        status = json.loads((self.root / "state/status.json").read_text(encoding="utf-8"))
        return next(unit for unit in status["units"] if unit["name"] == name)

    def pids(self) -> dict[str, int]:
        """Return the process of each unit, as the keeper has it."""
        try:
            known = json.loads((self.root / "state/units.json").read_text())
        except (OSError, ValueError):
            return {}
        return {item["unit"]: item["pid"] for item in known}

    def child(self) -> int | None:
        """Return the process of the worker's child, as its parent tells."""
        try:
            return int(json.loads((self.root / "state/beats/erp-worker.json").read_text())["child_pid"])
        except (OSError, ValueError, TypeError):
            return None

    def signal(self, unit: str, number: signal.Signals) -> bool:
        """Send a signal to a unit, or to the worker's "child"; return whether there was one."""
        pid = self.child() if unit == "child" else self.pids().get(unit)
        if pid is None:
            return False
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def drop(self, data: bytes, name: str = "card.csv", profile: str = "card") -> None:
        inbox = self.root / "inbox" / profile
        partial = inbox / f".{name}.part"
        partial.write_bytes(data)
        partial.rename(inbox / name)

    def drop_lines(self, count: int, name: str = "card.csv", first: int = 0) -> None:
        rows = [card_row(number, amount=str(1000 + number)) for number in range(first, first + count)]
        self.drop(card_file(*rows), name)

    def wait_for_file(self, name: str) -> None:
        """Wait until a dropped file lies in `done/`."""
        self._until(lambda: any((self.root / "done").rglob(name)), POSTS_WITHIN_S)

    def posted(self, ledger: Ledger = Ledger.COMPANY) -> Counter[str]:
        """Return how often each key stands posted, from Tryton's own database."""
        rows = self.execute("SELECT jikimi_key FROM account_move WHERE state = 'posted'", ledger)
        return Counter(str(key) for (key,) in rows)

    def execute(self, sql: str, ledger: Ledger = Ledger.COMPANY) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.root / "erp" / f"{ledger}.sqlite", timeout=30)) as base, base:
            return base.execute(sql).fetchall()

    def close(self) -> None:
        if self._up is not None and self._up.poll() is None:
            self.interrupt()
        elif self._up is not None:
            self._up.communicate()
