"""The daily restart, put together: its conductor, and what it can do here."""

from collections.abc import Callable, Collection
from contextlib import suppress

from jikimi.backup.lock import runs
from jikimi.broker import connect
from jikimi.cli.context import Context, redis_address, serializer
from jikimi.queue.port import QueueAway
from jikimi.queue.redis_sink import BEAT_WITHIN_S
from jikimi.queue.rq_queue import RqQueue
from jikimi.supervisor.conductor import Conductor, Hall
from jikimi.supervisor.events import Asked, Note
from jikimi.supervisor.rules import Rule
from jikimi.supervisor.sweep import sweep

_FIGURES = ("prometheus", "grafana")  # they keep figures and do no work; a restart would only tear a hole into them


def conductor_of(
    context: Context, rules: Collection[Rule], ask: Callable[[Asked], None], write: Callable[[Note], None]
) -> Conductor:
    """Return what conducts the daily restart of our own units; programs that are not ours have `restart_at`."""
    config, clock, home = context.config, context.clock, context.home
    queue = RqQueue(connect(redis_address(config), retries=0, timeout_s=BEAT_WITHIN_S), serializer(config.home), clock)
    names = [rule.name for rule in rules]

    def probe(job: str) -> None:
        with suppress(QueueAway):
            queue.submit("ping", {}, job)

    def outcome(job: str) -> str:
        try:
            return queue.outcome(job)
        except QueueAway:
            return "waiting"

    def clear() -> None:
        sweep(home, [*names, "supervisor"], clock.now())

    hall = Hall(
        ask=ask,
        write=write,
        clear=clear,
        probe=probe,
        outcome=outcome,
        backup_runs=lambda: runs(home / "state/backup"),
    )
    ours = [
        rule for rule in rules if rule.is_ours and rule.name not in config.settings.units and rule.name not in _FIGURES
    ]
    return Conductor(ours, hall, clock, zone=config.settings.zone, memory=home / "state/daily_restart.json")
