"""A stack of processes of this machine."""

import sys
from dataclasses import replace

from jikimi.cli.context import Context
from jikimi.cli.serve.ground import Ground, redis_watch, service_rule, worker_rule
from jikimi.config import Config
from jikimi.embedded.redis_server import redis_part
from jikimi.embedded.tryton_server import NAME as ERP
from jikimi.embedded.tryton_server import erp_part
from jikimi.queue.redis_watch import RedisWatch
from jikimi.rpa.browsers import NoBrowser, find_browser
from jikimi.runtime.port import UnitSpec
from jikimi.runtime.process import ProcessRuntime
from jikimi.supervisor.foreign import before_start, foreign_units
from jikimi.supervisor.rules import Rule
from jikimi.supervisor.watch_beats import BeatWatch
from jikimi.supervisor.watch_probes import ProbeWatch
from jikimi.supervisor.watched import Watched

_ERP_ASKED_EACH_S = 5.0


def processes(context: Context, *, units_only: bool) -> Ground:
    """Return the ground of an embedded stack."""
    runtime = ProcessRuntime(context.home.run_dir.name)
    erp_runs = bool(runtime.find([ERP]))
    return Ground(
        runtime,
        units_of(context, redis_watch(context), units_only=units_only, erp_runs=erp_runs),
        before_start=lambda hands: before_start(context.config, hands.last, runtime.is_running),
    )


def units_of(context: Context, watch: RedisWatch, *, units_only: bool, erp_runs: bool) -> list[Watched]:
    """Return the units in the order of their start; what has an address of its own is not ours to run."""
    config, limits = context.config, context.config.settings.watch
    units = []
    if not units_only:
        units += [] if config.settings.redis.url else [_redis(context)]
        units += [] if config.settings.erp.url else [_erp(context, runs=erp_runs)]
        ours = [unit.rule.name for unit in units]
        needs = [name for name in ours if name == "redis"]
        scheduler = replace(service_rule(limits, "scheduler", needs, needs), grace_s=10.0)
        units += [_service(config, worker_rule(limits, "erp-worker", ours, needs), watch)]
        if has_browser(config):
            units += [_service(config, worker_rule(limits, "rpa-worker", needs, needs))]
        units += [_service(config, scheduler)]
        # it saves without the queue as well
        units += [_service(config, replace(service_rule(limits, "backup", needs, ()), grace_s=10.0))]
    ours = [unit.rule.name for unit in units]
    return [*units, *foreign_units(config, context.clock, ours)]


def has_browser(config: Config) -> bool:
    """Return whether flows can be run on this machine; without a browser their worker is not started."""
    try:
        find_browser(config.settings.rpa.browser)
    except NoBrowser:
        return False
    return True


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
    beats = home / "state/beats"
    watch = BeatWatch(beats, rule.name, waiting.waiting) if waiting else BeatWatch(beats, rule.name)
    return Watched(UnitSpec(rule.name, command, home / "logs" / f"{rule.name}.out"), rule, watch)
