"""A bookkeeper reads what happened, what is done about it, and what is left to do."""

import re
from zoneinfo import ZoneInfo

import pytest

from jikimi.notify.message import Message, Severity
from jikimi.notify.sentences import CAUSES, HOLD_CURES, HOLDS, KINDS
from jikimi.notify.wording import Told, message_of, trial_of
from jikimi.testing.clock import NOON
from jikimi.text import Lang

SEOUL = ZoneInfo("Asia/Seoul")
COMPANY = "우리 상사"


def told(step: str, why: str = "silent", unit: str = "erp-worker", **facts: object) -> Message:
    incident = "" if step == "held" else "20261120-030000-7"
    return message_of(Told(step, unit, why, incident, facts), NOON, company=COMPANY, zone=SEOUL)


@pytest.mark.parametrize("step", KINDS)
@pytest.mark.parametrize("why", [*CAUSES, *HOLDS, "something new", ""])
@pytest.mark.parametrize("unit", ["", "erp-worker", "our-own-program"])
def test_every_step_of_everything_has_its_words_in_both_languages(step: str, why: str, unit: str) -> None:
    message = told(step, why, unit)

    for lang in Lang:
        words = message.words[lang]
        assert "\n" not in words.subject
        assert "{" not in words.subject + words.body
        assert COMPANY in words.subject
        assert "jikimi status" in words.body
    assert "2026-11-20 12:00:00" in message.words[Lang.KO].body
    assert re.search(r"무슨 일: .+\n지킴이가 하는 일: .+\n하실 일: .+", message.words[Lang.KO].body)


@pytest.mark.parametrize(
    ("step", "severity"),
    [
        ("acted", Severity.WARNING),
        ("began", Severity.WARNING),
        ("critical", Severity.CRITICAL),
        ("quarantined", Severity.CRITICAL),
        ("held", Severity.CRITICAL),
        ("recovered", Severity.INFO),
        ("a step of tomorrow", Severity.WARNING),
    ],
)
def test_a_message_is_as_severe_as_its_step(step: str, severity: Severity) -> None:
    assert told(step).severity is severity


def test_what_is_done_and_which_try_it_is_are_told() -> None:
    assert "다시 시작합니다(3번째 시도)" in told("acted", do="restart", attempt=3).words[Lang.KO].body
    assert "starts it again (try 1)" in told("acted", do="start", attempt=1).words[Lang.EN].body


def test_the_next_trial_of_what_is_kept_stopped_is_told_in_minutes() -> None:
    message = told("quarantined", next_trial_s=900.0)

    assert "15분 뒤에" in message.words[Lang.KO].body
    assert "`jikimi restart erp-worker`" in message.words[Lang.EN].body


def test_each_hold_that_is_told_has_a_cure_of_its_own() -> None:
    assert set(HOLD_CURES) == set(HOLDS)
    assert "1GB" in told("held", "disk", unit="").words[Lang.KO].body


def test_a_hold_is_told_once_an_hour_for_each_cause() -> None:
    assert told("held", "disk").id == "held-disk-20261120-12.held"
    assert told("held", "engine").incident != told("held", "disk").incident


def test_commands_are_named_as_this_person_calls_them() -> None:
    message = message_of(Told("critical", "erp"), NOON, company=COMPANY, zone=SEOUL, called="python3 start.py")

    assert "`python3 start.py status`" in message.words[Lang.KO].body
    assert "jikimi status" not in message.words[Lang.KO].body


def test_a_name_with_line_breaks_stays_in_one_line() -> None:
    message = told("acted", unit="a\nBcc: b")

    assert "\n" not in message.words[Lang.KO].subject


def test_no_two_trials_are_the_same_message() -> None:
    later = NOON.replace(microsecond=1)

    assert trial_of(NOON, company=COMPANY, zone=SEOUL).id != trial_of(later, company=COMPANY, zone=SEOUL).id
