"""The embedded stack as a command has it: made ready, started, looked after while that lasts, stopped in order."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from jikimi.cli.context import Context, serializer
from jikimi.cli.safe import make_safe
from jikimi.cli.show import Show
from jikimi.clock import SystemClock
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.config.shipped import shipped_file
from jikimi.embedded.tryton_server import erp_key_file, prepare_erp
from jikimi.errors import NotWell
from jikimi.inbox import FLOWS
from jikimi.rpa.flow_files import flow_names
from jikimi.status.reader import read
from jikimi.supervisor.stack import owning, stop_file
from jikimi.supervisor.state import State
from jikimi.text import Text
from jikimi.vouchers.rulebook import ship_rules
from jikimi.whole_file import replace_text

log = structlog.get_logger()
PREPARING = Text("ERP를 준비합니다 (처음 한 번, 10초쯤)", "preparing the ERP (the first time only, some 10 s)")
CHECKING = Text("장부를 확인합니다", "looking at the ledgers")
READY = Text("  준비됨: {unit}", "  ready: {unit}")
SUPERVISOR = "supervisor"
_READY = {State.HEALTHY, State.PAUSED}  # what rests by a person's order, or after a restore, is not waited for
_READY_WITHIN_S = 120.0
_STOPPED_WITHIN_S = 180.0
_LOOK_S = 0.1
_IN_VAIN = 3  # starts of the supervisor that end before it is ready


class NotReady(NotWell):
    """A unit did not become ready."""

    what = Text("{unit}이(가) {seconds}초 안에 준비되지 않았습니다", "{unit} was not ready within {seconds} s")
    remedy = Text("기록을 보세요: {log}", "look at its log: {log}")


def make_home(config: Config) -> None:
    """Make the home folder with its settings, rules, inboxes and keys, where they are missing."""
    make_folders(config)
    serializer(config.home)
    erp_key_file(config.home)
    make_safe(config, SystemClock().now())


def make_folders(config: Config) -> None:
    """Make the home folder with its settings, rules and inboxes, where they are missing."""
    if config.home.make():
        replace_text(config.home.config_file, shipped_file())
    ship_rules(config.home)
    for profile in config.settings.profiles:
        (config.home / "inbox" / profile).mkdir(exist_ok=True)
    for flow in flow_names(config.home / "flows"):
        (config.home / "inbox" / FLOWS / flow).mkdir(parents=True, exist_ok=True)


class Stack:
    """A supervisor process that this command has started, and starts again should it die."""

    def __init__(self, context: Context, *, units_only: bool = False) -> None:
        self._context = context
        self._units_only = units_only
        self._began = context.clock.now().timestamp()
        self._supervisor = self._start()
        self._in_vain = 0

    def wait_until_ready(self, show: Show) -> None:
        """Say which units are ready, until all are.

        Raises:
            NotReady: the unit's log says why.
        """
        clock, said = self._context.clock, {SUPERVISOR}
        give_up_at = clock.ticks() + _READY_WITHIN_S
        while not (states := self._states()) or not set(states.values()) <= _READY:
            for unit in [unit for unit, state in states.items() if state == State.HEALTHY and unit not in said]:
                said.add(unit)
                show.say(READY, unit=unit)
            slow = next((unit for unit, state in states.items() if state not in _READY), SUPERVISOR)
            lost = next((unit for unit, state in states.items() if state == State.QUARANTINED), "")
            if lost or clock.ticks() > give_up_at or not self._tend():
                unit = lost or slow
                log_file = self._context.home / "logs" / f"{unit}.out"
                raise NotReady(unit=unit, seconds=round(_READY_WITHIN_S), log=log_file)
            clock.wait(_LOOK_S)
        for unit, state in states.items():
            if unit not in said and state == State.HEALTHY:
                show.say(READY, unit=unit)

    def ended(self) -> bool:
        """Return whether the stack was told to stop; a supervisor that died meanwhile is started again."""
        return self._supervisor.poll() == 0 or stop_file(self._context.home).exists() or not self._tend()

    def close(self) -> None:
        """Have all stopped in order, and return when it is.

        Raises:
            NotReady: it did not end in time.
        """
        clock = self._context.clock
        give_up_at = clock.ticks() + _STOPPED_WITHIN_S
        while self._supervisor.poll() is None:
            if clock.ticks() > give_up_at:
                log_file = self._context.home / "logs/supervisor.jsonl"
                raise NotReady(unit="jikimi down", seconds=round(_STOPPED_WITHIN_S), log=log_file)
            stop_file(self._context.home).touch()  # again and again: one that just starts takes it for an old one
            clock.wait(_LOOK_S)

    def _tend(self) -> bool:
        """Start the supervisor again if it is gone; return False once that has been in vain too often."""
        if self._supervisor.poll() is None:
            return True
        self._in_vain = 0 if self._states() else self._in_vain + 1
        if self._in_vain >= _IN_VAIN:
            return False
        log.warning("supervisor.exited", exit_code=self._supervisor.returncode)
        self._began = self._context.clock.now().timestamp()
        self._supervisor = self._start()
        return True

    def _states(self) -> dict[str, str]:
        """Return how each unit stands, as a snapshot of this start says it; nothing before there is one."""
        now = self._context.clock.now().timestamp()
        status = read(self._context.home.status_file, now)
        if status["age_s"] is None or now - status["age_s"] < self._began:
            return {}
        return {unit["name"]: unit["state"] for unit in status["units"]}

    def _start(self) -> "subprocess.Popen[bytes]":
        home = self._context.home.root
        command = [sys.executable, "-m", "jikimi", "--home", str(home), "--lang", self._context.lang, "serve"]
        options = ["--units-only"] if self._units_only else []
        with (home / "logs/supervisor.out").open("ab") as out:
            return subprocess.Popen(
                [*command, SUPERVISOR, *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@contextmanager
def running(context: Context, show: Show, *, units_only: bool = False) -> Iterator[Stack]:
    """Run the stack while the block runs, and stop it in order afterwards, whatever happened.

    Raises:
        RunsAlready: another stack owns the home.
    """
    with owning(context.home, context.clock, context.config.settings.zone):
        if not units_only and not context.config.settings.erp.url:
            _prepare(context, show)
    stack = Stack(context, units_only=units_only)
    try:
        stack.wait_until_ready(show)
        yield stack
    finally:
        stack.close()


def _prepare(context: Context, show: Show) -> None:
    config = context.config
    day = context.clock.now().astimezone(config.settings.zone).date()
    is_prepared = (config.home / f"erp/{Ledger.PRACTICE}.sqlite").exists()
    with show.bar(CHECKING if is_prepared else PREPARING) as progress:

        def told(step: dict[str, Any]) -> None:
            if "of" in step:
                progress.update(progress.task_ids[0], completed=step["done"], total=step["of"])

        prepare_erp(config, day, told)
