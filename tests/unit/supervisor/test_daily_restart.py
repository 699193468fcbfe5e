"""The restart of everything, phase by phase, in virtual time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.supervisor.daily_restart import OVER, Do, Limits, Phase, Plan, Scene, advance

UNITS = ("redis", "erp", "erp-worker")
OLD, NEW, GONE = (dict.fromkeys(UNITS, life) for life in ("old", "new", ""))
DRAINED = {**OLD, "erp-worker": ""}
LIMITS = Limits()
PLAN = Plan(UNITS, ("erp-worker",), OLD)
WELL = frozenset(UNITS)
ORDER = list(Phase)


def go(plan: Plan, scene: Scene, seconds: float = 1.0) -> tuple[Plan, tuple[Do, ...]]:
    return advance(plan, scene, seconds, LIMITS)


def test_a_good_day_goes_through_every_phase_once_and_tells_how_long_each_took() -> None:
    plan, done = go(PLAN, Scene(OLD, WELL))
    assert (plan.phase, done) == (Phase.DRAINING, (Do.ANNOUNCE, Do.PAUSE))
    plan, done = go(plan, Scene(OLD, WELL), 40)
    assert (plan.phase, done) == (Phase.DRAINING, ())
    plan, done = go(plan, Scene(DRAINED, WELL), 2)
    assert (plan.phase, done) == (Phase.STOPPING, (Do.RESTART,))
    plan, done = go(plan, Scene({**GONE, "redis": "old"}), 3)
    assert (plan.phase, done) == (Phase.STOPPING, ())
    plan, done = go(plan, Scene({**GONE, "redis": "new"}), 4)
    assert (plan.phase, done) == (Phase.STARTING, (Do.CLEAR,))
    plan, done = go(plan, Scene(NEW, WELL - {"erp"}), 5)
    assert (plan.phase, done) == (Phase.STARTING, ())
    plan, done = go(plan, Scene(NEW, WELL), 6)
    assert (plan.phase, done) == (Phase.VERIFYING, (Do.PROBE,))
    plan, done = go(plan, Scene(NEW, WELL), 7)
    assert (plan.phase, done) == (Phase.VERIFYING, ())
    plan, done = go(plan, Scene(NEW, WELL, has_answered=True), 8)

    assert (plan.phase, done, plan.why) == (Phase.DONE, (Do.REPORT,), "")
    assert plan.seconds == {"waiting": 1, "draining": 42, "stopping": 7, "starting": 11, "verifying": 15}
    assert go(plan, Scene(NEW, WELL)) == (replace(plan, age_s=1.0), ())


def test_a_backup_that_runs_is_waited_for_and_announced_once() -> None:
    plan, done = go(PLAN, Scene(OLD, WELL, backup_runs=True), LIMITS.waiting_s)
    assert (plan.phase, done) == (Phase.WAITING, (Do.ANNOUNCE,))

    after, done = go(plan, Scene(OLD, WELL), 1)
    assert (after.phase, done) == (Phase.DRAINING, (Do.PAUSE,))

    after, done = go(plan, Scene(OLD, WELL, backup_runs=True), 1)
    assert (after.phase, done, after.why) == (Phase.FAILED, (Do.REPORT,), "a backup still runs")


def test_a_batch_that_does_not_end_is_not_waited_for_for_ever() -> None:
    plan, done = go(replace(PLAN, phase=Phase.DRAINING), Scene(OLD, WELL), LIMITS.draining_s)
    assert (plan.phase, done) == (Phase.DRAINING, ())

    plan, done = go(plan, Scene(OLD, WELL), 0.5)

    assert (plan.phase, done) == (Phase.STOPPING, (Do.RESTART,))


@pytest.mark.parametrize(
    ("phase", "scene", "limit_s", "why"),
    [
        (Phase.STOPPING, Scene({**GONE, "erp": "old"}), LIMITS.stopping_s, "still running: erp"),
        (Phase.STARTING, Scene(NEW, frozenset({"redis"})), LIMITS.starting_s, "not well: erp, erp-worker"),
        (Phase.VERIFYING, Scene(NEW, WELL), LIMITS.verifying_s, "the synthetic job was not answered"),
    ],
)
def test_a_phase_that_takes_too_long_fails_with_who_is_late(
    phase: Phase, scene: Scene, limit_s: float, why: str
) -> None:
    plan, done = go(replace(PLAN, phase=phase), scene, limit_s)
    assert (plan.phase, done) == (phase, ())

    plan, done = go(plan, scene, 0.5)

    assert (plan.phase, done, plan.why) == (Phase.FAILED, (Do.REPORT,), why)


def test_who_did_not_run_before_is_not_waited_for_to_end() -> None:
    plan = replace(PLAN, lives={**OLD, "erp": ""}, phase=Phase.STOPPING)

    assert go(plan, Scene({**NEW, "erp": ""}))[0].phase is Phase.STARTING


LIVES = st.fixed_dictionaries({name: st.sampled_from(["", "old", "new"]) for name in UNITS})
SCENES = st.builds(Scene, LIVES, st.frozensets(st.sampled_from(UNITS)), st.booleans(), st.booleans())


@given(st.lists(st.tuples(SCENES, st.floats(0, 400)), max_size=60))
def test_whatever_happens_it_goes_forward_does_each_thing_once_and_ends_with_one_report(
    looks: list[tuple[Scene, float]],
) -> None:
    plan, done = PLAN, list[Do]()
    for scene, seconds in looks:
        before = plan
        plan, now = go(plan, scene, seconds)
        done += now
        assert ORDER.index(plan.phase) >= ORDER.index(before.phase)
        assert Do.PAUSE not in now or not scene.backup_runs
    for _ in range(10):
        plan, now = go(plan, Scene(OLD, backup_runs=True), 4000.0)
        done += now

    assert plan.phase in OVER
    assert len(done) == len(set(done))
    assert done[-1] is Do.REPORT
    assert set(plan.seconds) <= {phase.value for phase in Phase if phase not in OVER}
