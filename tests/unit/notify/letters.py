"""Messages for the tests of this folder."""

from datetime import datetime

from jikimi.notify.message import Message, Severity, Words
from jikimi.testing.clock import NOON
from jikimi.text import Lang


def letter(incident: str = "1", step: str = "acted", at: datetime = NOON) -> Message:
    words = {lang: Words(f"{lang.value} {incident}", f"본문 {step}") for lang in Lang}
    return Message(incident, step, Severity.WARNING, "erp-worker", at, words)
