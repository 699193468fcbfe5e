"""One row for each step of each incident, whatever happens to the file."""

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jikimi.notify.message import Message
from jikimi.notify.outbox import KEPT, Outbox
from jikimi.notify.outbox_file import NewerOutbox
from jikimi.testing.clock import NOON, FakeClock
from tests.unit.notify.letters import letter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with closing(Outbox(path, FakeClock(), ["mail", "webhook"])) as outbox:
        yield outbox


def only(outbox: Outbox, channel: str = "mail") -> int:
    (item,) = outbox.waiting(channel)
    return item.number


def test_a_message_is_kept_once_for_each_step_of_an_incident(outbox: Outbox) -> None:
    with capture_logs() as logs:
        assert outbox.put(letter("1", "acted"))
        assert not outbox.put(letter("1", "acted"))
        assert outbox.put(letter("1", "recovered"))
        assert outbox.put(letter("2", "acted"))

    assert [line["event"] for line in logs] == ["message.kept"] * 3
    assert [message.id for message in outbox.newest()] == ["2.acted", "1.recovered", "1.acted"]


def test_a_message_is_read_as_it_was_written(outbox: Outbox) -> None:
    outbox.put(letter())

    assert outbox.message(only(outbox)) == letter()
    with pytest.raises(KeyError):
        outbox.message(99)


def test_it_waits_for_each_channel_that_is_set_when_it_comes(path: Path, outbox: Outbox) -> None:
    outbox.put(letter("1"))

    with closing(Outbox(path, FakeClock(), ["webhook", "pager"])) as later:
        later.leave_out()
        later.put(letter("2"))

        assert [len(later.waiting(name)) for name in ("mail", "webhook", "pager")] == [0, 2, 1]
        states = {delivery.channel: delivery.state for delivery in later.deliveries("1", "acted")}
        assert states == {"mail": "given up", "webhook": "waiting"}


def test_without_channels_it_is_kept_and_waits_for_nobody(path: Path) -> None:
    with closing(Outbox(path, FakeClock())) as outbox, capture_logs() as logs:
        assert outbox.put(letter())

        assert outbox.deliveries("1", "acted") == []
    assert [line["event"] for line in logs] == ["message.kept"]


def test_what_one_channel_has_sent_still_waits_for_the_other(outbox: Outbox) -> None:
    outbox.put(letter())
    number = only(outbox)

    outbox.mark_sending(number, "mail")
    outbox.mark_sent(number, "mail")

    assert outbox.waiting("mail") == []
    assert only(outbox, "webhook") == number
    mail, webhook = outbox.deliveries("1", "acted")
    assert (mail.state, mail.attempts, mail.sent_at) == ("sent", 1, NOON)
    assert (webhook.state, webhook.attempts, webhook.sent_at) == ("waiting", 0, None)


def test_a_failed_try_is_remembered_with_its_reason(outbox: Outbox) -> None:
    outbox.put(letter())
    number = only(outbox)

    outbox.mark_sending(number, "mail")
    outbox.mark_failed(number, "mail", "away", NOON)

    (item,) = outbox.waiting("mail")
    assert (item.attempts, item.next_try) == (1, NOON)
    assert outbox.deliveries("1", "acted")[0].why == "away"

    outbox.mark_failed(number, "mail", "away", None)

    assert outbox.waiting("mail") == []
    assert outbox.deliveries("1", "acted")[0].state == "given up"


def test_what_was_being_sent_by_an_earlier_life_waits_again(path: Path, outbox: Outbox) -> None:
    outbox.put(letter())
    number = only(outbox)
    outbox.mark_sending(number, "mail")

    with closing(Outbox(path, FakeClock())) as later:
        assert later.recall("mail") == [number]
        assert later.recall("mail") == []
        assert later.waiting("mail")[0].attempts == 1


def test_of_what_is_sent_the_newest_thousand_are_kept_and_of_what_waits_all(path: Path) -> None:
    with closing(Outbox(path, FakeClock(), ["mail"])) as waiting:
        waiting.put(letter("first"))
    with closing(Outbox(path, FakeClock())) as outbox:
        for number in range(KEPT + 5):
            outbox.put(letter(str(number)))

        kept = [message.incident for message in outbox.newest(2 * KEPT)]
        assert kept == [*map(str, range(KEPT + 4, 4, -1)), "first"]
        assert outbox.deliveries("first", "acted")


def test_a_file_of_a_newer_version_is_refused_and_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA user_version=9")
    before = path.read_bytes()

    with pytest.raises(NewerOutbox, match=r"outbox\.sqlite was written by a newer"):
        Outbox(path, FakeClock()).open()

    assert path.read_bytes() == before


def test_a_damaged_file_is_put_aside(path: Path) -> None:
    path.write_bytes(b"no database" * 500)

    with closing(Outbox(path, FakeClock())) as outbox, capture_logs() as logs:
        assert outbox.put(letter())

    assert [line["event"] for line in logs] == ["outbox.begun_anew", "message.kept"]
    assert path.with_suffix(".broken").read_bytes().startswith(b"no database")


def test_what_cannot_be_written_is_logged_and_written_by_whoever_can_first(path: Path, tmp_path: Path) -> None:
    unkept: deque[Message] = deque()
    woken: list[bool] = []
    away = Outbox(tmp_path / "away/outbox.sqlite", FakeClock(), unkept=unkept, woken=lambda: woken.append(True))

    with capture_logs() as logs:
        assert not away.put(letter())

    assert ([line["event"] for line in logs], woken) == (["message.not_kept"], [True])
    with closing(Outbox(path, FakeClock(), unkept=unkept)) as outbox:
        assert outbox.put_unkept()
        assert [message.id for message in outbox.newest()] == ["1.acted"]
    assert not unkept


def test_a_full_disk_loses_nothing_and_raises_nothing(outbox: Outbox) -> None:
    outbox.put(letter("1"))
    outbox._base.execute("PRAGMA max_page_count=1")  # it cannot grow any more

    results = [outbox.put(letter(str(number))) for number in range(2, 90)]

    assert not all(results)
    outbox._base.execute("PRAGMA max_page_count=1000000")
    assert outbox.put_unkept()
    assert len(outbox.newest()) == 89


def test_a_file_that_is_locked_holds_the_keeper_up_for_a_moment_only(path: Path, outbox: Outbox) -> None:
    outbox.open()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not outbox.put(letter())
        other.execute("ROLLBACK")

    assert outbox.put_unkept()
    assert len(outbox.newest()) == 1


def test_a_name_that_is_no_text_is_kept_all_the_same(outbox: Outbox) -> None:
    assert outbox.put(letter("\udcb0"))

    assert outbox.newest()[0].incident == "?"
