"""What a restore needs of the stack that it is done to: that it stands still, and where its parts are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from jikimi.backup.building import Layout, Make, home_layout
from jikimi.backup.container_parts import container_parts, places_of
from jikimi.backup.databases import Databases, rows_wrong
from jikimi.backup.lock import holding
from jikimi.backup.port import Damaged
from jikimi.backup.queue_keys import QueueKeys
from jikimi.backup.redis_dump import dump_redis
from jikimi.backup.restored import CONCERNED, WORKERS, waits_for_resume
from jikimi.backup.scratch_redis import ScratchRedis
from jikimi.backup.switch import Kind, Part
from jikimi.backup.switch_files import Store, pending
from jikimi.backup.wanted import REDIS
from jikimi.beats.beat_file import read_beat
from jikimi.cli.context import Context, redis_address
from jikimi.cli.down import stop
from jikimi.cli.order import ask
from jikimi.config.model import Ledger
from jikimi.embedded.redis_server import redis_server_binary
from jikimi.errors import JikimiError, NotWell
from jikimi.supervisor.keeper import wants_in
from jikimi.supervisor.stack import owner, owning
from jikimi.supervisor.state import Wanted
from jikimi.text import Text

_ACTOR, _NOTE, _ERP = "backup", "restore", "erp"
_MEMORY = "state/keeper.json"
_STILL_WITHIN_S, _LOOK_S, _SILENT_S = 200.0, 0.5, 5.0
_ASK_RUNNING = Text("지킴이가 실행 중입니다. 먼저 끌까요?", "the stack runs; stop it first?")
_ASK_TO_STOP = Text(
    "복원하는 동안 ERP와 작업자를 멈춥니다. 계속할까요?", "the ERP and the workers are stopped meanwhile; go on?"
)
_NOT_STARTED = Text(
    "다시 켜 달라고 하지 못했습니다({why}). 켜려면: jikimi start {units}",
    "could not ask for a start ({why}); to start: jikimi start {units}",
)
Agrees = Callable[[str], bool]


class StackRuns(NotWell):
    """A restore exchanges what a running stack works with."""

    what = Text("지킴이가 실행 중입니다 (프로세스 {pid})", "the stack runs (process {pid})")
    remedy = Text(
        "끄고 복원하려면 `--yes`를 붙이거나 먼저 `jikimi down`",
        "add `--yes` to have it stopped, or `jikimi down` first",
    )


class WorkGoesOn(NotWell):
    """A restore exchanges what running containers work with."""

    what = Text("ERP와 작업자가 실행 중입니다", "the ERP and the workers run")
    remedy = Text("복원하는 동안 멈추려면 `--yes`를 붙이세요", "add `--yes` to have them stopped meanwhile")


class NotStill(NotWell):
    """The containers that a restore concerns go on working."""

    what = Text("멈추지 않아 복원하지 않았습니다: {names}", "nothing was restored, for these do not stop: {names}")
    remedy = Text("jikimi status와 jikimi incidents를 보세요", "look at `jikimi status` and `jikimi incidents`")


@dataclass(frozen=True, slots=True)
class Ground:
    """A stack as a restore sees it.

    Attributes:
        alone: keeps everybody else from restoring while a block runs; may ask a person first.
        quiet: has the stack stand still until that block ends; called once it is sure that there is something to do.
        no_backup: keeps backups from running while the journal is begun.
        layout: which parts there are. makers, stores: of those that are no files.
    """

    alone: Callable[[Agrees], AbstractContextManager[None]]
    quiet: Callable[[], None]
    no_backup: Callable[[], AbstractContextManager[object]]
    layout: Layout
    makers: Mapping[Kind, Make] = field(default_factory=dict)
    stores: Mapping[Kind, Store] = field(default_factory=dict)


def ground_of(context: Context) -> Ground:
    """Return the ground of this stack: processes of this machine, or containers."""
    return _containers(context) if context.home.elsewhere else _processes(context)


def scratch_redis(context: Context) -> ScratchRedis:
    """Return what loads a dump of the queue."""
    return ScratchRedis(redis_server_binary(), context.home.run_dir / "restore", context.clock)


def _processes(context: Context) -> Ground:
    settings = context.config.settings
    elsewhere = [name for name, url in (("redis", settings.redis.url), ("erp", settings.erp.url)) if url]

    @contextmanager
    def alone(agrees: Agrees) -> Iterator[None]:
        if (found := owner(context.home)) is not None:
            if not agrees(_ASK_RUNNING.say(context.lang)):
                raise StackRuns(pid=found.pid)
            stop(context)
        with owning(context.home, context.clock, settings.zone):
            yield

    return Ground(
        alone,
        lambda: None,
        lambda: holding(context.home / "state/backup", context.clock, settings.zone),
        home_layout(context.home.root.resolve(), elsewhere),
    )


def _containers(context: Context) -> Ground:
    books, queue = Databases(context.config.settings.erp.database), redis_address(context.config)
    ledgers = tuple(ledger.value for ledger in Ledger) if context.config.settings.erp.database else ()
    places, stack = places_of(context.home, ledgers), _Containers(context, books, ledgers)

    def database(part: Part, stage: Path, rows: Mapping[str, int]) -> None:
        if rows_wrong(part.name, rows, books.load(part.new, stage / part.name)):
            raise Damaged(snapshot=part.name, why="not the rows that were counted")

    def dumps(part: Part, stage: Path, _rows: Mapping[str, int]) -> None:
        dump_redis(queue, Path(part.old))
        (stage / REDIS).replace(part.new)
        Path(part.new).chmod(0o600)

    return Ground(
        stack.alone,
        stack.quiet,
        nullcontext,  # nobody saves all the while
        lambda names, only, stamp: container_parts(names, only, places, stamp),
        {Kind.DATABASE: database, Kind.QUEUE: dumps},
        {Kind.DATABASE: books, Kind.QUEUE: QueueKeys(queue, lambda: scratch_redis(context))},
    )


class _Containers:
    """Has the supervisor stop what works with the books, and start again what ran."""

    def __init__(self, context: Context, books: Databases, ledgers: Sequence[str]) -> None:
        self._context, self._books, self._ledgers = context, books, ledgers
        known = wants_in(context.home / _MEMORY)
        there = [unit for unit in CONCERNED if ledgers or unit != _ERP]
        self._units = [unit for unit in there if unit in known or not known]  # flows may be left out of a stack
        self._were: dict[str, str] = {}
        self._agrees: Agrees = lambda _question: False

    @contextmanager
    def alone(self, agrees: Agrees) -> Iterator[None]:
        context, self._agrees = self._context, agrees
        with holding(context.home / "state/backup", context.clock, context.config.settings.zone):
            try:
                yield
            finally:
                if pending(context.home.root) is None:  # else nothing starts before it is finished or undone
                    self._start()

    def quiet(self) -> None:
        if not self._agrees(_ASK_TO_STOP.say(self._context.lang)):
            raise WorkGoesOn
        goes_on = pending(self._context.home.root) is not None  # whoever was killed had stopped all of them
        self._were = dict.fromkeys(self._units, Wanted.RUN.value) if goes_on else self._wanted()
        self._order("stop", self._units)
        self._wait()

    def _wanted(self) -> dict[str, str]:
        """Return how each is wanted, as the supervisor remembers it: what a person has stopped stays so."""
        known = wants_in(self._context.home / _MEMORY)
        return {name: known.get(name, Wanted.RUN.value) for name in self._units}

    def _start(self) -> None:
        waits = waits_for_resume(self._context.home)
        paused = [name for name, was in self._were.items() if was == Wanted.PAUSE or (name in WORKERS and waits)]
        paused = [name for name in paused if self._were[name] != Wanted.STOP]
        started = [name for name, was in self._were.items() if was == Wanted.RUN and name not in paused]
        try:
            for op, units in (("start", started), ("pause", paused)):
                if units:
                    self._order(op, units)
        except JikimiError as error:  # what was restored is restored
            self._context.say(_NOT_STARTED, why=error, units=" ".join(started))

    def _order(self, op: str, units: list[str]) -> None:
        wish = {"at": self._context.clock.now().isoformat(), "units": units, "note": _NOTE}
        ask(self._context, op, wish, _ACTOR)

    def _wait(self) -> None:
        clock = self._context.clock
        give_up_at = clock.ticks() + _STILL_WITHIN_S
        while busy := [*self._beating(), *self._connected()]:
            if clock.ticks() > give_up_at:
                raise NotStill(names=", ".join(busy))
            clock.wait(_LOOK_S)

    def _beating(self) -> list[str]:
        now, beats = self._context.clock.now(), self._context.home / "state/beats"
        found = {unit: read_beat(beats, unit) for unit in self._units if unit != _ERP}  # it beats nowhere
        return [
            unit
            for unit, beat in found.items()
            if beat and (now - datetime.fromisoformat(beat["at"])).total_seconds() < _SILENT_S
        ]

    def _connected(self) -> list[str]:
        return [ledger for ledger in self._ledgers if self._books.is_used(ledger)]
