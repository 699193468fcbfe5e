"""The scheduler: it watches the inbox."""

from jikimi.beats.beat_file import read_beat
from jikimi.broker import connect
from jikimi.cli.context import Context, redis_address, serializer
from jikimi.cli.serve.unit import Asked, run_unit
from jikimi.config import Config
from jikimi.queue.redis_sink import BEAT_WITHIN_S, RedisSink
from jikimi.queue.rq_queue import RqQueue
from jikimi.schedule.inbox_watcher import InboxWatcher
from jikimi.unit.fork import Tell
from jikimi.unit.pulse import Pulse
from jikimi.vouchers.intake import claimed, ready

_QUICK = 1
_TELLS_EACH_S = 1.0


def run(context: Context, asked: Asked) -> None:
    """Be the parent of the one who watches."""
    sink = RedisSink(connect(redis_address(context.config), retries=0, timeout_s=BEAT_WITHIN_S))
    run_unit(context, asked, child, sink=sink)


def child(context: Context, _asked: Asked, tell: Tell) -> None:
    """Look at the inbox for ever."""
    config, clock, pulse = context.config, context.clock, Pulse(tell)
    inbox = config.settings.inbox
    watcher = InboxWatcher(
        RqQueue(connect(redis_address(config), retries=_QUICK), serializer(config.home), clock),
        clock,
        dropped=lambda: bool(ready(config.home, config.settings.profiles, clock.now(), inbox.settle)),
        left=lambda: bool(claimed(config.home)),
        away=lambda: _last_outcome(config) == "away",
    )
    poll_s = inbox.poll.total_seconds()
    looked_at = clock.ticks() - poll_s
    while True:
        if clock.ticks() - looked_at >= poll_s:
            looked_at = clock.ticks()
            watcher.look()
        pulse.idle()
        clock.wait(min(poll_s, _TELLS_EACH_S))


def _last_outcome(config: Config) -> str:
    """Return how the last cycle ended, as the worker's beat tells."""
    beat = read_beat(config.home / "state/beats", "erp-worker") or {}
    return str(beat.get("last_cycle", {}).get("outcome", ""))
