"""What a keeper stands on: the units of this stack and what runs them, as processes or as containers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from jikimi.broker import connect
from jikimi.cli.context import Context, redis_address
from jikimi.config.watch import Watch
from jikimi.queue.redis_sink import BEAT_WITHIN_S
from jikimi.queue.redis_watch import RedisWatch
from jikimi.runtime.port import Runtime
from jikimi.schedule.inbox_watcher import QUEUE
from jikimi.supervisor.hands import Hands
from jikimi.supervisor.keeper import LISTENS_EACH_S
from jikimi.supervisor.rules import Limits, Rule
from jikimi.supervisor.watched import Watched


@dataclass(frozen=True, slots=True)
class Ground:
    """One way to run a stack.

    Attributes:
        away: says why the runtime can do nothing now, else "".
        before_start: gets the hands, returns what is called before each start of a unit.
        looks_each_s: how often everything is looked at. listens_each_s: how soon it is noticed that one has ended.
        ends_units: whether they end with the supervisor: containers do not.
        has_pids: whether the process ids that the runtime knows mean something to a person.
    """

    runtime: Runtime
    units: Sequence[Watched]
    away: Callable[[], str] = lambda: ""
    before_start: Callable[[Hands], Callable[[str], None]] = lambda _: lambda _unit: None
    missing: Callable[[], Sequence[str]] = tuple
    looks_each_s: float = Limits().tick_s
    listens_each_s: float = LISTENS_EACH_S
    ends_units: bool = True
    has_pids: bool = True


def redis_watch(context: Context) -> RedisWatch:
    """Return what asks Redis about the work, without ever waiting for it."""
    quick = connect(redis_address(context.config), retries=0, timeout_s=BEAT_WITHIN_S)
    return RedisWatch(quick, QUEUE, context.clock)


def worker_rule(watch: Watch, name: str, after: Sequence[str], needs: Sequence[str]) -> Rule:
    """Return how a worker is judged, which `pause` stops."""
    return replace(service_rule(watch, name, after, needs), takes_work=True)


def service_rule(watch: Watch, name: str, after: Sequence[str], needs: Sequence[str]) -> Rule:
    """Return how a service of ours is judged."""
    return Rule(
        name,
        after=tuple(after),
        needs=tuple(needs),
        silent_s=watch.silent.total_seconds(),
        boot_s=watch.starts_within.total_seconds(),
        grace_s=watch.drain.total_seconds(),
        failures=watch.failed_rounds,
    )


def limits_of(watch: Watch, looks_each_s: float) -> Limits:
    """Return the numbers of the stack as the settings have them."""
    return Limits(
        tick_s=looks_each_s,
        longest_tick_s=2 * looks_each_s,
        window_s=watch.within.total_seconds(),
        most_fruitless=watch.restarts,
        first_probe_s=watch.tried_again.total_seconds(),
        longest_probe_s=3 * watch.tried_again.total_seconds(),
        needed_probe_s=watch.tried_again.total_seconds() / 10,
    )
