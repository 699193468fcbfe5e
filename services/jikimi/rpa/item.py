"""A work item: one thing that a flow shall do once, and how far that has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from jikimi.text import Text

Data = Mapping[str, Any]


class State(StrEnum):
    """How an item stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING_SESSION = "waiting_session"
    DONE = "done"
    BUSINESS = "business"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


OVER = frozenset({State.DONE, State.BUSINESS, State.FAILED, State.IN_DOUBT})  # only a person moves these on

WORDS: Mapping[State, Text] = {
    State.QUEUED: Text("대기", "queued"),
    State.RUNNING: Text("실행 중", "running"),
    State.WAITING_SESSION: Text("화면 대기", "waits for a screen"),
    State.DONE: Text("완료", "done"),
    State.BUSINESS: Text("업무 오류", "refused"),
    State.FAILED: Text("실패", "failed"),
    State.IN_DOUBT: Text("확인 필요", "in doubt"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One work item.

    Attributes:
        key: makes it the same item wherever it is handed in again, within its flow.
        attempts: how many have begun, the running one among them.
        granted: so many of them do not count any more against what its flow allows, for a person gave it new ones.
        is_fenced: an attempt went behind the fence, and nobody has said since whether it went through; of an item
            that has had none: ask first.
        is_clear: somebody has said since the last attempt that it did not go through.
        asked: how often its probe has been asked since the last attempt without giving an answer.
        next_at: not before this time, in seconds since 1970.
        result: what the flow returned. reason: why it is not done.
        source, row: the file and the row that it came from, "" and 0 when it was handed in by hand.
        at: when it was handed in, ISO 8601.
    """

    flow: str
    key: str
    data: Data
    state: State = State.QUEUED
    attempts: int = 0
    granted: int = 0
    is_fenced: bool = False
    is_clear: bool = False
    asked: int = 0
    next_at: float = 0.0
    result: Data = field(default_factory=dict)
    reason: str = ""
    source: str = ""
    row: int = 0
    at: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing happens to it any more unless a person says so."""
        return self.state in OVER
