"""The supervisor: its parent owns the home, its child is the keeper over all other units."""

import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import FrameType

import structlog

from jikimi.beats.beat_file import read_beat
from jikimi.broker import connect
from jikimi.cli.context import Context, erp_address, redis_address
from jikimi.cli.order import control_key
from jikimi.cli.serve.unit import Asked as Called
from jikimi.cli.serve.unit import NoSink, run_unit
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.config.watch import Watch
from jikimi.embedded.redis_server import redis_part
from jikimi.embedded.tryton_server import NAME as ERP
from jikimi.embedded.tryton_server import erp_part
from jikimi.logs import JsonLines
from jikimi.notify.channels import channels_of
from jikimi.notify.notices import Notices
from jikimi.notify.wording import Told, message_of
from jikimi.queue.control import ControlQueue, Verifier
from jikimi.queue.hand_back import fence_all
from jikimi.queue.local_control import LocalDoor
from jikimi.queue.redis_lease import RedisLease
from jikimi.queue.redis_sink import BEAT_WITHIN_S
from jikimi.queue.redis_watch import RedisWatch
from jikimi.runtime.port import Running, UnitSpec
from jikimi.runtime.process import ProcessRuntime
from jikimi.schedule.inbox_watcher import QUEUE
from jikimi.status.document import UnitFact
from jikimi.supervisor.events import Asked, Note, Op
from jikimi.supervisor.evidence import Collector
from jikimi.supervisor.foreign import before_start, foreign_units
from jikimi.supervisor.hands import Hands
from jikimi.supervisor.keeper import Keeper
from jikimi.supervisor.look import Standing, publish
from jikimi.supervisor.notebook import WatchdogLog
from jikimi.supervisor.reception import ALLOWED, Reception
from jikimi.supervisor.rivals import warn_of_rivals
from jikimi.supervisor.rules import Limits, Rule
from jikimi.supervisor.stack import Ownership, owning
from jikimi.supervisor.standing import state_of
from jikimi.supervisor.state import State
from jikimi.supervisor.watch_beats import BeatWatch
from jikimi.supervisor.watch_probes import ProbeWatch
from jikimi.supervisor.watched import Watched
from jikimi.unit.fork import Tell
from jikimi.unit.pulse import Pulse

log = structlog.get_logger()
_FENCE_WITHIN_S = 1.0
_ERP_ASKED_EACH_S = 5.0
_LEAST_FREE_BYTES = 16_000_000  # below this nothing that starts could even write its log
_PUBLISHED_EACH = 2  # looks
_WEIGHED_EACH = 240


def run(context: Context, called: Called) -> None:
    """Own the home, and be the parent of the keeper.

    Raises:
        RunsAlready: another stack owns the home.
    """
    with owning(context.home, context.clock, context.config.settings.zone) as ownership:
        run_unit(
            context,
            called,
            child,
            sink=NoSink(),
            owns_tree=False,
            asked_to_end=ownership.asked_to_stop,
        )


def units_of(context: Context, watch: RedisWatch, *, units_only: bool, erp_runs: bool) -> list[Watched]:
    """Return the units in the order of their start; what has an address of its own is not ours to run."""
    config = context.config
    units = []
    if not units_only:
        units += [] if config.settings.redis.url else [_redis(context)]
        units += [] if config.settings.erp.url else [_erp(context, runs=erp_runs)]
        ours = [unit.rule.name for unit in units]
        needs = tuple(name for name in ours if name == "redis")
        rule = _rule_of(config.settings.watch)
        worker = replace(rule, name="erp-worker", after=tuple(ours), needs=needs, takes_work=True)
        scheduler = replace(rule, name="scheduler", after=needs, needs=needs, grace_s=10.0)
        units += [_service(config, worker, watch), _service(config, scheduler)]
    ours = [unit.rule.name for unit in units]
    return [*units, *foreign_units(config, context.clock, ours)]


def _rule_of(watch: Watch) -> Rule:
    return Rule(
        "",
        silent_s=watch.silent.total_seconds(),
        boot_s=watch.starts_within.total_seconds(),
        grace_s=watch.drain.total_seconds(),
        failures=watch.failed_rounds,
    )


