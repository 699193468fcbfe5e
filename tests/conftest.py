"""What many tests need: the real parts, started once for each worker of the test run."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from redis import Redis

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.config import Config, load
from jikimi.config.model import Ledger
from jikimi.embedded.part import Part
from jikimi.embedded.redis_server import redis_part, redis_url
from jikimi.embedded.tryton_server import (
    CLONE,
    VENV,
    erp_config,
    erp_key_file,
    erp_part,
    erp_url,
    run_script,
    template_database,
)
from jikimi.erp.tryton import Tryton
from jikimi.runtime.process import ProcessRuntime
from tests.scheduler import Together

# These machines are noisy: how long an example takes is nobody's promise.
settings.register_profile("jikimi", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jikimi")

Until = Callable[[Callable[[], object], float], None]
REQUIRED = os.environ.get("CI") == "true"  # noqa: TID251 - a missing part fails there
_READY_WITHIN_S = 60.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--soak` runs what is scaled down here at its full length, or as far as `--soak-hours` lets a wait go."""
    parser.addoption("--soak", action="store_true", help="the long set")
    parser.addoption("--soak-hours", default="inf", help="no single wait of the long set is longer")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Keep together what shares one heavy thing."""
    return Together(config, log)


def missing(what: str) -> None:
    """Skip at home, fail where all parts are required."""
    if REQUIRED:
        pytest.fail(f"{what} is missing, and required here")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def until() -> Until:
    """Wait for a condition, at most so many seconds."""

    def wait(condition: Callable[[], object], seconds: float) -> None:
        clock = SystemClock()
        give_up_at = clock.ticks() + seconds
        while not condition():
            assert clock.ticks() < give_up_at, f"not within {seconds} s"
            clock.wait(0.02)

    return wait


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The settings of a new home, with every folder made."""
    config = load(tmp_path / "home", {})
    config.home.make()
    return config


def start(part: Part, until: Until) -> Callable[[], None]:
    """Start a part, wait until it is ready, and return what stops it."""
    runtime = ProcessRuntime()
    running = runtime.start(part.spec)
    until(lambda: part.ready(running.pid) or not runtime.is_running(running), _READY_WITHIN_S)
    assert runtime.is_running(running), part.spec.log.read_text()
    return lambda: runtime.stop(running, 10)


@pytest.fixture(scope="session")
def erp_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared database, built once for all workers and all runs."""
    if not VENV.exists():
        missing("the ERP's venv (python3 start.py makes it)")
    (CLONE / ".cache").mkdir(exist_ok=True)
    with FileLock(CLONE / ".cache/template.lock"):
        return template_database(SystemClock().now().date(), lambda _: None)


class TrytonServer:
    """A running Tryton with both databases of a home."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def empty_ledger(self, ledger: Ledger = Ledger.COMPANY) -> Tryton:
        """Return a client for the database of *ledger*, without moves and with every period open."""
        self.execute(ledger, "DELETE FROM account_move_line")
        self.execute(ledger, "DELETE FROM account_move")
        self.execute(ledger, "UPDATE account_period SET state = 'open'")
        return Tryton(erp_url(self.config.home), ledger.value, erp_key_file(self.config.home).read_text().strip())

    def execute(self, ledger: Ledger, sql: str) -> list[tuple[object, ...]]:
        """Run *sql* in Tryton's own database and return its rows."""
        with closing(sqlite3.connect(self.config.home / "erp" / f"{ledger}.sqlite", timeout=30)) as base, base:
            return base.execute(sql).fetchall()


@pytest.fixture(scope="session")
def tryton(
    erp_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    until: Until,
) -> Iterator[TrytonServer]:
    config = load(tmp_path_factory.mktemp("tryton"), {})
    config.home.make()
    day = SystemClock().now().date()
    config_file, key_file = erp_config(config.home), erp_key_file(config.home)
    for ledger in Ledger:
        shutil.copyfile(erp_template, config.home / "erp" / f"{ledger}.sqlite")
        where = ("--config", config_file, "--database", ledger.value)
        run_script("ready.py", *where, "--key-file", key_file, "--today", day)
    stop = start(erp_part(config.home), until)
    yield TrytonServer(config)
    stop()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory, until: Until) -> Iterator[str]:
    """The address of a Redis of our own."""
    config = load(tmp_path_factory.mktemp("redis"), {})
    config.home.make()
    stop = start(redis_part(config.home), until)
    yield redis_url(config.home)
    stop()


def cut_off(redis: Redis) -> None:
    """Let a client find no server any more."""
    pool = redis.connection_pool
    pool.disconnect()
    pool.connection_kwargs["path"] = "/nowhere/redis.sock"
    pool.reset()


@pytest.fixture
def redis_address(redis_server: str) -> str:
    """The address of an empty Redis."""
    with connect(redis_server, retries=0) as redis:
        redis.flushall()
    return redis_server
