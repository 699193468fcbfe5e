"""The scheduler: it watches the inbox, and is the clock."""

from datetime import UTC, datetime

from jikimi.beats.beat_file import read_beat
from jikimi.broker import connect
from jikimi.cli.context import Context, redis_address, serializer
from jikimi.cli.order import control_key
from jikimi.cli.serve.asked import Asked
from jikimi.cli.serve.unit import run_unit
from jikimi.config import Config
from jikimi.inbox import claimed, newest_reply, ready
from jikimi.queue.redis_sink import BEAT_WITHIN_S, RedisSink
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.task import forbid_pickle
from jikimi.schedule.door import Door
from jikimi.schedule.exact_clock import ExactClock, ExactScheduler
from jikimi.schedule.inbox_watcher import InboxWatcher
from jikimi.schedule.public_holidays import holidays_of
from jikimi.schedule.timetable import SERVED, timetable
from jikimi.unit.fork import Tell
from jikimi.unit.pulse import Pulse
from jikimi.vouchers.intake import places

ACTOR = "schedule"
_QUICK = 1
_TELLS_EACH_S = 1.0
_TICKS_WITHIN_S = 2.0  # an idle child that says nothing for 5 s is taken for hung
_BEATING = ("erp-worker", "scheduler")


def run(context: Context, asked: Asked) -> None:
    """Be the parent of the one who watches."""
    sink = RedisSink(connect(redis_address(context.config), retries=0, timeout_s=BEAT_WITHIN_S))
    run_unit(context, asked, child, sink=sink)


def child(context: Context, _asked: Asked, tell: Tell) -> None:
    """Look at the inbox and at the clock for ever."""
    forbid_pickle()
    config, clock, pulse = context.config, context.clock, Pulse(tell)
    inbox, flow = config.settings.inbox, config.settings.erp.flow
    watcher = InboxWatcher(
        RqQueue(connect(redis_address(config), retries=_QUICK), serializer(config.home), clock),
        clock,
        dropped=lambda: bool(ready(config.home, places(config.settings.profiles), clock.now(), inbox.settle)),
        left=lambda: bool(claimed(config.home)),
        away=lambda: _last_outcome(config) == "away",
        replied=lambda: newest_reply(config.home, flow) if flow else 0,
    )
    watcher.look()
    pulse.begin("reading the calendar")  # the library of holidays takes seconds to load
    exact = exact_clock(context)
    poll_s, looked_at = inbox.poll.total_seconds(), clock.ticks()
    while True:
        if clock.ticks() - looked_at >= poll_s:
            looked_at = clock.ticks()
            watcher.look()
        pulse.idle()
        exact.tick()
        pulse.idle()
        clock.wait(min(poll_s, _TELLS_EACH_S))


def exact_clock(context: Context) -> ExactClock:
    """Return the clock of this stack."""
    config, clock = context.config, context.clock
    redis = connect(redis_address(config), retries=0, timeout_s=_TICKS_WITHIN_S)
    ours = serializer(config.home)
    scheduler = ExactScheduler(
        redis,
        timetable(config.settings, holidays_of(config.settings.schedule.holidays), SERVED),
        door=Door(RqQueue(redis, ours, clock), RqQueue(redis, control_key(context, ACTOR), clock), clock),
        clock=clock,
        serializer=ours,
        started=lambda: _started(config),
    )
    return ExactClock(scheduler, clock)


def _last_outcome(config: Config) -> str:
    """Return how the last cycle ended, as the worker's beat tells."""
    beat = read_beat(config.home / "state/beats", "erp-worker") or {}
    return str(beat.get("last_cycle", {}).get("outcome", ""))


def _started(config: Config) -> datetime | None:
    """Return when that child of our units was born that has lived for the longest, as their beats tell."""
    beats = [read_beat(config.home / "state/beats", unit) or {} for unit in _BEATING]
    born = [float(beat["child_born"]) for beat in beats if beat.get("child_born")]
    return datetime.fromtimestamp(min(born), UTC) if len(born) == len(_BEATING) else None