def _limits_of(watch: Watch) -> Limits:
    return Limits(
        window_s=watch.within.total_seconds(),
        most_fruitless=watch.restarts,
        first_probe_s=watch.tried_again.total_seconds(),
        longest_probe_s=3 * watch.tried_again.total_seconds(),
    )


def _redis(context: Context) -> Watched:
    part = redis_part(context.home)
    rule = Rule(part.spec.name, beats=False, failures=0)
    return Watched(part.spec, rule, ProbeWatch(part.ready, context.clock))


def _erp(context: Context, *, runs: bool) -> Watched:
    part = erp_part(context.home, runs=runs)
    rule = Rule(part.spec.name, beats=False, silent_s=20.0, failures=0)
    return Watched(part.spec, rule, ProbeWatch(part.ready, context.clock, _ERP_ASKED_EACH_S))


def _service(config: Config, rule: Rule, waiting: RedisWatch | None = None) -> Watched:
    home = config.home
    command = [sys.executable, "-m", "jikimi", "--home", str(home.root), "--lang", config.lang, "serve", rule.name]
    beats: Path = home / "state/beats"
    watch = BeatWatch(beats, rule.name, waiting.waiting) if waiting else BeatWatch(beats, rule.name)
    return Watched(UnitSpec(rule.name, command, home / "logs" / f"{rule.name}.out"), rule, watch)


