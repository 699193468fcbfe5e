"""One unit and its signs of life."""

from jikimi.supervisor.events import Do, Step
from tests.unit.supervisor.scenarios.office import DAY_S, at_work, scenario
from tests.unit.supervisor.world import StepFunction, World, one


@scenario
def a_hung_unit_is_restarted_in_seconds(step: StepFunction) -> None:
    world = at_work(step)
    world.hang("erp-worker")
    found_s = world.until(world.incident_acts, 10)
    healed_s = world.until(lambda: world.is_well("erp-worker"), 10)
    assert 5.0 < found_s <= 6.0
    assert healed_s <= 2.0
    assert [(act.do, act.grace_s) for _, act in world.acts] == [(Do.RESTART, 2.0)]
    assert world.told() == [("erp-worker", Step.ACTED), ("erp-worker", Step.RECOVERED)]


@scenario
def a_dead_unit_is_started_at_the_next_look(step: StepFunction) -> None:
    world = at_work(step)
    world.kill("erp-worker")
    assert world.until(world.incident_acts, 10) == 0.5
    assert [(act.do, act.grace_s, act.force) for _, act in world.acts] == [(Do.START, 0.0, False)]
    world.until(lambda: world.is_well("erp-worker"), 10)
    assert world.unit("erp-worker").restarts == 1


@scenario
def a_frozen_one_gets_no_grace(step: StepFunction) -> None:
    world = at_work(step)
    world.hang("scheduler")
    world.bodies["scheduler"].says = {"is_frozen": True}
    world.until(world.incident_acts, 10)
    assert world.acts[0][1].grace_s == 0.0


@scenario
def silence_just_within_the_limit_is_left_alone(step: StepFunction) -> None:
    world = at_work(step)
    for _ in range(20):
        world.bodies["erp-worker"].is_mute = True
        world.run(5.0)
        world.bodies["erp-worker"].is_mute = False
        world.run(0.5)
    assert world.acts == []


@scenario
def a_stall_is_the_parents_for_three_seconds_then_the_unit_is_restarted(step: StepFunction) -> None:
    world = at_work(step)
    body = world.bodies["erp-worker"]
    body.works, body.is_stuck = False, True
    found_s = world.until(world.incident_acts, 80)
    assert 63.0 < found_s <= 64.5


@scenario
def no_phase_may_ask_for_more_than_half_an_hour(step: StepFunction) -> None:
    world = at_work(step)
    body = world.bodies["erp-worker"]
    body.works, body.is_stuck, body.budget_s = False, True, DAY_S
    assert 1803.0 < world.until(world.incident_acts, 1900) <= 1805.0


@scenario
def an_honest_long_job_is_left_alone(step: StepFunction) -> None:
    world = at_work(step)
    body = world.bodies["erp-worker"]
    body.works, body.is_stuck = False, True
    for _ in range(45):
        world.run(60)
        body.token += 1
    assert world.acts == []


@scenario
def an_idle_night_is_no_symptom(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].works = False
    world.run(3000)
    assert world.acts == []


@scenario
def a_slow_start_is_awaited_while_it_gives_signs(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].boot_s = 180.0
    world.settle(200)
    assert world.acts == []
    assert world.unit("worker").restarts == 0


@scenario
def a_start_without_signs_is_given_up_after_its_time(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].is_mute, world.bodies["worker"].is_cured = True, False
    assert 60.0 < world.until(world.incident_acts, 100) <= 62.5


@scenario
def work_that_an_idle_unit_leaves_untouched_restarts_it(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].says = {"leaves_work": True, "is_busy": False}
    assert 30.0 < world.until(world.incident_acts, 60) <= 31.5


@scenario
def a_start_that_is_frozen_is_given_up_soon(step: StepFunction) -> None:
    world = World(one(), step=step)
    body = world.bodies["worker"]
    body.is_mute, body.is_cured, body.says = True, False, {"is_frozen": True}
    assert 5.0 < world.until(world.incident_acts, 20) <= 7.0
