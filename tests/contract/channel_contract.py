"""What every channel to a person must do; subclass it and give a `wire` fixture."""

from dataclasses import dataclass, replace
from typing import Protocol

import pytest
from structlog.testing import capture_logs

from jikimi.clock import SystemClock
from jikimi.notify.message import Message, Severity, Words
from jikimi.notify.port import Channel, NotSent
from jikimi.testing.clock import NOON
from jikimi.text import Lang

KOREAN = Words("[지킴이][고치는 중] 전표 작업자", "무슨 일: 응답이 없습니다.\n하실 일: 없습니다.\n.\n끝")
ENGLISH = Words("[Jikimi][mending] the voucher worker", "What happened: it gives no answer.")
MESSAGE = Message(
    "20261120-030000-7", "acted", Severity.WARNING, "erp-worker", NOON, {Lang.KO: KOREAN, Lang.EN: ENGLISH}
)
SECRET = "p4ss-w0rd-of-jikimi"
HANGS_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Received:
    """What a person has got."""

    subject: str
    body: str
    id: str


class Wire(Protocol):
    """A channel, what came out at its other end, and what a test can do to it."""

    @property
    def channel(self) -> Channel: ...

    def received(self) -> list[Received]: ...

    def go_away(self) -> None: ...

    def come_back(self) -> None: ...

    def refuse(self) -> None: ...

    def hang(self) -> None: ...


class ChannelContract:
    def test_what_is_sent_arrives_as_it_was_written(self, wire: Wire) -> None:
        wire.channel.send(MESSAGE)

        (got,) = wire.received()
        assert got.subject == KOREAN.subject
        assert got.body.strip() == KOREAN.body

    def test_the_same_message_can_be_told_by_its_id(self, wire: Wire) -> None:
        wire.channel.send(MESSAGE)
        wire.channel.send(MESSAGE)
        wire.channel.send(replace(MESSAGE, step="recovered"))

        first, again, other = (got.id for got in wire.received())
        assert first == again != other

    def test_a_subject_of_several_lines_arrives_as_one(self, wire: Wire) -> None:
        evil = Words("그럴듯한 제목\r\nBcc: thief@example.com", "본문")

        wire.channel.send(replace(MESSAGE, words={Lang.KO: evil, Lang.EN: evil}))

        (got,) = wire.received()
        assert got.subject.replace("\r\n", " ") == "그럴듯한 제목 Bcc: thief@example.com"

    @pytest.mark.parametrize("trouble", ["go_away", "refuse", "hang"])
    def test_what_cannot_be_sent_is_said_with_the_reason_and_no_secret(self, wire: Wire, trouble: str) -> None:
        getattr(wire, trouble)()
        clock = SystemClock()
        begun = clock.ticks()

        with capture_logs() as logs, pytest.raises(NotSent) as caught:
            wire.channel.send(MESSAGE)

        assert clock.ticks() - begun < HANGS_WITHIN_S
        assert caught.value.why
        assert caught.value.facts["channel"] == wire.channel.name
        assert not wire.received()
        shown = [str(caught.value), *map(caught.value.explain, Lang), repr(caught.value), repr(wire.channel), str(logs)]
        assert not any(SECRET in text for text in shown)

    def test_it_sends_again_once_the_trouble_is_over(self, wire: Wire) -> None:
        wire.go_away()
        with pytest.raises(NotSent):
            wire.channel.send(MESSAGE)

        wire.come_back()
        wire.channel.send(MESSAGE)

        assert len(wire.received()) == 1