class _Service:
    """The keeper's loop, put together."""

    def __init__(self, context: Context, ownership: Ownership, *, units_only: bool) -> None:
        self._context, self._ownership = context, ownership
        clock, home = context.clock, context.home
        runtime = ProcessRuntime(home.run_dir.name)
        erp_runs = bool(runtime.find([ERP]))
        quick = connect(redis_address(context.config), retries=0, timeout_s=BEAT_WITHIN_S)
        self._redis_watch = RedisWatch(quick, QUEUE, clock)
        self._units_only = units_only
        self._units = units_of(context, self._redis_watch, units_only=units_only, erp_runs=erp_runs)
        specs = [unit.spec for unit in self._units]
        self._hands = Hands(runtime, specs, home / "state/units.json", fence=self._fence, prepare=self._prepare)
        self._prepare_foreign = before_start(context.config, self._hands.last, runtime.is_running)
        self._notices = Notices(home / "state/outbox.sqlite", channels_of(context.config, clock), clock)
        self._notices.start()
        self._lines = JsonLines(home / "outputs/watchdog_log.jsonl")
        collector = Collector(
            home / "outputs/evidence",
            specs,
            runtime,
            running=self._hands.running,
            sights=lambda: self.keeper.sights,
            found=self._evidence,
        )
        self._notebook = WatchdogLog(self._lines, clock, tell=self._tell, examine=collector.examine)
        keys = {actor: control_key(context, actor) for actor in ALLOWED}
        verifier = Verifier(keys, ALLOWED, clock)
        names = [unit.rule.name for unit in self._units]
        self._reception = Reception(ControlQueue(quick, verifier, clock), verifier, keys, names)
        self._door = LocalDoor(home.run_dir / "control.sock", self._reception.answer)
        self.keeper = Keeper(
            self._units,
            runtime,
            self._hands,
            clock,
            memory=home / "state/keeper.json",
            notebook=self._notebook,
            limits=_limits_of(context.config.settings.watch),
            orders=self._reception.orders,
            hold=self._hold,
        )
        self._runtime, self._weights = runtime, dict[str, dict[str, float]]()
        self._looks = 0

    def ask(self, asked: Asked) -> None:
        """Have an order obeyed at the next look."""
        self._reception.ask(asked)

    def tick(self) -> None:
        """Look once and make it public."""
        self.keeper.tick()
        stack = self.keeper.stack
        states = {unit.rule.name: state_of(stack.units[unit.rule.name], unit.rule, stack) for unit in self._units}
        self._notebook.call_the_roll(stack, states)
        self._looks += 1
        if self._looks % _PUBLISHED_EACH == 1 or self.keeper.is_empty:
            try:
                self._ownership.renew()
                self._publish(states)
            except OSError as error:  # a full disk: the snapshot gets old, and says so by its age
                log.warning("status.not_written", why=str(error))

    def _publish(self, states: dict[str, State]) -> None:
        config, stack = self._context.config, self.keeper.stack
        own = read_beat(config.home / "state/beats", "supervisor") or {}
        facts = [UnitFact("supervisor", State.HEALTHY, own.get("pid"), 0, own)]
        for name, unit in stack.units.items():
            running, sight = self._hands.running.get(name), self.keeper.sights.get(name)
            pid = running.pid if running and unit.life else None
            says = {**self._weight(name, running), **(sight.says if sight else {})}
            facts.append(UnitFact(name, states[name].value, pid, unit.restarts, says))
        incidents = [
            {"id": unit.incident.id, "unit": name, "cause": unit.incident.cause}
            for name, unit in stack.units.items()
            if unit.incident
        ]
        stale = () if self._units_only or stack.is_ending else self._redis_watch.stale()
        elsewhere = [name for name in stale if name not in stack.units]
        standing = Standing(is_down=stack.is_ending, hold=stack.hold, elsewhere=elsewhere, incidents=incidents)
        publish(config, self._context.clock, facts, erp_address(config), standing)

    def _hold(self) -> str:
        free = shutil.disk_usage(self._context.home.root).free
        if free < _LEAST_FREE_BYTES:
            return "disk"
        return "redis takes no writes" if not self._units_only and self._redis_watch.refuses_writes() else ""

    def _weight(self, name: str, running: Running | None) -> dict[str, float]:
        """Return what a unit uses, weighed every two minutes; one of ours says it in its beats, more often."""
        if running is not None and self._looks % _WEIGHED_EACH == 1:
            usage = self._runtime.usage(running)
            self._weights[name] = {"rss_mb": round(usage.rss_bytes / 1e6, 1), "cpu_s": round(usage.cpu_s, 2)}
        return self._weights.get(name, {}) if running else {}

    def close(self) -> None:
        """Let what is still to be sent go out, for a moment."""
        self._door.close()
        self._notices.close()

    def _prepare(self, unit: str) -> None:
        self._prepare_foreign(unit)

    def warn_of_rivals(self) -> None:
        """Say which old watchdogs still look after the same programs; it takes seconds on some systems."""

        def own(unit: str) -> list[int]:
            running = self._hands.running.get(unit)
            return [running.pid] if running else []

        warn_of_rivals(self._context.config, own)

    def _tell(self, note: Note) -> None:
        """Put what a person must hear into the outbox; its senders work in threads of their own."""
        settings, at = self._context.config.settings, self._context.clock.now()
        told = Told(note.step.value, note.unit, str(note.why), note.incident, note.facts)
        message = message_of(told, at, company=settings.company.name, zone=settings.zone, called=self._context.called)
        self._notices.put(message)

    def _fence(self, unit: str) -> None:
        config = self._context.config
        if unit == "erp-worker":
            redis = connect(redis_address(config), retries=0, timeout_s=_FENCE_WITHIN_S)
            fence_all([RedisLease(redis, ledger.value, unit, config.settings.posting.lease) for ledger in Ledger])

    def _evidence(self, unit: str, incident: str, path: Path) -> None:
        file = path.relative_to(self._context.home.root)
        line = {"at": self._context.clock.now().isoformat(timespec="milliseconds"), "step": "evidence"}
        self._lines.append({**line, "unit": unit, "incident": incident, "file": str(file)})


def child(context: Context, called: Called, tell: Tell) -> None:
    """Keep the units until told to end; then stop them in order, and end. The home is its parent's."""
    ownership = Ownership(context.home, context.clock, context.config.settings.zone)
    service = _Service(context, ownership, units_only=called.units_only)
    pulse = Pulse(tell)
    Thread(target=service.warn_of_rivals, name="rivals", daemon=True).start()

    def end(_number: int, _frame: FrameType | None) -> None:
        service.ask(Asked(Op.DOWN, "down"))

    signal.signal(signal.SIGTERM, end)
    while not (service.keeper.stack.is_ending and service.keeper.is_empty):
        service.tick()
        pulse.idle()
        service.keeper.rest()
    service.close()
    log.info("stack.stopped")
