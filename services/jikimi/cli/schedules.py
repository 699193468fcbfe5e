"""What the command `schedule` and the snapshot have in common: the schedules of this stack, and how they stand."""

from collections.abc import Callable
from typing import Any

from jikimi.broker import connect
from jikimi.cli.context import Context, redis_address
from jikimi.config import Config
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson, signing_keys
from jikimi.schedule.book import Book
from jikimi.schedule.listing import listing
from jikimi.schedule.timetable import ALL_QUEUES, SERVED, Schedule, timetable
from jikimi.supervisor.reception import ALLOWED


def all_schedules(config: Config) -> dict[str, Schedule]:
    """Return every schedule of the settings, also those that nobody works for yet.

    Only the clock itself asks when they are due, so nobody here waits for a library of holidays.
    """
    return timetable(config.settings, lambda _: False, ALL_QUEUES)


def list_reader(context: Context, within_s: float) -> Callable[[], list[dict[str, Any]]]:
    """Return what reads how every schedule stands; it may raise QueueAway.

    Args:
        within_s: how long one answer of Redis may take.
    """
    redis = connect(redis_address(context.config), retries=0, timeout_s=within_s)
    queue = RqQueue(redis, _all_keys(context.config), context.clock)
    schedules, book = all_schedules(context.config), Book(redis)
    return lambda: listing(schedules.values(), book, queue.outcome, SERVED)


def _all_keys(config: Config) -> SignedJson:
    """Return what verifies whatever was answered: to a job, or to an order of the clock or of a person."""
    names = ("signing", *(f"control-{actor}" for actor in ALLOWED))
    return SignedJson([key for name in names for key in signing_keys(config.home / f"keys/{name}")])
