"""Put a service together and run it; hidden, for the keeper starts it."""

import itertools
import os
from contextlib import suppress
from shutil import disk_usage

import click

from jikimi.beats.beat import Beat
from jikimi.beats.beat_file import read_beat, write_beat
from jikimi.broker import connect
from jikimi.cli.context import Context, erp_address, erp_key, redis_address, serializer
from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.erp.tryton import Tryton
from jikimi.logs import log_to
from jikimi.queue.hand_back import RqBench
from jikimi.queue.redis_lease import RedisLease
from jikimi.queue.redis_sink import RedisSink
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.task import forbid_pickle
from jikimi.queue.worker import build_queue, build_worker
from jikimi.schedule.inbox_watcher import QUEUE, InboxWatcher
from jikimi.unit.fork import ForkNursery, Tell
from jikimi.unit.judgement import Limits
from jikimi.unit.parent import Parent
from jikimi.unit.pulse import Pulse
from jikimi.unit.run import run_parent
from jikimi.vouchers.intake import claimed, ready
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.posting import Desk
from jikimi.vouchers.shop import Shop
from jikimi.vouchers.tasks import ErpTasks

_PATIENT = 1_000_000  # retries: a worker outlives any absence of Redis
_QUICK = 1
_BEAT_WITHIN_S = 0.3
_HAND_BACK_WITHIN_S = 1.0


@click.command(hidden=True)
@click.argument("service", type=click.Choice(["erp-worker", "scheduler"]))
@click.option("--unit", help="The unit's name, when it is not the service's.")
@click.pass_obj
def command(context: Context, service: str, unit: str | None) -> None:
    """Run SERVICE until told to stop."""
    name = unit or service
    log_to(context.home / "logs" / f"{name}.jsonl", unit=name)
    {"erp-worker": _erp_worker, "scheduler": _scheduler}[service](context.config, context.clock, name)


def _erp_worker(config: Config, clock: Clock, unit: str) -> None:
    """Be the parent of the worker: it beats and judges, its child runs the cycles."""
    address, name = redis_address(config), f"{QUEUE}-{unit}-"
    sink = RedisSink(connect(address, retries=0, timeout_s=_BEAT_WITHIN_S))
    hands = connect(address, retries=0, timeout_s=_HAND_BACK_WITHIN_S)
    leases = [RedisLease(hands, ledger.value, unit, config.settings.posting.lease) for ledger in Ledger]
    parent = Parent(
        unit,
        config.home / "state/beats",
        clock,
        ForkNursery(lambda tell: _erp_child(config, clock, unit, tell)),
        sink=sink,
        bench=RqBench(hands, build_queue(hands, QUEUE, serializer(config.home)), name, leases),
        limits=Limits(),
    )
    run_parent(parent, clock)


def _erp_child(config: Config, clock: Clock, unit: str, tell: Tell) -> None:
    """Run cycles from the queue; what an earlier life left in `work/` is settled first."""
    forbid_pickle()
    redis = connect(redis_address(config), retries=_PATIENT)
    quick = connect(redis_address(config), retries=_QUICK)
    pulse = Pulse(tell)
    journal = Journal(config.home / "state/journal.sqlite", clock)
    url, key, posting = erp_address(config), erp_key(config), config.settings.posting
    desks = {
        ledger: Desk(
            Tryton(url, ledger.value, key),
            RedisLease(quick, ledger.value, unit, posting.lease),
            journal.of(ledger),
            posting.batch,
        )
        for ledger in Ledger
    }
    tasks = ErpTasks(
        Shop(config, clock, journal, desks.__getitem__, pulse, lambda: disk_usage(config.home.root).free), pulse
    )
    worker = build_worker(redis, QUEUE, f"{QUEUE}-{unit}-{os.getpid()}", serializer(config.home), tasks.tasks())
    pulse.must_stop = lambda: worker.stopping
    worker.on_idle, worker.on_job = pulse.idle, pulse.begin
    pulse.begin("first cycle")
    with suppress(Exception):  # logged and counted by the cycle itself; the queue is served all the same
        tasks.cycle()
    worker.work(logging_level="WARNING")


def _scheduler(config: Config, clock: Clock, unit: str) -> None:
    """Watch the inbox."""
    queue = RqQueue(connect(redis_address(config), retries=_QUICK), serializer(config.home), clock)
    beats = config.home / "state/beats"
    inbox = config.settings.inbox
    watcher = InboxWatcher(
        queue,
        clock,
        dropped=lambda: bool(ready(config.home, config.settings.profiles, clock.now(), inbox.settle)),
        left=lambda: bool(claimed(config.home)),
        away=lambda: _last_outcome(config) == "away",
    )
    for seq in itertools.count():
        watcher.look()
        write_beat(beats, Beat(unit=unit, pid=os.getpid(), seq=seq, at=clock.now().isoformat()))
        clock.wait(inbox.poll.total_seconds())


def _last_outcome(config: Config) -> str:
    """Return how the last cycle ended, as the worker's beat tells."""
    beat = read_beat(config.home / "state/beats", "erp-worker") or {}
    return str(beat.get("last_cycle", {}).get("outcome", ""))
