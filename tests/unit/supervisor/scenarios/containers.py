"""What only containers know: others stop, pause and remove them, and the engine starts them again."""

from jikimi.supervisor.events import Do, Op, Step
from jikimi.supervisor.policy import adopted
from jikimi.supervisor.rules import Limits
from tests.unit.supervisor.scenarios.office import at_work, scenario
from tests.unit.supervisor.world import StepFunction, World, office, one

ASIDE_S = Limits().aside_s


@scenario
def what_a_person_stops_from_outside_is_brought_back_after_a_minute(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].gone = {"is_set_aside": True}
    world.kill("erp-worker")
    assert ASIDE_S <= world.until(world.incident_acts, 70) <= ASIDE_S + 1
    assert world.told() == [("erp-worker", Step.ACTED)]
    world.until(lambda: world.is_well("erp-worker"), 5)
    assert world.unit("erp-worker").aside_s == 0


@scenario
def a_pause_from_outside_is_tolerated_for_a_minute(step: StepFunction) -> None:
    world = at_work(step)
    body = world.bodies["erp-worker"]
    body.says, body.is_mute = {"is_set_aside": True, "is_frozen": True}, True
    world.run(ASIDE_S - 1)
    assert world.acts == []
    body.says, body.is_mute = {}, False
    world.run(120)
    assert world.acts == []
    assert world.told() == []


@scenario
def a_pause_from_outside_that_lasts_is_ended(step: StepFunction) -> None:
    world = at_work(step)
    body = world.bodies["erp-worker"]
    body.says, body.is_mute = {"is_set_aside": True, "is_frozen": True}, True
    assert ASIDE_S + 5 <= world.until(world.incident_acts, 80) <= ASIDE_S + 7
    assert world.acts[0][1].do is Do.RESTART


@scenario
def a_removed_container_is_told_once_and_nothing_is_tried(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].gone = {"is_missing": True}
    world.kill("erp-worker")
    world.run(3600)
    assert world.acts == []
    assert world.told() == [("erp-worker", Step.BEGAN)]
    body = world.bodies["erp-worker"]
    body.runs, body.life, body.age_s = True, body.life + 1, 0.0
    world.until(lambda: world.is_well("erp-worker"), 5)
    assert world.told()[-1] == ("erp-worker", Step.RECOVERED)


@scenario
def what_its_maker_is_about_to_start_is_left_to_it(step: StepFunction) -> None:
    world = World(*office(), step=step)
    world.bodies["erp"].gone = {"is_missing": True}
    world.run(120)
    assert [act.unit for _, act in world.acts] == ["redis", "scheduler"]
    assert world.told() == []
    world.bodies["erp"].runs = True
    world.until(world.all_well, 10)
    assert [act.unit for _, act in world.acts] == ["redis", "scheduler", "erp-worker"]


@scenario
def nothing_is_started_while_the_engine_settles(step: StepFunction) -> None:
    for hold in ("settling", "engine"):
        world = World(*office(), step=step)
        world.hold = hold
        world.run(60)
        assert world.acts == []
        assert (("", Step.HELD) in world.told()) is (hold == "engine")
        world.hold = ""
        world.until(world.all_well, 30)


@scenario
def who_ran_out_of_memory_is_told_so(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].gone = {"ran_out_of_memory": True}
    world.kill("erp-worker")
    world.until_healed("erp-worker", 5)
    assert {note.why for _, note in world.notes if note.tells} == {"out of memory"}


@scenario
def what_was_given_up_is_stopped_again_after_the_engine_started_it(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].dies_after_s = 1.0
    world.run(1)
    world.until(lambda: world.unit("worker").probe_s is not None, 600)
    world.run(5)
    body = world.bodies["worker"]
    body.runs, body.life, body.age_s, body.dies_after_s = True, body.life + 1, 0.0, 1e9
    world.stack = adopted(world.stack, world.alive(), is_same=True)
    world.acts.clear()
    world.hold = "settling"
    world.run(5)
    assert world.acts == []
    world.hold = ""
    world.run(2)
    assert [act.do for _, act in world.acts] == [Do.STOP]
    world.run(30)
    assert not body.runs
    world.until(lambda: world.is_well("worker"), 600)


@scenario
def what_was_given_up_and_made_anew_is_given_its_chance(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].dies_after_s = 1.0
    world.run(1)
    world.until(lambda: world.unit("worker").probe_s is not None, 600)
    world.run(5)
    body = world.bodies["worker"]
    body.runs, body.life, body.age_s, body.dies_after_s = True, body.life + 1, 0.0, 1e9
    world.stack = adopted(world.stack, world.alive())
    world.acts.clear()
    world.run(60)
    assert world.acts == []
    assert world.is_well("worker")


@scenario
def an_order_counts_for_what_was_set_aside_as_well(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].gone = {"is_set_aside": True}
    world.kill("erp-worker")
    world.run(5)
    world.ask(Op.RESTART, "erp-worker")
    world.bodies["erp-worker"].gone = {}
    world.until_healed("erp-worker", 5)


@scenario
def a_silent_container_of_ours_is_not_asked_first(step: StepFunction) -> None:
    world = World(one(is_deaf=True), step=step)
    world.settle()
    world.hang("worker")
    world.until(world.incident_acts, 10)
    assert [(act.do, act.grace_s) for _, act in world.acts] == [(Do.RESTART, 0.0)]


@scenario
def one_that_beats_and_does_not_move_on_is_asked_first(step: StepFunction) -> None:
    world = World(one(is_deaf=True), step=step)
    world.settle()
    world.bodies["worker"].is_stuck = True
    world.until(world.incident_acts, 120)
    assert [act.grace_s for _, act in world.acts] == [Limits().incident_grace_s]
