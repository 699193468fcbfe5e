"""Puts, failures, kills and time in any order: one row a step, and each channel gets each message once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.notify.outbox import Outbox
from jikimi.notify.sender import Sender
from jikimi.testing.clock import FakeClock
from jikimi.testing.notify import FakeChannel
from tests.unit.notify.letters import letter

CHANNELS = ("mail", "webhook")


class Killed(BaseException):
    """The process is gone."""


def killed() -> None:
    raise Killed


class Office:
    def __init__(self, path: Path) -> None:
        self.path, self.clock = path, FakeClock()
        self.channels = {name: FakeChannel(name) for name in CHANNELS}
        self.put: set[str] = set()
        self.in_the_window: Counter[str] = Counter()
        self.begin()

    def begin(self) -> None:
        self.outbox = Outbox(self.path, self.clock, CHANNELS)
        self.senders = {
            name: Sender(channel, lambda: self.outbox, self.clock) for name, channel in self.channels.items()
        }
        for sender in self.senders.values():
            sender.recall(self.outbox)

    def kill(self) -> None:
        self.outbox.close()
        self.begin()

    def write(self, incident: str, step: str) -> None:
        message = letter(incident, step, self.clock.now())
        assert self.outbox.put(message) == (message.id not in self.put)
        self.put.add(message.id)

    def send(self, name: str, how: str) -> None:
        channel = self.channels[name]
        channel.why = "away" if how == "away" else ""
        channel.before = killed if how == "killed before" else lambda: None
        channel.after = killed if how == "killed after" else lambda: None
        try:
            self.senders[name].send_due(self.outbox)
        except Killed:
            if how == "killed after":
                self.in_the_window[name] += 1
            self.kill()

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def drain(self) -> None:
        for name in CHANNELS:
            for _ in range(50):
                self.send(name, "well")
                self.clock.advance(900)


@contextmanager
def an_office() -> Iterator[Office]:
    with TemporaryDirectory() as folder:
        office = Office(Path(folder) / "outbox.sqlite")
        yield office
        office.outbox.close()


hows = st.sampled_from(["well", "away", "killed before", "killed after"])
steps = st.one_of(
    st.tuples(st.just("write"), st.sampled_from("123"), st.sampled_from(["acted", "recovered"])),
    st.tuples(st.just("send"), st.sampled_from(CHANNELS), hows),
    st.tuples(st.just("kill")),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 60.0, 900.0])),
)


@settings(max_examples=60)
@given(st.lists(steps, max_size=25))
def test_each_channel_gets_each_message_once_unless_killed_between_sending_and_marking(
    played: list[tuple[Any, ...]],
) -> None:
    with an_office() as office:
        for name, *rest in played:
            getattr(office, name)(*rest)
        office.drain()

        assert {message.id for message in office.outbox.newest()} == office.put
        assert len(office.outbox.newest()) == len(office.put)
        for name, channel in office.channels.items():
            got = Counter(message.id for message in channel.sent)
            assert set(got) == office.put
            assert got.total() == len(office.put) + office.in_the_window[name]
