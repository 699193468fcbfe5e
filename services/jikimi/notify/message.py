"""A message to a person, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jikimi.text import Lang


class Severity(StrEnum):
    """How much a person is needed."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Words:
    """What is read: a subject of one line, and a body of several."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is told of one step of one incident; there is never a second one of the same two.

    Attributes:
        at: when it happened, aware of its zone.
    """

    incident: str
    step: str
    severity: Severity
    unit: str
    at: datetime
    words: Mapping[Lang, Words]

    @property
    def id(self) -> str:
        """The same each time it is sent, so that who gets it twice can tell."""
        return f"{self.incident}.{self.step.replace(' ', '-')}"
