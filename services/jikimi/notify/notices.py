"""What the supervisor has of all this: it puts messages in, and they go out by themselves."""

import sqlite3
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import structlog

from jikimi.clock import Clock
from jikimi.notify.message import Message
from jikimi.notify.outbox import UNKEPT, Outbox
from jikimi.notify.port import Channel
from jikimi.notify.sender import Sender

log = structlog.get_logger()


class Notices:
    """The outbox in the file *path* with a sender for each channel.

    One process alone has it, and one thread of that process calls it.

    Raises:
        NewerOutbox: a newer Jikimi wrote the file.
    """

    def __init__(self, path: Path, channels: Sequence[Channel], clock: Clock) -> None:
        names = [channel.name for channel in channels]
        unkept: deque[Message] = deque(maxlen=UNKEPT)

        def opened() -> Outbox:
            outbox = Outbox(path, clock, names, unkept=unkept)
            outbox.open()
            return outbox

        self._outbox = Outbox(path, clock, names, unkept=unkept, woken=self._wake)
        self._senders = [Sender(channel, opened, clock) for channel in channels]
        self._threads = [
            Thread(target=sender.run, name=f"notify-{name}", daemon=True)
            for sender, name in zip(self._senders, names, strict=True)
        ]
        try:
            self._outbox.open()
            self._outbox.leave_out()
        except (sqlite3.Error, OSError) as error:  # healing goes on without; each message tries to open it again
            log.error("outbox.not_opened", why=str(error))  # noqa: TRY400 - a full disk needs no trace

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def put(self, message: Message) -> bool:
        """Have *message* sent once through every channel, and return whether it is new; quick, and raises nothing."""
        return self._outbox.put(message)

    def close(self, within_s: float = 2.0) -> None:
        """Let each sender end what it is sending, but wait no longer; what is left is sent at the next start."""
        for sender in self._senders:
            sender.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(within_s)
        self._outbox.close()

    def _wake(self) -> None:
        for sender in self._senders:
            sender.wake()
