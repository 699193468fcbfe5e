"""A whole stack of containers as a user has it, under a project name, ports and a home of its own."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
from docker.errors import APIError

from jikimi.beats.beat_file import read_beat
from jikimi.clock import SystemClock
from tests.conftest import Until
from tests.docker.ports import free_port
from tests.unit.vouchers.office import card_file, card_row

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ("redis:8.0", "postgres:17", "haproxy:3.0", "prom/prometheus:v2.53.3", "python:3.13-slim-trixie")
_STARTS_WITHIN_S = 300.0
CLOCK = SystemClock()
_CALL_WITHIN_S = 120.0
_POSTS_WITHIN_S = 60.0


class ComposeStack:
    """Brings it up, talks to it as a person would, and breaks it."""

    def __init__(self, folder: Path, engine: Any, until: Until, more: Mapping[str, str] | None = None) -> None:
        self.home, self.engine, self._until = folder / "home", engine, until
        self.dealt_at = CLOCK.now()
        self.project = f"jikimi-test-{uuid4().hex[:8]}"
        self.ports = {name: free_port() for name in ("ERP", "GRAFANA", "PROMETHEUS")}
        self.environment = {
            **os.environ,  # noqa: TID251 - a command of the user's shell
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": "docker-compose.yml:monitoring/without-grafana.yml",
            "JIKIMI_HOME": str(self.home),
            **{f"JIKIMI_{name}_PORT": str(port) for name, port in self.ports.items()},
            **(more or {}),
        }

    def compose(
        self, *words: str, within_s: float = _CALL_WITHIN_S, told: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Run `docker compose`, told something on its standard input, and return what it said, whatever it was."""
        return subprocess.run(
            ["docker", "compose", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            input=told,
            timeout=within_s,
            check=False,
        )

    def up(self) -> "subprocess.CompletedProcess[str]":
        """Start the stack as the README says."""
        return self.compose("up", "-d", "--wait", within_s=_STARTS_WITHIN_S)

    def down(self) -> None:
        """Remove the stack with its volumes."""
        self.compose("--profile", "*", "down", "--volumes", "--timeout", "5")

    def settings(self, text: str) -> None:
        """Write `jikimi.toml` before the first start."""
        self.home.mkdir(exist_ok=True)
        (self.home / "jikimi.toml").write_text(text, encoding="utf-8")

    def status(self) -> Mapping[str, Any]:
        """Return the document that `status --json` prints."""
        said = self.compose("exec", "-T", "supervisor", "status", "--json")
        document: Mapping[str, Any] = json.loads(said.stdout) if said.stdout.startswith("{") else {}
        return {"verdict": "unknown", "units": [], "checks": [], **document}

    def unit(self, name: str) -> Mapping[str, Any]:
        """Return what the snapshot has of a unit; empty while there is none."""
        return next((unit for unit in self.status().get("units", []) if unit["name"] == name), {})

    def until(self, condition: Callable[[], object], seconds: float = _POSTS_WITHIN_S) -> None:
        """Wait for it."""
        self._until(condition, seconds)

    def until_ok(self, seconds: float = 60.0) -> None:
        """Wait until `status` says that all is well."""
        self.until(self._is_ok, seconds)

    def until_engine_agrees(self, seconds: float = 180.0) -> None:
        """Wait until the engine's own checks, which come each two minutes, have seen it as well."""
        ours = ("supervisor", "erp-worker", "rpa-worker", "scheduler", "backup")
        for name in (*ours, "redis", "erp", "erp-db", "docker-proxy"):
            self.until(lambda name=name: self.inspect(name)["State"]["Health"]["Status"] == "healthy", seconds)  # type: ignore[misc]

    def _is_ok(self) -> bool:
        status = self.status()
        return status["verdict"] == "ok" and {unit["state"] for unit in status["units"]} == {"healthy"}

    def container(self, service: str) -> str:
        """Return the name of the service's container."""
        return f"{self.project}-{service}-1"

    def inspect(self, service: str) -> Mapping[str, Any]:
        """Return what the engine says of the service's container."""
        found: Mapping[str, Any] = self.engine.inspect_container(self.container(service))
        return found

    def pids(self, service: str) -> list[int]:
        """Return the process ids of a container, as this machine counts them, its first process first."""
        try:
            top = self.engine.top(self.container(service), ps_args="-o pid")
        except APIError:
            return []  # it does not run
        return sorted(int(row[0]) for row in top["Processes"] or [])

    def beat(self, unit: str) -> Mapping[str, Any]:
        """Return the unit's newest beat, read from its volume without any of the stack's help."""
        return read_beat(self.state / "beats", unit) or {}

    @property
    def state(self) -> Path:
        """Where the stack keeps what may be lost, as this machine sees it."""
        return Path(self.engine.inspect_volume(f"{self.project}_data")["Mountpoint"]) / "state"

    def signal(self, service: str, number: int, *, all_of_it: bool = True) -> None:
        """Send a signal to the processes of a container from outside it, past the engine."""
        self.dealt_at = CLOCK.now()
        for pid in self.pids(service)[: None if all_of_it else 1]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def deal(self, blow: Callable[[], object]) -> None:
        """Do what harms, and remember when that was."""
        self.dealt_at = CLOCK.now()
        blow()

    def lines(self, count: int, name: str, first: int = 0, profile: str = "card") -> None:
        """Drop a card statement of so many lines, as a person does."""
        rows = [card_row(number, amount=str(1000 + number)) for number in range(first, first + count)]
        inbox = self.home / "inbox" / profile
        partial = inbox / f".{name}.part"
        partial.write_bytes(card_file(*rows))
        partial.rename(inbox / name)

    def until_done(self, name: str, seconds: float = _POSTS_WITHIN_S) -> None:
        """Wait until a dropped file is settled."""
        self.until(lambda: self.is_done(name), seconds)

    def is_done(self, name: str) -> bool:
        """Return whether a dropped file is settled."""
        return any((self.home / "done").rglob(name))

    def posted(self, ledger: str = "company") -> Counter[str]:
        """Return how often each key stands posted, from the ledger's own database."""
        return Counter(
            self.query(ledger, "SELECT coalesce(jikimi_key, description) FROM account_move WHERE state = 'posted'")
        )

    def query(self, ledger: str, query: str) -> list[str]:
        """Return the rows that the ledger's own database answers."""
        psql = ("psql", "-U", "jikimi", "-d", ledger, "-h", "/run/postgresql", "-At", "-c", query)
        said = self.compose("exec", "-T", "erp-db", *psql)
        assert said.returncode == 0, said.stderr
        return said.stdout.splitlines()

    def watchdog(self) -> list[dict[str, Any]]:
        """Return every line of the supervisor's log."""
        file = self.home / "outputs/watchdog_log.jsonl"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]

    def acted_on(self, since: int = 0) -> list[str]:
        """Return the units that something was done about, from the line *since* of the log on."""
        return [line["unit"] for line in self.watchdog()[since:] if line["step"] == "acted"]


def client() -> Any:
    """Return a client of this machine's engine."""
    return docker.APIClient("unix:///var/run/docker.sock", timeout=60)
