"""What a person is to be told and through which channel it has gone: one SQLite file, one row a message.

The supervisor's process alone opens it. Its keeper writes with one connection, each channel's sender marks
its deliveries with another; the transactions are so short that nobody waits for anybody.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from jikimi.clock import Clock
from jikimi.notify.message import Message, Severity, Words
from jikimi.notify.outbox_file import NewerOutbox, open_file
from jikimi.notify.policy import Waiting
from jikimi.text import Lang

log = structlog.get_logger()
KEPT = 1000
UNKEPT = 100
_FAULTS = (sqlite3.Error, OSError, NewerOutbox)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a message stands with one channel: waiting, sending, sent or given up."""

    channel: str
    state: str
    attempts: int
    next_try: datetime | None
    sent_at: datetime | None
    why: str


class Outbox:
    """One connection to the outbox in the file *path*, made if it is missing.

    It is opened at its first use, and again after that failed.

    Args:
        channels: those that are set; each new message waits for every one of them.
        unkept: messages that could not be written down, for whichever connection can do it first.
        woken: called once there is something new to send.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        channels: Sequence[str] = (),
        *,
        unkept: deque[Message] | None = None,
        woken: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._clock, self._channels, self._woken = clock, tuple(channels), woken
        self._unkept = deque(maxlen=UNKEPT) if unkept is None else unkept
        self._opened: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open the file now.

        Raises:
            NewerOutbox: a newer Jikimi wrote it.
            sqlite3.Error, OSError: it cannot be opened; later uses try again.
        """
        _ = self._base

    def close(self) -> None:
        """Close the connection."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _base(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = open_file(self._path)
        return self._opened

    def put(self, message: Message) -> bool:
        """Keep *message* unless one of the same incident and step is there, and return whether it is new.

        It raises nothing: what cannot be written down now, as when the disk is full, is logged and written later.
        """
        try:
            self.put_unkept()
            is_new = self._keep(message)
        except _FAULTS as error:
            log.error("message.not_kept", incident=message.incident, step=message.step, why=str(error))  # noqa: TRY400 - a full disk needs no trace
            self._unkept.append(message)
            is_new = False
        if is_new or self._unkept:
            self._woken()
        return is_new

    def put_unkept(self) -> bool:
        """Write down what could not be written before, and return whether all of it is."""
        while True:
            try:
                message = self._unkept.popleft()
            except IndexError:  # another connection may have had the last one
                return True
            try:
                self._keep(message)
            except _FAULTS:
                self._unkept.appendleft(message)
                return False

    def leave_out(self) -> None:
        """Give up what waits for channels that are not set any more."""
        marks = ",".join("?" * len(self._channels))
        self._base.execute(
            "UPDATE deliveries SET state = 'given up', why = 'not set any more'"  # noqa: S608 - question marks only
            f" WHERE state IN ('waiting', 'sending') AND channel NOT IN ({marks})",
            self._channels,
        )

    def waiting(self, channel: str) -> list[Waiting]:
        """Return what *channel* has not sent, the oldest first; of very much, the oldest hundred."""
        rows = self._base.execute(
            "SELECT message, at, attempts, next_try FROM deliveries JOIN messages ON messages.id = message"
            " WHERE channel = ? AND state IN ('waiting', 'sending') ORDER BY message LIMIT 100",
            (channel,),
        )
        return [Waiting(number, _moment(at), attempts, _maybe(then)) for number, at, attempts, then in rows]

    def recall(self, channel: str) -> list[int]:
        """Return what an earlier life was just sending, and let it wait again; nobody knows whether it arrived."""
        rows = self._base.execute(
            "UPDATE deliveries SET state = 'waiting', next_try = NULL"
            " WHERE channel = ? AND state = 'sending' RETURNING message",
            (channel,),
        )
        return [number for (number,) in rows.fetchall()]

    def message(self, number: int) -> Message:
        """Return one message.

        Raises:
            KeyError: there is none of that number.
        """
        row = self._base.execute(
            "SELECT incident, step, severity, unit, at, subject_ko, body_ko, subject_en, body_en"
            " FROM messages WHERE id = ?",
            (number,),
        ).fetchone()
        if row is None:
            raise KeyError(number)
        return _message(*row)

    def mark_sending(self, number: int, channel: str) -> None:
        """Write down that a try begins."""
        self._mark(number, channel, "state = 'sending', attempts = attempts + 1")

    def mark_sent(self, number: int, channel: str) -> None:
        """Write down that it went through."""
        self._mark(number, channel, "state = 'sent', next_try = NULL, why = '', sent_at = ?", self._now())

    def mark_failed(self, number: int, channel: str, why: str, next_try: datetime | None) -> None:
        """Write down that it did not, and when it is tried again; None gives it up."""
        state, then = ("waiting", next_try.isoformat()) if next_try else ("given up", None)
        self._mark(number, channel, "state = ?, next_try = ?, why = ?", state, then, why)

    def deliveries(self, incident: str, step: str) -> list[Delivery]:
        """Return how one message stands with each of its channels."""
        rows = self._base.execute(
            "SELECT channel, state, attempts, next_try, sent_at, why FROM deliveries"
            " JOIN messages ON messages.id = message WHERE incident = ? AND step = ? ORDER BY channel",
            (incident, step),
        )
        return [
            Delivery(channel, state, attempts, _maybe(next_try), _maybe(sent_at), why)
            for channel, state, attempts, next_try, sent_at, why in rows
        ]

    def newest(self, most: int = KEPT) -> list[Message]:
        """Return the messages, the newest first."""
        rows = self._base.execute(
            "SELECT incident, step, severity, unit, at, subject_ko, body_ko, subject_en, body_en"
            " FROM messages ORDER BY id DESC LIMIT ?",
            (most,),
        )
        return [_message(*row) for row in rows]

    def _keep(self, message: Message) -> bool:
        words = [text for lang in (Lang.KO, Lang.EN) for text in _both(message.words[lang])]
        head = (message.incident, message.step, message.severity.value, message.unit, message.at.isoformat())
        with self._transaction():
            kept = self._base.execute(
                "INSERT INTO messages (incident, step, severity, unit, at, subject_ko, body_ko, subject_en, body_en)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [_storable(text) for text in (*head, *words)],
            )
            if not kept.rowcount:
                return False
            each = [(kept.lastrowid, channel) for channel in self._channels]
            self._base.executemany("INSERT INTO deliveries (message, channel) VALUES (?, ?)", each)
            self._prune()
        log.info("message.kept", incident=message.incident, step=message.step, severity=message.severity.value)
        return True

    def _prune(self) -> None:
        self._base.execute(
            "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE NOT EXISTS (SELECT 1 FROM deliveries"
            " WHERE message = id AND state IN ('waiting', 'sending')) ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (KEPT,),
        )

    def _mark(self, number: int, channel: str, change: str, *values: object) -> None:
        self._base.execute(
            f"UPDATE deliveries SET {change} WHERE message = ? AND channel = ?",  # noqa: S608 - our own words
            (*values, number, channel),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        except BaseException:
            if self._base.in_transaction:  # a full disk may have ended it already
                self._base.execute("ROLLBACK")
            raise

    def _now(self) -> str:
        return self._clock.now().isoformat()


def _message(incident: str, step: str, severity: str, unit: str, at: str, *texts: str) -> Message:
    korean, english = Words(*texts[:2]), Words(*texts[2:])
    return Message(incident, step, Severity(severity), unit, _moment(at), {Lang.KO: korean, Lang.EN: english})


def _both(words: Words) -> tuple[str, str]:
    return words.subject, words.body


def _storable(text: str) -> str:
    """Return *text* as UTF-8 can hold it: a file's name may have signs that are none."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return _moment(text) if text else None
