"""The RPA worker alone, as a real process with a Redis of its own, and the accounting site that its flows work in."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.config import Config, load
from jikimi.config.load import inherited
from jikimi.embedded.redis_server import redis_part, redis_url
from jikimi.embedded.tryton_server import CLONE
from jikimi.rpa.secret_files import write_secret
from jikimi.rpa.snapshot import FILE, read_snapshot
from tests.conftest import Until, start
from tests.office_site import OfficeSite

FLOWS = CLONE / "examples/flows/office.py"
SETTINGS = """
[inbox]
settle = "100ms"
[rpa.values]
office-address = "{address}"
"""
MARK = "RPA_ROOM"  # what the worker starts has it, whoever its parent is by then
_STARTS_WITHIN_S = 30.0
CLOCK = SystemClock()


class RpaRoom:
    """Starts the worker, hands items in, and breaks what it is asked to."""

    def __init__(self, config: Config, site: OfficeSite, until: Until, flows: str | None = None) -> None:
        self.site, self._until, self._mark = site, until, uuid4().hex
        config.home.config_file.write_text(SETTINGS.format(address=site.address), encoding="utf-8")
        self.config = load(config.home.root, {})
        self.home = self.config.home
        write_secret(self.home, "office-password", site.password)
        (self.home / "flows/office.py").write_text(flows or FLOWS.read_text(encoding="utf-8"), encoding="utf-8")
        self._stop_redis = start(redis_part(self.home), until)
        self.worker = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "jikimi", "--home", str(self.home.root), "serve", "rpa-worker"]
        return subprocess.Popen(
            command,
            env={**inherited(), MARK: self._mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End the worker, and Redis."""
        self.worker.send_signal(signal.SIGTERM)
        try:
            self.worker.wait(30)
        except subprocess.TimeoutExpired:
            self.worker.kill()
            self.worker.wait()
        self._stop_redis()

    def start_again(self) -> None:
        """Kill the parent, as an engine or a keeper would find it dead, and start another."""
        self.worker.kill()
        self.worker.wait()
        self.worker = self._start()

    def restart_redis(self) -> None:
        """Stop Redis and start it again."""
        self._stop_redis()
        self._stop_redis = start(redis_part(self.home), self._until)

    def drop(self, flow: str, name: str, text: str) -> None:
        """Drop a file of items, as a person does."""
        folder = self.home / "inbox/flows" / flow
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{name}.part"
        partial.write_text(text, encoding="utf-8")
        partial.rename(folder / name)

    def items(self) -> Mapping[str, Mapping[str, Any]]:
        """Return every item by its key, as anybody can read it."""
        return {item["key"]: item for item in read_snapshot(self.home / FILE)["items"]}

    def states(self) -> Counter[str]:
        """Return how many items are in each state."""
        return Counter(item["state"] for item in self.items().values())

    def posted(self) -> Counter[str]:
        """Return how often each 적요 stands in the site."""
        with closing(sqlite3.connect(self.site.folder / "office.sqlite", timeout=30)) as base:
            return Counter(memo for (memo,) in base.execute("SELECT memo FROM vouchers"))

    def beat(self) -> Mapping[str, Any]:
        """Return the worker's newest beat."""
        try:
            found: Mapping[str, Any] = json.loads((self.home / "state/beats/rpa-worker.json").read_text())
        except (OSError, ValueError):
            return {}
        return found

    def until(self, condition: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait for it."""
        self._until(condition, seconds)

    def until_ready(self) -> None:
        """Wait until the worker is idle."""
        self.until(lambda: self.beat().get("mode") == "idle", _STARTS_WITHIN_S)

    def until_busy_again(self) -> None:
        """Wait until another child works on an item, or none is left to work on."""
        before = self.beat().get("child_pid")
        self.until(lambda: self.beat().get("child_pid") != before or not self.open_items(), 60.0)

    def open_items(self) -> int:
        """Return how many items are not over."""
        return sum(self.states()[state] for state in ("queued", "running", "waiting_session"))

    def child(self) -> psutil.Process | None:
        """Return the child that works now."""
        return _process(self.beat().get("child_pid"))

    def below(self, kind: str) -> list[psutil.Process]:
        """Return processes below the working child: its "browser", or its driver's "node"."""
        child, found = self.child(), []
        with suppress(psutil.Error):
            for process in child.children(recursive=True) if child else []:
                name, words = process.name(), " ".join(process.cmdline())
                if (kind == "node" and "node" in name) or (
                    kind == "browser" and "chrom" in name and "--type=" not in words
                ):
                    found.append(process)
        return found

    def is_in_fence(self) -> bool:
        """Return whether an attempt stands behind its fence now."""
        newest = max(
            (path for path in (self.home / "outputs/evidence").glob("*/*/steps.jsonl")),
            key=lambda path: path.stat().st_mtime,
            default=None,
        )
        lines = newest.read_text(encoding="utf-8").splitlines() if newest else []
        return bool(lines) and '"did": "fence"' in lines[-1]

    def steps(self, attempt: Path) -> str:
        """Return what an attempt has written down so far."""
        file = attempt / "steps.jsonl"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def add_flows(self, text: str) -> None:
        """Add to the flows' file, as an author saves it."""
        file = self.home / "flows/office.py"
        file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")

    def command_lines(self) -> list[str]:
        """Return the command lines of all that the worker has started."""
        found = []
        for process in psutil.Process(self.worker.pid).children(recursive=True):
            with suppress(psutil.Error):
                found.append(" ".join([*process.cmdline(), *process.environ().values()]))
        return found

    def redis_values(self) -> list[tuple[bytes, bytes]]:
        """Return everything that Redis holds, as it would be saved."""
        with connect(redis_url(self.home), retries=0) as redis:
            return [(key, bytes(redis.dump(key) or b"")) for key in redis.scan_iter()]

    def memory_at_rest_mb(self) -> float:
        """Return what is used once there is no job: the least of a few looks, for a child may be on its way."""
        self.until_ready()
        return min(self._looked_at_memory() for _ in range(4))

    def _looked_at_memory(self) -> float:
        CLOCK.wait(1.0)
        return self.memory_mb()

    def memory_mb(self) -> float:
        """Return what the worker and all below it use, shared pages once."""
        processes = [psutil.Process(self.worker.pid), *psutil.Process(self.worker.pid).children(recursive=True)]
        total = 0.0
        for process in processes:
            with suppress(psutil.Error):
                total += process.memory_full_info().pss / 1e6
        return total

    def scratch(self) -> list[Path]:
        """Return the folders in which what the worker's children have started keeps files."""
        return [
            own
            for parent in Path(tempfile.gettempdir()).glob(f"jikimi-scratch-{self.worker.pid}-*")
            for own in parent.iterdir()
        ]

    def leftovers(self) -> list[str]:
        """Return what was started for an earlier job and is still there, and every zombie."""
        tree = {self.worker.pid, *(one.pid for one in psutil.Process(self.worker.pid).children(recursive=True))}
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                is_zombie = process.status() == psutil.STATUS_ZOMBIE
                if process.pid in tree and is_zombie:
                    found.append(f"zombie {process.pid}")
                if process.pid not in tree and not is_zombie and process.environ().get(MARK) == self._mark:
                    found.append(f"{process.name()} {process.pid}")
        return found


def _process(pid: Any) -> psutil.Process | None:
    with suppress(psutil.Error, TypeError):
        return psutil.Process(pid)
    return None


def csv_of(count: int, first: int = 1) -> str:
    """Return a file of so many vouchers."""
    rows = [
        f"K-{number:03},2026-11-{1 + number % 28:02},접대비,가나상사,{1000 + number}"
        for number in range(first, first + count)
    ]
    return "\n".join(["키,일자,계정,거래처,금액", *rows]) + "\n"


def kill(process: psutil.Process | None, number: int = signal.SIGKILL) -> bool:
    """Send a signal; return whether there was anybody."""
    if process is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(process.pid, number)
        return True
    return False
