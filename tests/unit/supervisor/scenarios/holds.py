"""When something else is the cause, and nothing is done."""

from jikimi.supervisor.events import Step
from tests.unit.supervisor.scenarios.office import at_work, scenario
from tests.unit.supervisor.world import StepFunction, World, office, one


@scenario
def redis_away_is_nobody_elses_fault(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["redis"].is_cured = False
    world.hang("redis")
    world.bodies["erp-worker"].says = {"is_blind": True, "leaves_work": True}
    world.bodies["erp-worker"].works, world.bodies["erp-worker"].is_stuck = False, True
    world.run(600)
    assert {act.unit for _, act in world.acts} == {"redis"}
    world.bodies["redis"].is_cured, world.bodies["redis"].is_mute = True, False
    world.until(lambda: world.unit("redis").well_s is not None, 960)
    world.bodies["erp-worker"].says, world.bodies["erp-worker"].works = {}, True
    world.run(120)
    assert {act.unit for _, act in world.acts} == {"redis"}
    assert {unit for unit, _ in world.told()} == {"redis"}


@scenario
def who_can_work_without_redis_is_not_blamed_for_not_finding_it_while_it_is_away(step: StepFunction) -> None:
    world = World(office()[0], one("backup", after=("redis",)), step=step)
    world.settle()
    world.bodies["redis"].is_cured = False
    world.hang("redis")
    world.bodies["backup"].says = {"is_blind": True}
    world.run(600)
    assert {act.unit for _, act in world.acts} == {"redis"}
    world.bodies["redis"].is_cured, world.bodies["redis"].is_mute = True, False
    world.until(lambda: world.unit("redis").well_s is not None, 960)
    world.acts.clear()
    assert 29.0 < world.until(world.incident_acts, 60) <= 40.0
    assert world.acts[0][1].unit == "backup"


@scenario
def who_does_not_find_redis_again_is_restarted(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].says = {"is_blind": True}
    world.kill("redis")
    world.until_healed("redis", 10)
    world.acts.clear()
    assert 29.0 < world.until(world.incident_acts, 60) <= 32.0
    assert world.acts[0][1].unit == "erp-worker"


@scenario
def what_dies_while_redis_is_away_comes_back_with_it_and_without_a_message(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["redis"].boot_s = 40.0
    world.kill("redis")
    world.run(2)
    world.kill("erp-worker")
    world.run(30)
    assert {act.unit for _, act in world.acts} == {"redis"}
    world.until(lambda: world.is_well("redis"), 30)
    assert world.until(lambda: world.is_well("erp-worker"), 15) <= 5
    assert {unit for unit, _ in world.told()} == {"redis"}


@scenario
def a_machine_that_slept_is_given_time(step: StepFunction) -> None:
    world = at_work(step)
    world.hang("erp-worker")
    world.tick(8 * 3600.0)
    world.run(29)
    assert world.acts == []
    assert world.told() == []
    world.bodies["erp-worker"].is_mute = False
    world.run(60)
    assert world.acts == []
    world.hang("erp-worker")
    world.until(world.incident_acts, 6)


@scenario
def a_late_look_is_counted_as_one(step: StepFunction) -> None:
    world = at_work(step)
    world.hang("erp-worker")
    for _ in range(4):
        world.tick(4.9)
    assert world.acts == []


@scenario
def a_dead_unit_after_a_sleep_waits_for_the_grace(step: StepFunction) -> None:
    world = at_work(step)
    world.tick(60.0)
    world.kill("erp-worker")
    assert 29.0 <= world.until(world.incident_acts, 40) <= 31.0


@scenario
def a_full_disk_forbids_restarts_and_heals_by_itself(step: StepFunction) -> None:
    world = at_work(step)
    world.hold = "disk"
    world.kill("erp-worker")
    world.run(600)
    assert world.acts == []
    assert world.told() == [("", Step.HELD)]
    world.hold = ""
    assert world.until(lambda: world.is_well("erp-worker"), 10) <= 3


@scenario
def silence_while_redis_was_away_is_forgiven(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["redis"].boot_s = 30.0
    world.kill("redis")
    world.run(2)
    world.hang("erp-worker")
    world.until(lambda: world.is_well("redis"), 40)
    world.acts.clear()
    assert 4.5 < world.until(world.incident_acts, 10) <= 7.0


@scenario
def silence_under_a_hold_is_forgiven(step: StepFunction) -> None:
    world = at_work(step)
    world.hold = "engine"
    world.hang("erp-worker")
    world.run(60)
    world.hold = ""
    assert 4.5 < world.until(world.incident_acts, 10) <= 6.5


@scenario
def blindness_under_a_hold_is_forgiven(step: StepFunction) -> None:
    world = at_work(step)
    world.hold = "redis takes no writes"
    world.bodies["erp-worker"].says = {"is_blind": True}
    world.run(60)
    world.hold = ""
    assert 29.0 < world.until(world.incident_acts, 60) <= 32.0


@scenario
def a_look_that_is_a_little_late_is_no_sleep(step: StepFunction) -> None:
    world = at_work(step)
    world.kill("erp-worker")
    world.tick(2.0)
    assert world.incident_acts()
