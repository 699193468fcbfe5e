"""The embedded stack put together: Redis, the ERP, its worker, the scheduler, and the keeper over them."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from jikimi.beats.beat_file import read_beat
from jikimi.cli.context import Context, erp_address, serializer
from jikimi.cli.show import Show
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.config.shipped import shipped_file
from jikimi.embedded.part import Part
from jikimi.embedded.redis_server import redis_part
from jikimi.embedded.tryton_server import erp_key_file, erp_part, prepare_erp
from jikimi.logs import log_to
from jikimi.runtime.port import UnitSpec
from jikimi.runtime.process import ProcessRuntime
from jikimi.supervisor.keeper import Keeper
from jikimi.supervisor.look import publish
from jikimi.supervisor.stack import Ownership, owning
from jikimi.text import Text
from jikimi.vouchers.answers import replace_text
from jikimi.vouchers.rulebook import ship_rules

log = structlog.get_logger()
PREPARING = Text("ERP를 준비합니다 (처음 한 번, 10초쯤)", "preparing the ERP (the first time only, some 10 s)")
CHECKING = Text("장부를 확인합니다", "looking at the ledgers")
READY = Text("  준비됨: {unit}", "  ready: {unit}")
_TICK_S = 0.2


def make_home(config: Config) -> None:
    """Make the home folder with its settings, rules, inboxes and keys, where they are missing."""
    if config.home.make():
        replace_text(config.home.config_file, shipped_file())
    ship_rules(config.home)
    for profile in config.settings.profiles:
        (config.home / "inbox" / profile).mkdir(exist_ok=True)
    serializer(config.home)
    erp_key_file(config.home)


def parts_of(config: Config) -> list[Part]:
    """Return the units in the order of their start; what has an address of its own is not ours to run."""
    parts = [] if config.settings.redis.url else [redis_part(config.home)]
    parts += [] if config.settings.erp.url else [erp_part(config.home)]
    return [*parts, _service(config, "erp-worker", grace_s=20.0), _service(config, "scheduler", grace_s=5.0)]


class Stack:
    """A running stack: the keeper looks after it in a thread of its own until `close`."""

    def __init__(self, config: Config, keeper: Keeper, ownership: Ownership, context: Context) -> None:
        self.config = config
        self.keeper = keeper
        self._ownership = ownership
        self._clock = context.clock
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._thread.start()

    def ended(self) -> bool:
        """Return whether the stack was asked to stop."""
        return self._ownership.asked_to_stop() or not self._thread.is_alive()

    def close(self) -> None:
        """Stop looking, so that what is stopped now is not started again."""
        self._closing.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._closing.wait(_TICK_S):
            try:
                self.keeper.look()
                self._ownership.renew()
                publish(self.config, self._clock, self.keeper.units, erp_address(self.config))
            except Exception:  # the keeper's own loop: one bad look must not leave the units alone
                log.exception("keeper.look_failed")


@contextmanager
def running(context: Context, show: Show) -> Iterator[Stack]:
    """Run the stack while the block runs, and stop it in order afterwards, whatever happened.

    Raises:
        RunsAlready: another stack owns the home.
    """
    config = context.config
    with owning(config.home, context.clock, config.settings.zone) as ownership:
        log_to(config.home / "logs/keeper.jsonl", unit="keeper")
        if not config.settings.erp.url:
            _prepare(context, show)
        keeper = Keeper(parts_of(config), ProcessRuntime(), context.clock, config.home / "state/units.json")
        stack: Stack | None = None
        try:
            keeper.start_all(lambda unit: show.say(READY, unit=unit.part.spec.name))
            stack = Stack(config, keeper, ownership, context)
            yield stack
        finally:
            if stack is not None:
                stack.close()
            keeper.stop_all()
            publish(config, context.clock, keeper.units, "")


def _prepare(context: Context, show: Show) -> None:
    config = context.config
    day = context.clock.now().astimezone(config.settings.zone).date()
    is_prepared = (config.home / f"erp/{Ledger.PRACTICE}.sqlite").exists()
    with show.bar(CHECKING if is_prepared else PREPARING) as progress:

        def told(step: dict[str, Any]) -> None:
            if "of" in step:
                progress.update(progress.task_ids[0], completed=step["done"], total=step["of"])

        prepare_erp(config, day, told)


def _service(config: Config, name: str, grace_s: float) -> Part:
    home = config.home
    command = [sys.executable, "-m", "jikimi", "--home", str(home.root), "--lang", config.lang, "serve", name]
    log_file = home / "logs" / f"{name}.out"
    beats: Path = home / "state/beats"

    def beats_as(pid: int) -> bool:
        """Whether that very process has sent a beat; one of an earlier life proves nothing."""
        return (read_beat(beats, name) or {}).get("pid") == pid

    return Part(UnitSpec(name, command, log_file, grace_s=grace_s), beats_as)
