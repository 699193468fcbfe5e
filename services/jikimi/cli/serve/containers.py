"""A stack of containers: compose has made them, the engine starts them at boot, the keeper heals them by the door."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from jikimi.broker import asked_often
from jikimi.cli.context import Context, redis_address
from jikimi.cli.serve.ground import Ground, redis_watch, service_rule, worker_rule
from jikimi.clock import Clock
from jikimi.compose.names import container_of
from jikimi.config.foreign import ForeignUnit
from jikimi.config.unit_values import host_and_port
from jikimi.runtime.docker import DockerRuntime
from jikimi.runtime.port import UnitSpec
from jikimi.supervisor.events import ENGINE, SETTLING
from jikimi.supervisor.ports import answers_http, takes_connections
from jikimi.supervisor.rules import Rule
from jikimi.supervisor.watch_beats import BeatWatch, SinceBegin
from jikimi.supervisor.watch_container import ContainerWatch
from jikimi.supervisor.watch_probes import ProbeWatch, pause_of
from jikimi.supervisor.watched import Watch, Watched

_SETTLES_S = 20.0  # after a boot the engine starts what it had, one after the other; that is nobody's failure
_ASKED_EACH_S = 5.0
# what ends is told by the engine, which takes longer than that itself; a look is for what hangs
_LOOKS_EACH_S, _LISTENS_EACH_S = 1.0, 0.2
_DATABASE = ("erp-db", 5432)
_FLOWS = "rpa-worker"
_PAGES = {"prometheus": "http://prometheus:9090/-/ready", "grafana": "http://grafana:3000/api/health"}


def containers(context: Context) -> Ground:
    """Return the ground of a compose stack."""
    engine, clock = context.config.settings.engine, context.clock
    foreign = {name: unit for name, unit in context.config.settings.units.items() if unit.container}
    ours = ["redis", *_erp_services(context), "erp-worker", _FLOWS, "scheduler", "backup"]
    names = {name: container_of(engine.project, name) for name in [*ours, *_PAGES]}
    names.update({name: unit.container or "" for name, unit in foreign.items()})
    unheard = [name for name, unit in foreign.items() if unit.sign == "container"]  # nothing else shows that it ended
    runtime = DockerRuntime(names, engine.url, clock, unheard=unheard)
    # what shows figures may be left out of a stack, and so may flows: they are watched where they are there
    pages = [name for name in _PAGES if not runtime.circumstances(name).is_missing]
    ours_here = [unit for unit in _ours(context) if unit.rule.name != _FLOWS or _is_made(runtime, _FLOWS)]
    units = [*ours_here, *(_page(context, name) for name in pages)]
    units += [_foreign(context, name, unit) for name, unit in foreign.items()]
    known = [unit.rule.name for unit in units]
    return Ground(
        runtime,
        units,
        away=Settling(runtime, known, clock).away,
        missing=lambda: [name for name in known if runtime.circumstances(name).is_missing],
        looks_each_s=_LOOKS_EACH_S,
        listens_each_s=_LISTENS_EACH_S,
        ends_units=False,
        has_pids=False,
    )


def _is_made(runtime: DockerRuntime, unit: str) -> bool:
    """Return whether the unit's container is there, started or not; it counts as there while the engine is away."""
    return runtime.containers.get(unit) is not None or runtime.is_away


class Settling:
    """Says why nothing may be judged: the engine is away, or has not yet started all that it had before a boot."""

    def __init__(self, runtime: DockerRuntime, units: Sequence[str], clock: Clock) -> None:
        self._runtime, self._units, self._clock = runtime, units, clock
        self._until: float | None = clock.ticks() + _SETTLES_S

    def away(self) -> str:
        """Return the hold, "" for none; what has run once may be judged from then on."""
        if self._runtime.is_away:
            self._until = self._clock.ticks() + _SETTLES_S
            return ENGINE
        if self._until is None:
            return ""
        if self._clock.ticks() > self._until or len(self._runtime.find(self._units)) == len(self._units):
            self._until = None
            return ""
        return SETTLING


def _erp_services(context: Context) -> Sequence[str]:
    """Return the services of the ERP, where it is the one of this stack."""
    return ("erp-db", "erp") if urlsplit(context.config.settings.erp.url).hostname == "erp" else ()


def _ours(context: Context) -> list[Watched]:
    config, limits = context.config, context.config.settings.watch
    erp = _erp_services(context)
    watch = redis_watch(context)
    ready = answers_http(f"{config.settings.erp.url}/jikimi/ready")
    probes: dict[str, Callable[[int], bool]] = {"erp-db": takes_connections(*_DATABASE), "erp": ready}
    lives = asked_often(redis_address(config))
    redis = Rule("redis", beats=False, failures=0)
    units = [_watched(context, redis, ProbeWatch(lambda _: lives(), context.clock))]
    for name in erp:
        needs = ("erp-db",) if name == "erp" else ()
        rule = Rule(name, after=needs, needs=needs, beats=False, silent_s=20.0, boot_s=120.0, failures=0)
        units.append(_watched(context, rule, ProbeWatch(probes[name], context.clock, _ASKED_EACH_S)))
    # whether a container's first process is stopped cannot be seen from here: one that beats no more is taken for it
    worker = replace(worker_rule(limits, "erp-worker", ["redis", *erp], ["redis"]), is_deaf=True)
    scheduler = replace(service_rule(limits, "scheduler", ["redis"], ["redis"]), grace_s=10.0, is_deaf=True)
    units.append(_watched(context, worker, _beats(context, worker.name, watch.waiting)))
    flows = replace(worker_rule(limits, _FLOWS, ["redis"], ["redis"]), is_deaf=True)
    # it saves without the queue as well
    backup = replace(service_rule(limits, "backup", ["redis"], ()), grace_s=10.0, is_deaf=True)
    units += [_watched(context, rule, _beats(context, rule.name)) for rule in (flows, scheduler, backup)]
    return units


def _beats(context: Context, name: str, waiting: Callable[[], int] = lambda: 0) -> BeatWatch:
    return BeatWatch(context.home / "state/beats", name, waiting, SinceBegin())


def _page(context: Context, name: str) -> Watched:
    rule = Rule(name, beats=False, silent_s=60.0, boot_s=180.0, failures=0)
    return _watched(context, rule, ProbeWatch(answers_http(_PAGES[name]), context.clock, _ASKED_EACH_S))


def _foreign(context: Context, name: str, unit: ForeignUnit) -> Watched:
    rule = Rule(
        name,
        needs=unit.needs,
        silent_s=unit.silent.total_seconds(),
        boot_s=(unit.starts_within or unit.silent).total_seconds(),
        grace_s=unit.grace.total_seconds(),
        beats=False,
        failures=0,
        observe_s=unit.observe.total_seconds(),
    )
    return _watched(context, rule, _sign_of(context, unit))


def _sign_of(context: Context, unit: ForeignUnit) -> Watch:
    every_s = pause_of(unit.silent.total_seconds())
    if unit.tcp:
        return ProbeWatch(takes_connections(*host_and_port(unit.tcp)), context.clock, every_s)
    return ProbeWatch(answers_http(unit.http), context.clock, every_s) if unit.http else ContainerWatch()


def _watched(context: Context, rule: Rule, watch: Watch) -> Watched:
    """Return a unit; what its container says goes to the engine, what ours write down lies in the home."""
    return Watched(UnitSpec(rule.name, (), context.home / "logs" / f"{rule.name}.jsonl"), rule, watch)
