"""The keeper's loop, put together: it looks, and makes public what it saw."""

import platform
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

import structlog

from jikimi.backup.restored import CONCERNED, go_on, is_unfinished, waits_for_resume
from jikimi.beats.beat_file import read_beat
from jikimi.broker import connect
from jikimi.cli.context import Context, addresses_of, redis_address
from jikimi.cli.order import control_key
from jikimi.cli.schedules import list_reader
from jikimi.cli.serve.conducting import conductor_of
from jikimi.cli.serve.figures import Figures
from jikimi.cli.serve.flow_watch import FlowWatch
from jikimi.cli.serve.ground import Ground, limits_of, redis_watch
from jikimi.cli.serve.safe_watch import SafeWatch
from jikimi.config.model import Ledger
from jikimi.logs import JsonLines
from jikimi.metrics.reading import QueueReading
from jikimi.notify.channels import channels_of
from jikimi.notify.notices import Notices
from jikimi.notify.wording import Told, message_of
from jikimi.queue.control import ControlQueue, Verifier
from jikimi.queue.hand_back import fence_all
from jikimi.queue.keeper_lease import KeeperLease
from jikimi.queue.local_control import LocalDoor
from jikimi.queue.redis_lease import RedisLease
from jikimi.queue.redis_sink import BEAT_WITHIN_S
from jikimi.runtime.port import Running
from jikimi.schedule.inbox_watcher import QUEUE
from jikimi.schedule.listing import ScheduleWatch
from jikimi.status.document import Check, UnitFact
from jikimi.supervisor.conductor import BY
from jikimi.supervisor.daily import DailyRestarts
from jikimi.supervisor.events import Asked, Note, Op
from jikimi.supervisor.evidence import Collector
from jikimi.supervisor.hands import Hands
from jikimi.supervisor.keeper import Keeper
from jikimi.supervisor.look import Standing, publish
from jikimi.supervisor.notebook import WatchdogLog
from jikimi.supervisor.reception import ALLOWED, Reception
from jikimi.supervisor.rivals import warn_of_rivals
from jikimi.supervisor.stack import Ownership
from jikimi.supervisor.standing import state_of
from jikimi.supervisor.state import State
from jikimi.supervisor.upkeep import Upkeep
from jikimi.text import Text

log = structlog.get_logger()
_FENCE_WITHIN_S = 1.0
_LEAST_FREE_BYTES = 16_000_000  # below this nothing that starts could even write its log
_PUBLISHED_EACH_S = 1.0
_WEIGHED_EACH = 240
_LATE = Text("때가 지났는데 실행되지 않습니다: {names}", "due, and not fired: {names}")
_LATE_CURE = Text("jikimi schedule list와 jikimi status를 보세요", "look at `jikimi schedule list` and `jikimi status`")


