"""What a person reads of one step: what happened, what Jikimi does about it by itself, what is left to do.

For a bookkeeper who knows the ERP and no programs. Whoever calls this gives the steps and causes as plain words;
one that is not known here is told as it is, for a poor sentence is better than none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jikimi.notify.message import Message, Words
from jikimi.notify.sentences import (
    ALL_UNITS,
    BODY,
    CAUSES,
    HELD,
    HOLD_CURES,
    HOLDS,
    KINDS,
    MINUTES,
    RESTARTS,
    SUBJECT,
    UNITS,
    UNKNOWN,
    Kind,
)
from jikimi.text import Lang, Text


@dataclass(frozen=True, slots=True)
class Told:
    """One step that a person must hear of.

    Attributes:
        unit: "" means all of them.
        step: acted, critical, quarantined, recovered, began, or held.
        why: the cause, or for held what it waits for.
        incident: its id; "" for held, which belongs to none.
        facts: more about it: `do` (start, restart) and `attempt` for acted, `next_trial_s` for quarantined.
    """

    step: str
    unit: str = ""
    why: str = ""
    incident: str = ""
    facts: Mapping[str, object] | None = None


def message_of(told: Told, at: datetime, *, company: str, zone: ZoneInfo, called: str = "jikimi") -> Message:
    """Return the message about one step.

    What belongs to no incident is told at most once in an hour of the clock for each cause.

    Args:
        called: how this person calls our commands.
    """
    incident = told.incident or f"{told.step}-{told.why or 'unknown'}-{at.astimezone(zone):%Y%m%d-%H}"
    kind = KINDS.get(told.step, KINDS["began"])
    words = {lang: _words(told, kind, lang, at, company=company, zone=zone, called=called) for lang in Lang}
    return Message(incident, told.step, kind.severity, told.unit, at, words)


def trial_of(at: datetime, *, company: str, zone: ZoneInfo, called: str = "jikimi") -> Message:
    """Return the message by which a person tries the channels."""
    told = Told("test", "notify", "test", incident=f"test-{at.astimezone(zone):%Y%m%d-%H%M%S-%f}")
    return message_of(told, at, company=company, zone=zone, called=called)


def _words(told: Told, kind: Kind, lang: Lang, at: datetime, *, company: str, zone: ZoneInfo, called: str) -> Words:
    unit = UNITS[told.unit].say(lang) if told.unit in UNITS else told.unit or ALL_UNITS.say(lang)
    name = f"{unit} ({told.unit})" if told.unit in UNITS else unit
    known = HOLDS if told.step == HELD else CAUSES
    cause = known[told.why].say(lang) if told.why in known else told.why or UNKNOWN.say(lang)
    facts = {"unit": name, "id": told.unit, "cause": cause, "jikimi": called, **_numbers(told, lang)}
    does, todo = _advice(told, kind)
    body = BODY.say(
        lang,
        happened=kind.happened.say(lang, **facts),
        does=does.say(lang, **facts),
        todo=todo.say(lang, **facts),
        at=f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        company=company,
        incident=told.incident or "-",
        jikimi=called,
    )
    subject = SUBJECT.say(lang, word=kind.word.say(lang), unit=unit, cause=cause, company=company)
    return Words(" ".join(subject.split()), body)


def _advice(told: Told, kind: Kind) -> tuple[Text, Text]:
    """Return what Jikimi does and what the person may have to do."""
    facts = told.facts or {}
    does = RESTARTS.get(str(facts.get("do", "")), kind.does) if told.step == "acted" else kind.does
    return does, HOLD_CURES.get(told.why, kind.todo) if told.step == HELD else kind.todo


def _numbers(told: Told, lang: Lang) -> Mapping[str, object]:
    facts = told.facts or {}
    seconds = facts.get("next_trial_s")
    minutes = max(1, round(seconds / 60)) if isinstance(seconds, int | float) else 5
    return {"attempt": facts.get("attempt", 1), "wait": MINUTES.say(lang, minutes=minutes)}
