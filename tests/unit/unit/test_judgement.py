"""When a child is given up, and when it is left alone."""

from hypothesis import example, given
from hypothesis import strategies as st

from jikimi.beats.beat import Mode
from jikimi.unit.judgement import Limits, Seen, Verdict, judge

LIMITS = Limits(mute_s=5.0, longest_budget_s=1800.0)
SPANS = st.floats(0, 10_000, allow_nan=False)


def seen(mode: Mode = Mode.BUSY, **facts: float | bool) -> Seen:
    defaults: dict[str, float | bool] = {"budget_s": 60.0, "silent_s": 0.0, "still_s": 0.0}
    return Seen(mode, **{**defaults, **facts})  # type: ignore[arg-type]


@given(SPANS)
def test_a_busy_child_that_moves_within_its_budget_is_left_alone_however_silent(silent_s: float) -> None:
    assert judge(seen(silent_s=silent_s, still_s=60.0), LIMITS) is Verdict.LEAVE


@given(st.floats(60.001, 1_000_000))
def test_a_busy_child_that_stands_still_longer_than_its_budget_has_stalled(still_s: float) -> None:
    assert judge(seen(still_s=still_s), LIMITS) is Verdict.STALLED


@given(SPANS)
@example(5.0)
@example(5.001)
def test_an_idle_child_is_judged_by_its_voice_alone(silent_s: float) -> None:
    expected = Verdict.MUTE if silent_s > LIMITS.mute_s else Verdict.LEAVE

    assert judge(seen(Mode.IDLE, silent_s=silent_s, still_s=1e9), LIMITS) is expected


def test_no_phase_may_ask_for_more_than_the_longest_budget() -> None:
    assert judge(seen(budget_s=1e9, still_s=1800.0), LIMITS) is Verdict.LEAVE
    assert judge(seen(budget_s=1e9, still_s=1800.1), LIMITS) is Verdict.STALLED


@given(st.sampled_from(Mode), SPANS, SPANS, st.booleans())
def test_while_the_parent_is_blind_it_kills_nothing(mode: Mode, silent_s: float, still_s: float, stopped: bool) -> None:  # noqa: FBT001
    facts = seen(mode, silent_s=silent_s, still_s=still_s, is_stopped=stopped, is_blind=True)

    assert judge(facts, LIMITS) is Verdict.LEAVE


@given(st.sampled_from(Mode), st.booleans())
def test_a_child_that_is_gone_is_replaced_whatever_else_is_seen(mode: Mode, blind: bool) -> None:  # noqa: FBT001
    assert judge(seen(mode, has_exited=True, is_blind=blind, is_stopped=True), LIMITS) is Verdict.EXITED


@given(st.sampled_from(Mode))
def test_a_stopped_child_is_given_up_at_once(mode: Mode) -> None:
    assert judge(seen(mode, is_stopped=True), LIMITS) is Verdict.STOPPED
