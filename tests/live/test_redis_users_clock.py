"""The clock works with what the scheduler's own user in Redis may do."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jikimi.schedule.book import DUE, TEMPLATE, Book
from tests.conftest import Until
from tests.live.clock_room import NIGHTLY, START, Room
from tests.live.redis_users import Users

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes the list of users")


@pytest.fixture
def users(tmp_path: Path, until: Until) -> Iterator[Users]:
    users = Users(tmp_path, until)
    yield users
    users.close()


def test_the_scheduler_s_clock_may_do_all_that_it_does_and_nobody_else_need(users: Users) -> None:
    room = Room(users.client("scheduler"))
    room.exact.tick()
    room.redis.zrem(DUE, f"{TEMPLATE}backup")
    room.wait(timedelta(hours=1))
    room.wait(timedelta(days=2), timedelta(days=1))

    watcher = users.client("supervisor")
    assert len(room.jobs()) == 3
    assert [line["why"] for line in room.missed()] == ["vanished"]
    assert watcher.xlen("jk:refused") == 0
    Room(users.client("scheduler"), {"schedule": {**NIGHTLY["schedule"], "backup": ""}}).exact.tick()
    assert watcher.zcard(DUE) == 0


def test_the_supervisor_may_list_run_and_pause_what_the_clock_has(users: Users) -> None:
    Room(users.client("scheduler")).exact.tick()
    book = Book(users.client("supervisor"))
    book.pause("backup", START)
    book.note_run("backup", "backup-backup-run-1", START)

    (entry,) = book.entries(["backup"])

    assert (entry.paused_until, entry.last, len(book.history(9))) == (START, START, 1)