class Keeping:
    """Keeps the units of *ground*."""

    def __init__(self, context: Context, ownership: Ownership, ground: Ground, *, units_only: bool) -> None:
        self._context, self._ownership, self._ground, self._units_only = context, ownership, ground, units_only
        clock, home = context.clock, context.home
        self._redis_watch = redis_watch(context)
        self._lease = _lease_of(context)
        specs = [unit.spec for unit in ground.units]
        self._hands = Hands(ground.runtime, specs, home / "state/units.json", fence=self._fence, prepare=self._prepare)
        self._before_start = ground.before_start(self._hands)
        self._notices = Notices(home / "state/outbox.sqlite", channels_of(context.config, clock), clock)
        self._notices.start()
        self._lines = JsonLines(home / "outputs/watchdog_log.jsonl")
        collector = Collector(
            home / "outputs/evidence",
            specs,
            ground.runtime,
            running=self._hands.running,
            sights=lambda: self.keeper.sights,
            found=self._evidence,
        )
        self._notebook = WatchdogLog(self._lines, clock, tell=self._tell, examine=collector.examine)
        self._figures = Figures(self._notebook, clock, context.config.settings.metrics.listen)
        self._reception, self._door = self._open_door([unit.rule.name for unit in ground.units])
        self.keeper = Keeper(
            ground.units,
            ground.runtime,
            self._hands,
            clock,
            memory=home / "state/keeper.json",
            notebook=self._figures,
            limits=limits_of(context.config.settings.watch, ground.looks_each_s),
            orders=self._orders,
            hold=self._hold,
            listens_each_s=ground.listens_each_s,
        )
        rules = [unit.rule for unit in ground.units]
        self._conductor = conductor_of(context, rules, self.ask, lambda note: self._figures.write(note, None))
        self._daily = _daily_of(context, {rule.name for rule in rules})
        read = list if units_only else list_reader(context, BEAT_WITHIN_S)
        self._schedules = ScheduleWatch(read, clock)
        self._safe = None if units_only else SafeWatch(context)
        self._flows = None if units_only else FlowWatch(context)
        self._upkeep = Upkeep(context.config, clock)
        self._weights = dict[str, dict[str, float]]()
        self._looks = 0
        self._published_each = max(1, round(_PUBLISHED_EACH_S / ground.looks_each_s))
        if is_unfinished(home):  # an engine that was restarted has started them; nothing runs on a mix
            self.ask(Asked(Op.STOP, "restore", tuple(self._concerned()), "restore unfinished"))
        if waits_for_resume(home):
            self.ask(Asked(Op.PAUSE, "restore", note="restored"))

    def _orders(self) -> Sequence[Asked]:
        """Return what the policy is asked for; the timetable's restart of everything goes to its conductor."""
        orders = self._reception.orders()
        for asked in orders:
            if asked.op in (Op.RESUME, Op.START) and self._lets_work(asked):
                go_on(self._context.home)
            if self._conductor.takes(asked):
                self._conductor.begin(self.keeper.stack, again=asked.by != BY)
        return [asked for asked in orders if not self._conductor.takes(asked)]

    def _concerned(self) -> list[str]:
        """Return the units that work with what a restore exchanges."""
        return [unit.rule.name for unit in self._ground.units if unit.rule.name in CONCERNED]

    def _lets_work(self, asked: Asked) -> bool:
        """Return whether an order concerns a unit that takes work; the first such one ends the pause of a restore."""
        workers = {unit.rule.name for unit in self._ground.units if unit.rule.takes_work}
        return not asked.units or bool(workers & set(asked.units))

    def _open_door(self, names: Sequence[str]) -> tuple[Reception, LocalDoor]:
        """Return what takes orders: from the queue, and on this machine where that is away."""
        context = self._context
        keys = {actor: control_key(context, actor) for actor in ALLOWED}
        verifier = Verifier(keys, ALLOWED, context.clock)
        quick = connect(redis_address(context.config), retries=0, timeout_s=BEAT_WITHIN_S)
        reception = Reception(ControlQueue(quick, verifier, context.clock), verifier, keys, names)
        return reception, LocalDoor(context.home.run_dir / "control.sock", reception.answer)

    @property
    def has_ended(self) -> bool:
        """Whether the stack was told to end and nothing of it runs any more."""
        return self.keeper.stack.is_ending and self.keeper.is_empty

    def ask(self, asked: Asked) -> None:
        """Have an order obeyed at the next look."""
        self._reception.ask(asked)

    def rest(self) -> None:
        """Wait until the next look is due."""
        self.keeper.rest()

    def tick(self) -> None:
        """Look once and make it public."""
        for order in self._daily.orders():
            self.ask(order)
        self._upkeep.look()
        with self._figures.measured():
            self.keeper.tick()
        states = self._states()
        self._conductor.tick(self.keeper.stack, states)
        self._notebook.call_the_roll(self.keeper.stack, states)
        self._looks += 1
        if (self._looks - 1) % self._published_each == 0 or self.keeper.is_empty:
            try:
                self._ownership.renew()
                self._publish(states)
            except OSError as error:  # a full disk: the snapshot gets old, and says so by its age
                log.warning("status.not_written", why=str(error))

    def _states(self) -> dict[str, State]:
        """Return how each unit stands."""
        stack, rules = self.keeper.stack, [unit.rule for unit in self._ground.units]
        return {rule.name: state_of(stack.units[rule.name], rule, stack) for rule in rules}

    def _publish(self, states: dict[str, State]) -> None:
        config, stack = self._context.config, self.keeper.stack
        own = read_beat(config.home / "state/beats", "supervisor") or {}
        facts = [UnitFact("supervisor", State.HEALTHY, own.get("pid"), 0, own)]
        facts += [self._fact(name, state.value) for name, state in states.items()]
        incidents = [
            {"id": unit.incident.id, "unit": name, "cause": unit.incident.cause}
            for name, unit in stack.units.items()
            if unit.incident
        ]
        watches = [watch for watch in (self._safe, self._flows) if watch]
        for watch in watches:
            watch.look()
        stale = () if self._units_only or stack.is_ending else self._redis_watch.stale()
        standing = Standing(
            is_down=stack.is_ending,
            hold=stack.hold,
            elsewhere=[name for name in stale if name not in stack.units],
            incidents=incidents,
            missing=self._ground.missing(),
            is_restored=waits_for_resume(config.home),
            schedules=self._schedules.schedules(),
            backup=self._safe.backup if self._safe else {},
            checks=[*(check for watch in watches for check in watch.checks), self._late()],
        )
        document = publish(config, self._context.clock, facts, addresses_of(config), standing)
        rules = {unit.rule.name: unit.rule for unit in self._ground.units}
        queue = QueueReading(QUEUE, self._redis_watch.waiting(), self._redis_watch.oldest_s())
        self._figures.show(stack, rules, document, [] if self._units_only else [queue])

    def _late(self) -> Check:
        """Say whether the clock has stopped: that nothing fires is seen by nobody else."""
        late, lang = self._schedules.late(), self._context.lang
        if not late:
            return Check("schedules", "ok", "")
        return Check("schedules", "ng", _LATE.say(lang, names=", ".join(late)), _LATE_CURE.say(lang))

    def _fact(self, name: str, state: str) -> UnitFact:
        unit = self.keeper.stack.units[name]
        running, sight = self._hands.running.get(name), self.keeper.sights.get(name)
        says = {**self._weight(name, running), **(sight.says if sight else {})}
        pid = running.pid if running and unit.life and self._ground.has_pids else None
        if unit.life and not self._ground.has_pids:
            pid = says.get("pid")
        return UnitFact(name, state, pid, unit.restarts, says, unit.life)

    def _hold(self) -> str:
        if away := self._ground.away():
            return away
        if shutil.disk_usage(self._context.home.root).free < _LEAST_FREE_BYTES:
            return "disk"
        if self._units_only:
            return ""
        if self._lease.other():
            return "another keeper"
        return "redis takes no writes" if self._redis_watch.refuses_writes() else ""

    def _weight(self, name: str, running: Running | None) -> dict[str, float]:
        """Return what a unit uses, weighed every two minutes; one of ours says it in its beats, more often."""
        is_due = running is not None and self._looks % _WEIGHED_EACH == 1
        if running is not None and is_due and (usage := self._ground.runtime.usage(running)):
            self._weights[name] = {"rss_mb": round(usage.rss_bytes / 1e6, 1), "cpu_s": round(usage.cpu_s, 2)}
        return self._weights.get(name, {}) if running else {}

    def close(self) -> None:
        """Let what is still to be sent go out, for a moment."""
        self._door.close()
        self._notices.close()

    def _prepare(self, unit: str) -> None:
        self._before_start(unit)

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


def _lease_of(context: Context) -> KeeperLease:
    engine, address = context.config.settings.engine, redis_address(context.config)
    here = engine.project if engine.url else platform.node()  # a container's own name does not last
    quick = connect(address, retries=0, timeout_s=BEAT_WITHIN_S)
    return KeeperLease(quick, f"{here}:{context.home.root}", context.clock)


def _daily_of(context: Context, known: Collection[str]) -> DailyRestarts:
    """Return what asks for the restarts of the *known* programs that are not ours."""
    settings = context.config.settings
    times = {name: unit.restart_at for name, unit in settings.units.items() if unit.restart_at and name in known}
    return DailyRestarts(times, context.clock, settings.zone, context.home / "state/daily.json")
