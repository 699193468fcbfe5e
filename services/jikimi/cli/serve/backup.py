"""The backup unit: at its start, each quarter of an hour and when the clock says so it asks whether a backup is due."""

import os
from collections.abc import Mapping
from datetime import time
from typing import Any

import structlog

from jikimi.backup.due import due
from jikimi.backup.lock import RunsSince
from jikimi.backup.pipeline import Pipeline
from jikimi.backup.progress import Far
from jikimi.backup.snapshot import Outcome
from jikimi.broker import connect
from jikimi.cli.context import Context, redis_address, serializer
from jikimi.cli.safe import make_safe, note_keys, safe_of, wanted_of
from jikimi.cli.serve.asked import Asked
from jikimi.cli.serve.unit import run_unit
from jikimi.errors import JikimiError
from jikimi.queue.hand_back import RqBench
from jikimi.queue.redis_sink import BEAT_WITHIN_S, RedisSink
from jikimi.queue.task import NoArguments, Task, forbid_pickle
from jikimi.queue.worker import build_queue, build_worker
from jikimi.schedule.public_holidays import holidays_of
from jikimi.schedule.timetable import BACKUP, business
from jikimi.supervisor.conductor import runs_now
from jikimi.unit.fork import Tell
from jikimi.unit.pulse import Pulse

log = structlog.get_logger()
_PATIENT = 1_000_000  # retries: the unit outlives any absence of Redis
_HAND_BACK_WITHIN_S = 1.0
_FIRST_AFTER_S, _ASKED_EACH_S = 60.0, 900.0  # the first minute belongs to the work that waits
_STEP_BUDGET_S = 1800.0  # one step reads or writes all there is, and may have nothing to tell meanwhile
_GIVES_WAY = 10


def run(context: Context, asked: Asked) -> None:
    """Be the parent of the one who saves."""
    address = redis_address(context.config)
    hands = connect(address, retries=0, timeout_s=_HAND_BACK_WITHIN_S)
    queue = build_queue(hands, BACKUP, serializer(context.config.home))
    run_unit(
        context,
        asked,
        child,
        sink=RedisSink(connect(address, retries=0, timeout_s=BEAT_WITHIN_S)),
        bench=RqBench(hands, queue, f"{BACKUP}-{asked.unit}-", ()),
    )


def child(context: Context, asked: Asked, tell: Tell) -> None:
    """Save whenever that is due, and answer the queue's jobs."""
    forbid_pickle()
    if hasattr(os, "nice"):
        os.nice(_GIVES_WAY)
    pulse = Pulse(tell)
    if context.home.elsewhere:  # in a container nobody else can
        _make_first(context, pulse)
    night = Night(context, pulse)
    redis = connect(redis_address(context.config), retries=_PATIENT)
    name = f"{BACKUP}-{asked.unit}-{os.getpid()}"
    tasks = [Task("backup", NoArguments, lambda _: night.save_if_due())]
    worker = build_worker(redis, BACKUP, name, serializer(context.config.home), tasks)
    pulse.must_stop = lambda: worker.stopping
    worker.on_idle, worker.on_job = night.idle, pulse.begin
    worker.wait_until_able()
    worker.work(logging_level="WARNING")


def _make_first(context: Context, pulse: Pulse) -> None:
    """Make the safe of a new stack; what stands in the way is told by every backup as well."""
    pulse.begin("making the safe")
    try:
        make_safe(context.config, context.clock.now())
        note_keys(context.config)
    except (JikimiError, OSError) as error:
        log.error("safe.not_made", why=str(error))  # noqa: TRY400 - no traceback: keys are near
    pulse.idle()


class Night:
    """Saves when it is due, and tells how far it is."""

    def __init__(self, context: Context, pulse: Pulse) -> None:
        self._context, self._pulse, self._clock = context, pulse, context.clock
        self._ask_at = self._clock.ticks() + _FIRST_AFTER_S

    def idle(self) -> None:
        """Tell that there is nothing to do, and now and then look whether there is."""
        self._pulse.idle()
        if self._clock.ticks() >= self._ask_at:
            self._pulse.begin("backup")
            self.save_if_due()
            self._pulse.idle()

    def save_if_due(self) -> Mapping[str, Any]:
        """Make a backup if one is due; return its `outcome`, or why there was none. Only our own errors are told."""
        self._ask_at = self._clock.ticks() + _ASKED_EACH_S
        if runs_now(self._context.home / "state/daily_restart.json", self._local_now()):
            self._ask_at = self._clock.ticks() + _FIRST_AFTER_S
            return {"outcome": "waits for the daily restart"}
        try:
            return self._save()
        except RunsSince as other:
            return {"outcome": "runs already", "why": str(other)}
        except JikimiError as error:
            log.error("backup.impossible", why=str(error))  # noqa: TRY400 - no traceback: keys are near
            return {"outcome": "failed", "why": str(error)}

    def _save(self) -> Mapping[str, Any]:
        config = self._context.config
        self._pulse.moved("reading the calendar", 0)  # the library of holidays takes seconds to load
        hours = business(config.settings.schedule, holidays_of(config.settings.schedule.holidays))
        safe = safe_of(config, self._clock)
        receipts = safe.receipts.read()
        good = [receipt.at for receipt in receipts if receipt.outcome is Outcome.GOOD]
        why = due(
            self._clock.now(),
            good,
            safe.zone,
            at=time.fromisoformat(config.settings.backup.at),
            is_business=hours.is_open(self._local_now()),
            attempts=[receipt.at for receipt in receipts if receipt.outcome is not Outcome.GOOD],
        )
        if why is None:
            return {"outcome": "not due"}
        log.info("backup.due", why=why.value)
        receipt = Pipeline(safe, far=self._far).run(wanted_of(config))
        return {"outcome": receipt.outcome.value, "snapshot": receipt.snapshot}

    def _far(self, far: Far) -> None:
        self._pulse.far(far.step, far.percent, far.left_s, _STEP_BUDGET_S)

    def _local_now(self) -> Any:
        return self._clock.now().astimezone(self._context.config.settings.zone)
