"""Whatever happens to a channel or to its sender, each message arrives, and twice only if nobody could know."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jikimi.clock import SystemClock
from jikimi.notify.outbox import Outbox
from jikimi.notify.sender import Sender
from jikimi.testing.clock import FakeClock
from jikimi.testing.notify import FakeChannel
from tests.conftest import Until
from tests.unit.notify.letters import letter

DAY_S = 86_400.0
WITHIN_S = 10.0


class Office:
    """An outbox and one channel's sender, in a time that a test moves."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock, self.channel = path, FakeClock(), FakeChannel()
        self.begin()

    def begin(self) -> None:
        """Begin another life of the sender."""
        self.outbox = Outbox(self.path, self.clock, ["mail"])
        self.sender = Sender(self.channel, lambda: self.outbox, self.clock)
        self.sender.recall(self.outbox)

    def work_for(self, seconds: float) -> None:
        """Let the sender send and rest for so long."""
        end = self.clock.ticks() + seconds
        while self.clock.ticks() <= end:
            self.clock.advance(self.sender.send_due(self.outbox))

    def arrived(self) -> list[str]:
        return [message.id for message in self.channel.sent]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "outbox.sqlite")
    yield office
    office.outbox.close()


class Killed(BaseException):
    """The process is gone."""


def killed() -> None:
    raise Killed


def test_what_waits_is_sent_in_order_and_once(office: Office) -> None:
    for incident in "123":
        office.outbox.put(letter(incident))

    with capture_logs() as logs:
        office.work_for(DAY_S)

    assert office.arrived() == ["1.acted", "2.acted", "3.acted"]
    assert [line["event"] for line in logs] == ["message.sent"] * 3


def test_a_channel_that_is_away_is_asked_less_and_less_often_and_then_gets_all(office: Office) -> None:
    office.channel.why = "away"
    office.outbox.put(letter("1"))
    office.outbox.put(letter("2"))

    with capture_logs() as logs:
        office.work_for(DAY_S)

    assert 90 < office.channel.tries < 110
    pauses = [line["pause_s"] for line in logs if line["event"] == "message.not_sent"]
    assert pauses[:9] == [5, 10, 20, 40, 80, 160, 320, 640, 900]
    office.channel.why = ""
    office.work_for(1800)
    assert sorted(office.arrived()) == ["1.acted", "2.acted"]


def test_a_message_that_the_channel_never_takes_does_not_keep_back_the_others(office: Office) -> None:
    office.outbox.put(letter("bad"))

    def picky() -> None:
        office.channel.why = "no" if office.outbox.deliveries("bad", "acted")[0].state == "sending" else ""

    office.channel.before = picky
    office.work_for(600)
    office.outbox.put(letter("good"))
    office.work_for(900)

    assert office.arrived() == ["good.acted"]


def test_after_three_days_a_message_is_given_up_and_logged(office: Office) -> None:
    office.channel.why = "away"
    office.outbox.put(letter())

    with capture_logs() as logs:
        office.work_for(4 * DAY_S)

    assert office.outbox.waiting("mail") == []
    (line,) = [line for line in logs if line["event"] == "message.given_up"]
    assert (line["message"], line["why"], line["log_level"]) == ("1.acted", "away", "error")


def test_a_message_that_is_old_when_it_is_first_tried_is_tried(office: Office) -> None:
    office.outbox.put(letter())
    office.clock.advance(5 * DAY_S)

    office.work_for(0)

    assert office.arrived() == ["1.acted"]


@pytest.mark.parametrize(("moment", "times"), [("before", 1), ("after", 2)])
def test_a_sender_that_was_killed_in_a_try_sends_again_with_the_same_id(
    office: Office, moment: str, times: int
) -> None:
    office.outbox.put(letter())
    setattr(office.channel, moment, killed)
    with pytest.raises(Killed):
        office.work_for(0)
    setattr(office.channel, moment, lambda: None)
    office.outbox.close()

    with capture_logs() as logs:
        office.begin()
        office.work_for(DAY_S)

    assert office.arrived() == ["1.acted"] * times
    assert logs[0]["event"] == "message.in_doubt"


def test_a_mark_that_cannot_be_written_sends_nothing_twice(office: Office) -> None:
    office.outbox.put(letter())
    office.channel.after = lambda: locked(office.outbox)
    with capture_logs() as logs:
        assert office.sender.send_due(office.outbox) == 5
        assert office.sender.send_due(office.outbox) == 5
    office.outbox._base.execute("PRAGMA query_only=0")

    office.work_for(DAY_S)

    assert office.arrived() == ["1.acted"]
    assert office.outbox.deliveries("1", "acted")[0].state == "sent"
    assert {line["event"] for line in logs} == {"message.sent", "message.not_marked"}


def locked(outbox: Outbox) -> None:
    outbox._base.execute("PRAGMA query_only=1")


def test_a_fault_of_a_channel_s_own_is_logged_and_tried_again(office: Office) -> None:
    office.outbox.put(letter())
    office.channel.before = [].pop

    with capture_logs() as logs:
        office.sender.send_due(office.outbox)

    assert [line["event"] for line in logs] == ["channel.failed", "message.not_sent"]


def test_a_sender_that_fails_goes_on(tmp_path: Path, until: Until) -> None:
    clock, channel = SystemClock(), FakeChannel()
    path = tmp_path / "outbox.sqlite"
    with closing(Outbox(path, clock, ["mail"])) as outbox:
        outbox.put(letter(at=clock.now()))
    failures = [OSError("no file"), OSError("still none")]

    def opening() -> Outbox:
        if failures:
            raise failures.pop()
        return Outbox(path, clock, ["mail"])

    sender = Sender(channel, opening, clock)
    channel.after = sender.close
    with capture_logs() as logs:
        for _ in range(2):
            sender.wake()  # no rest after the fault
        sender.run()

    assert len(channel.sent) == 1
    assert [line["event"] for line in logs].count("sender.failed") == 2
