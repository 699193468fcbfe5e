"""How far a run is grows to the end, and the time that is left is that of the last run, at the pace of this one."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.backup.pipeline import Step
from jikimi.backup.progress import Course, Far
from jikimi.beats.beat import Mode
from jikimi.unit.pulse import Pulse
from jikimi.unit.report import Report, parse

STEPS = list(Step)
LAST = {"preflight": 10.0, "stage": 10.0, "store": 40.0, "verify": 10.0, "drill": 30.0}


def far_at(last: Mapping[str, float], *moves: tuple[str, float, float]) -> list[Far]:
    course = Course(STEPS, last, 100.0)
    return [course.at(step, share, 100.0 + ticks) for step, share, ticks in moves]


def test_a_run_as_quick_as_the_last_one_says_what_is_left_to_the_second() -> None:
    found = far_at(
        LAST, ("preflight", 0, 0), ("preflight", 1, 10), ("stage", 1, 20), ("store", 0.5, 40), ("drill", 1, 100)
    )

    assert [far.percent for far in found] == [0, 10, 20, 40, 100]
    assert [far.left_s for far in found] == [100, 90, 80, 60, 0]


def test_a_run_of_half_the_pace_is_noticed() -> None:
    early, late = far_at(LAST, ("preflight", 1, 20), ("drill", 0.5, 170))

    assert 90 < (early.left_s or 0) < 110
    assert 25 < (late.left_s or 0) < 30


def test_a_step_that_tells_nothing_moves_by_its_usual_time_and_never_ends_by_it() -> None:
    first, later, late, over = far_at(
        LAST, ("verify", 0, 60), ("verify", 0, 65), ("verify", 0, 600), ("verify", 1.0, 601)
    )

    assert [far.percent for far in (first, later, late, over)] == [60, 65, 69, 70]


def test_the_first_run_says_nothing_of_what_is_left_until_it_can() -> None:
    first, later = far_at({}, ("preflight", 0.5, 5), ("store", 0.5, 30))

    assert first.left_s is None
    assert later.percent == 30
    assert later.left_s == 70


@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.floats(0, 1), st.floats(0, 100)), min_size=1),
    st.dictionaries(st.sampled_from([step.value for step in STEPS]), st.floats(0, 1e5)),
)
def test_it_never_goes_back(moves: list[tuple[Step, float, float]], last: dict[str, float]) -> None:
    course, ticks, before = Course(STEPS, last, 0.0), 0.0, 0.0
    for step, share, more in moves:
        ticks += more
        far = course.at(step, share, ticks)
        assert before <= far.share <= 1.0
        assert far.left_s is None or far.left_s >= 0
        before = far.share


def test_it_is_logged_when_a_step_begins_and_each_ten_seconds() -> None:
    course = Course(STEPS, LAST, 0.0)
    logged = [
        ticks
        for ticks in range(40)
        if course.is_news(course.at("store", ticks / 100, ticks), ticks, begins=ticks in (0, 15))
    ]

    assert logged == [0, 10, 15, 25, 35]


def test_a_report_carries_it_and_one_without_has_no_word_of_it() -> None:
    told = list[Report]()
    pulse = Pulse(told.append)
    pulse.begin("backup")
    pulse.far("store", 42, 17.5, 1800.0)

    assert "percent" not in json.loads(told[0].line())
    found = parse(told[1].line())
    assert found is not None
    assert (found.mode, found.phase, found.percent, found.left_s) == (Mode.BUSY, "store", 42, 17.5)
    assert found.token > told[0].token


@pytest.mark.parametrize("share", [0.0, 0.999])
def test_a_hundred_is_said_at_the_end_alone(share: float) -> None:
    assert Far("drill", share).percent < 100
    assert Far("receipt", 1.0).percent == 100
