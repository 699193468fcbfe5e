"""The ERP worker: cycles and everything else that touches the ERP."""

import os
from contextlib import suppress
from shutil import disk_usage

from jikimi.backup.restored import why_barred
from jikimi.broker import connect
from jikimi.cli.context import Context, erp_of, redis_address, serializer
from jikimi.cli.serve.asked import Asked
from jikimi.cli.serve.unit import run_unit
from jikimi.config.model import Ledger
from jikimi.queue.hand_back import RqBench
from jikimi.queue.redis_lease import RedisLease
from jikimi.queue.redis_sink import BEAT_WITHIN_S, RedisSink
from jikimi.queue.task import forbid_pickle
from jikimi.queue.worker import build_queue, build_worker
from jikimi.schedule.inbox_watcher import QUEUE
from jikimi.unit.fork import Tell
from jikimi.unit.pulse import Pulse
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.posting import Desk
from jikimi.vouchers.shop import Shop
from jikimi.vouchers.tasks import ErpTasks

_PATIENT = 1_000_000  # retries: a worker outlives any absence of Redis
_QUICK = 1
_HAND_BACK_WITHIN_S = 1.0


def run(context: Context, asked: Asked) -> None:
    """Be the parent of the worker; its child runs the cycles."""
    config, address = context.config, redis_address(context.config)
    hands = connect(address, retries=0, timeout_s=_HAND_BACK_WITHIN_S)
    leases = [RedisLease(hands, ledger.value, asked.unit, config.settings.posting.lease) for ledger in Ledger]
    run_unit(
        context,
        asked,
        child,
        sink=RedisSink(connect(address, retries=0, timeout_s=BEAT_WITHIN_S)),
        bench=RqBench(hands, build_queue(hands, QUEUE, serializer(config.home)), f"{QUEUE}-{asked.unit}-", leases),
        barred=lambda: why_barred(config.home, takes_work=True),
    )


def child(context: Context, asked: Asked, tell: Tell) -> None:
    """Run cycles from the queue; what an earlier life left in `work/` is settled first."""
    forbid_pickle()
    config, clock = context.config, context.clock
    redis = connect(redis_address(config), retries=_PATIENT)
    quick = connect(redis_address(config), retries=_QUICK)
    pulse = Pulse(tell)
    journal = Journal(config.home / "state/journal.sqlite", clock)
    posting = config.settings.posting
    desks = {
        ledger: Desk(
            erp_of(config, ledger, clock),
            RedisLease(quick, ledger.value, asked.unit, posting.lease),
            journal.of(ledger),
            posting.batch,
        )
        for ledger in Ledger
    }
    tasks = ErpTasks(
        Shop(config, clock, journal, desks.__getitem__, pulse, lambda: disk_usage(config.home.root).free), pulse
    )
    worker = build_worker(redis, QUEUE, f"{QUEUE}-{asked.unit}-{os.getpid()}", serializer(config.home), tasks.tasks())
    pulse.must_stop = lambda: worker.stopping
    worker.on_idle, worker.on_job = pulse.idle, pulse.begin
    pulse.begin("first cycle")
    with suppress(Exception):  # logged and counted by the cycle itself; the queue is served all the same
        tasks.cycle()
    worker.wait_until_able()
    worker.work(logging_level="WARNING")
