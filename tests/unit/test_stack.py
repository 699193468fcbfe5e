"""One stack a home: a second one is told which runs, and nobody is named once it is gone."""

import json
import os
import platform
from zoneinfo import ZoneInfo

import pytest
from filelock import FileLock

from jikimi.config import Config, Home
from jikimi.supervisor.stack import Owner, RunsAlready, owner, owning, stop_file
from jikimi.testing.clock import FakeClock

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
def home(config: Config) -> Home:
    return config.home


def test_a_home_that_nobody_ever_owned_has_no_owner(home: Home) -> None:
    assert owner(home) is None


def test_who_runs_the_stack_is_known_while_it_runs_and_nobody_afterwards(home: Home) -> None:
    clock = FakeClock()

    with owning(home, clock, SEOUL):
        assert owner(home) == Owner(
            os.getpid(), "2026-11-20T12:00:00+09:00", 1, clock.now().timestamp(), platform.node()
        )

    assert owner(home) is None
    assert not (home / "stack.json").exists()


def test_a_second_stack_is_refused_and_told_who_runs(home: Home) -> None:
    with owning(home, FakeClock(), SEOUL):
        with pytest.raises(RunsAlready) as refused, owning(home, FakeClock(), SEOUL):
            pytest.fail("two own one home")

        assert refused.value.facts == {"pid": os.getpid(), "since": "2026-11-20T12:00:00+09:00"}
        assert owner(home) is not None


@pytest.mark.parametrize("text", [None, "", "{}", "[]", "null", '{"pid": 5}'])
def test_a_second_stack_is_refused_even_if_the_first_cannot_be_read(home: Home, text: str | None) -> None:
    with FileLock(home / ".stack.lock"):
        if text is not None:
            (home / "stack.json").write_text(text)

        with pytest.raises(RunsAlready) as refused, owning(home, FakeClock(), SEOUL):
            pytest.fail("two own one home")

        assert refused.value.facts == {"pid": "?", "since": "?"}
        assert owner(home) is None


def test_another_stack_may_own_the_home_after_the_first_even_if_that_broke(home: Home) -> None:
    with pytest.raises(ZeroDivisionError), owning(home, FakeClock(), SEOUL):
        raise ZeroDivisionError
    assert owner(home) is None

    with owning(home, FakeClock(), SEOUL):
        assert owner(home) is not None


def test_what_a_killed_stack_left_names_nobody(home: Home) -> None:
    with owning(home, FakeClock(), SEOUL):
        left = (home / "stack.json").read_text()
    (home / "stack.json").write_text(left)

    assert owner(home) is None


def test_the_counter_moves_while_the_stack_lives(home: Home) -> None:
    clock = FakeClock()
    with owning(home, clock, SEOUL) as ownership:
        before = owner(home)
        clock.advance(5)
        ownership.renew()
        after = owner(home)

    assert before is not None
    assert after is not None
    assert (after.counter - before.counter, after.at - before.at, after.since) == (1, 5, before.since)


def test_a_document_of_a_newer_version_with_more_in_it_is_understood(home: Home) -> None:
    with owning(home, FakeClock(), SEOUL):
        path = home / "stack.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "place": "x"}))

        assert owner(home) is not None


def test_a_stack_is_asked_to_stop_by_a_file_and_an_old_one_asks_nobody(home: Home) -> None:
    stop_file(home).touch()
    with owning(home, FakeClock(), SEOUL) as ownership:
        assert not ownership.asked_to_stop()

        stop_file(home).touch()

        assert ownership.asked_to_stop()
