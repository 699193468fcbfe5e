"""Sends what waits, through one channel, outside the keeper's loop.

The rule: a delivery is marked "sending" before and "sent" after. Between the two, nobody can know whether it
arrived: a sender that was killed there, and one that the other side left without an answer, send it again with
the same id, for a person told twice is better off than one not told. The same holds when the power goes within
half a minute of the sending. At every other point it is sent exactly once.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from threading import Event

import structlog

from jikimi.clock import Clock
from jikimi.notify.message import Message
from jikimi.notify.outbox import Outbox
from jikimi.notify.policy import Trouble, Waiting, choose, is_given_up, pause_s
from jikimi.notify.port import Channel, NotSent

log = structlog.get_logger()
_AFTER_FAULT_S = 5.0


class Sender:
    """One channel's sender; a channel that hangs holds up no other one.

    Args:
        open_outbox: opens a connection of its own, in the thread that runs it.
    """

    def __init__(self, channel: Channel, open_outbox: Callable[[], Outbox], clock: Clock) -> None:
        self._channel, self._open_outbox, self._clock = channel, open_outbox, clock
        self._woken = Event()
        self._is_closing = False
        self._failures = 0
        self._failed_at = clock.ticks()
        self._unmarked: set[int] = set()  # sent, but the mark could not be written: a full disk sends nothing twice

    def wake(self) -> None:
        """Look at once whether something is due."""
        self._woken.set()

    def close(self) -> None:
        """End after the message that is being sent."""
        self._is_closing = True
        self._woken.set()

    def run(self) -> None:
        """Send until closed, whatever happens."""
        while not self._is_closing:
            try:
                with closing(self._open_outbox()) as outbox:
                    self._serve(outbox)
            except Exception:  # a full disk, or a fault of ours: the next message may go through
                log.exception("sender.failed", channel=self._channel.name)
                self._rest(_AFTER_FAULT_S)

    def recall(self, outbox: Outbox) -> None:
        """Take up what an earlier life was just sending."""
        for number in outbox.recall(self._channel.name):
            log.warning("message.in_doubt", channel=self._channel.name, message=outbox.message(number).id)

    def send_due(self, outbox: Outbox) -> float:
        """Send what is due, one after the other, and return in how many seconds the next one may be."""
        while not self._is_closing:
            is_written = outbox.put_unkept()
            self._mark_what_was_sent(outbox)
            trouble = Trouble(self._failures, self._clock.ticks() - self._failed_at)
            waiting = [item for item in outbox.waiting(self._channel.name) if item.number not in self._unmarked]
            choice = choose(waiting, self._clock.now(), trouble)
            if not isinstance(choice, Waiting):
                return choice if is_written and not self._unmarked else min(choice, _AFTER_FAULT_S)
            self._try(outbox, choice)
        return 0.0

    def _serve(self, outbox: Outbox) -> None:
        self.recall(outbox)
        while not self._is_closing:
            self._woken.clear()
            self._rest(self.send_due(outbox))

    def _rest(self, seconds: float) -> None:
        # An event and not the clock's `wait`: a new message ends the rest.
        if not self._is_closing:
            self._woken.wait(seconds)

    def _try(self, outbox: Outbox, item: Waiting) -> None:
        name = self._channel.name
        outbox.mark_sending(item.number, name)
        message = outbox.message(item.number)
        why = self._send(message)
        if why is None:
            self._failures = 0
            self._unmarked.add(item.number)
            age_s = round((self._clock.now() - item.at).total_seconds(), 1)
            log.info("message.sent", channel=name, message=message.id, attempt=item.attempts + 1, age_s=age_s)
            self._mark_what_was_sent(outbox)
        else:
            self._failures += 1
            self._failed_at = self._clock.ticks()
            self._note_failure(outbox, item, message, why)

    def _send(self, message: Message) -> str | None:
        """Return why it was not sent, None if it was."""
        try:
            self._channel.send(message)
        except NotSent as error:
            return error.why
        except Exception as error:  # a fault of the channel must not keep the others' messages
            log.exception("channel.failed", channel=self._channel.name, message=message.id)
            return type(error).__name__
        return None

    def _note_failure(self, outbox: Outbox, item: Waiting, message: Message, why: str) -> None:
        now, attempt, name = self._clock.now(), item.attempts + 1, self._channel.name
        if is_given_up(item.at, now):
            outbox.mark_failed(item.number, name, why, None)
            log.error("message.given_up", channel=name, message=message.id, attempt=attempt, why=why)
            return
        outbox.mark_failed(item.number, name, why, now + timedelta(seconds=pause_s(attempt)))
        pause = pause_s(self._failures)
        log.warning("message.not_sent", channel=name, message=message.id, attempt=attempt, why=why, pause_s=pause)

    def _mark_what_was_sent(self, outbox: Outbox) -> None:
        for number in sorted(self._unmarked):
            try:
                outbox.mark_sent(number, self._channel.name)
            except sqlite3.Error as error:
                log.error("message.not_marked", channel=self._channel.name, why=str(error))  # noqa: TRY400 - a full disk needs no trace
                return
            self._unmarked.discard(number)
