"""What people and the timetable ask for, and who takes over from whom."""

from jikimi.supervisor.events import Do, Op
from jikimi.supervisor.policy import adopted
from jikimi.supervisor.rules import Limits
from jikimi.supervisor.state import Wanted, from_json, to_json
from tests.unit.supervisor.scenarios.office import at_work, scenario
from tests.unit.supervisor.world import StepFunction, World, office, one


@scenario
def units_start_in_their_order(step: StepFunction) -> None:
    world = World(*office(), step=step)
    world.bodies["erp"].boot_s = 10.0
    world.until(world.all_well, 30)
    assert [act.unit for _, act in world.acts] == ["redis", "erp", "scheduler", "erp-worker"]
    assert all(act.is_planned and act.do is Do.START for _, act in world.acts)
    assert world.notes == []


@scenario
def what_a_person_stopped_stays_stopped(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.STOP, "erp-worker")
    world.until(lambda: not world.bodies["erp-worker"].runs, 10)
    assert world.acts[0][1].grace_s == 120.0
    world.ask(Op.RESTART)
    world.ask(Op.PAUSE)
    world.ask(Op.RESUME)
    world.stack = adopted(from_json(to_json(world.stack)), world.alive())
    world.run(3000)
    assert not world.bodies["erp-worker"].runs
    assert world.told() == []
    world.ask(Op.START, "erp-worker")
    world.until(lambda: world.is_well("erp-worker"), 5)


@scenario
def a_planned_restart_stops_in_order_and_counts_for_nothing(step: StepFunction) -> None:
    world = at_work(step)
    for body in world.bodies.values():
        body.stop_takes_s = 2.0
    world.ask(Op.RESTART)
    world.until(lambda: len(world.acts) == 8 and world.all_well(), 60)
    stops = [act.unit for _, act in world.acts if act.do is Do.STOP]
    assert set(stops[:2]) == {"scheduler", "erp-worker"}
    assert set(stops[2:]) == {"redis", "erp"}
    assert [act.unit for _, act in world.acts[4:6]] == ["redis", "erp"]
    assert all(act.is_planned for _, act in world.acts)
    assert all(unit.restarts == 0 and unit.fruitless == () for unit in world.stack.units.values())
    assert world.told() == []


@scenario
def a_restart_of_one_leaves_the_others_alone(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.RESTART, "scheduler")
    world.until(lambda: world.unit("scheduler").life == "life 2" and world.all_well(), 10)
    assert {act.unit for _, act in world.acts} == {"scheduler"}


@scenario
def a_pause_ends_by_itself(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.PAUSE, for_s=1800.0)
    world.run(1790)
    assert {act.unit for _, act in world.acts} == {"erp-worker"}
    assert not world.bodies["erp-worker"].runs
    world.until(lambda: world.is_well("erp-worker"), 20)
    assert world.unit("erp-worker").wanted is Wanted.RUN


@scenario
def a_pause_without_an_end_lasts_until_it_is_resumed(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.PAUSE)
    world.run(3000)
    assert not world.bodies["erp-worker"].runs
    world.ask(Op.RESUME)
    world.until(lambda: world.is_well("erp-worker"), 5)


@scenario
def a_restart_of_all_leaves_paused_what_a_person_has_paused(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.PAUSE)
    world.run(60)
    world.ask(Op.RESTART)
    world.run(120)
    assert world.unit("erp-worker").wanted is Wanted.PAUSE
    assert not world.bodies["erp-worker"].runs
    world.ask(Op.RESTART, "erp-worker")
    world.until(lambda: world.is_well("erp-worker"), 20)


@scenario
def in_a_maintenance_window_nothing_is_done_until_its_end(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.MAINTENANCE, for_s=600.0)
    world.kill("erp-worker")
    world.run(590)
    assert world.acts == []
    world.until(world.incident_acts, 15)
    world.until(lambda: world.is_well("erp-worker"), 5)


@scenario
def an_order_is_obeyed_in_a_maintenance_window(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.MAINTENANCE)
    world.ask(Op.RESTART, "erp-worker")
    world.until(lambda: world.unit("erp-worker").life == "life 2", 10)
    world.ask(Op.MAINTENANCE, for_s=0.0)
    world.kill("erp-worker")
    world.until(world.incident_acts, 3)


@scenario
def down_stops_all_in_order_and_up_starts_them_again(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.DOWN)
    world.until(lambda: not any(body.runs for body in world.bodies.values()), 10)
    assert [act.unit for _, act in world.acts][-1] in ("redis", "erp")
    world.run(60)
    assert len(world.acts) == 4
    world.stack = adopted(world.stack, ())
    world.ask(Op.RESUME)
    world.until(world.all_well, 20)


@scenario
def a_keeper_that_takes_over_starts_nothing_twice(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].stop_takes_s = 3.0
    world.hang("erp-worker")
    world.until(world.incident_acts, 10)
    world.flights.clear()
    world.kill("erp-worker")
    world.bodies["erp-worker"].is_mute = False
    world.stack = adopted(from_json(to_json(world.stack)), world.alive())
    world.until_healed("erp-worker", 10)
    assert world.bodies["erp-worker"].life == 2
    assert world.rules.limits == Limits()


@scenario
def a_restart_of_what_was_stopped_starts_it(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.STOP, "erp-worker")
    world.until(lambda: not world.bodies["erp-worker"].runs, 5)
    world.run(2)
    world.ask(Op.RESTART, "erp-worker")
    world.until(lambda: world.bodies["erp-worker"].runs, 5)


@scenario
def start_all_starts_what_was_stopped_as_well(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.STOP, "erp-worker")
    world.run(2)
    world.ask(Op.START)
    world.until(lambda: world.bodies["erp-worker"].runs, 5)


@scenario
def starting_what_runs_changes_nothing(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.START)
    world.run(10)
    assert world.acts == []


@scenario
def stopping_one_does_not_wait_for_those_that_use_it(step: StepFunction) -> None:
    world = at_work(step)
    world.ask(Op.STOP, "redis")
    world.until(lambda: not world.bodies["redis"].runs, 5)
    world.run(60)
    assert {act.unit for _, act in world.acts} == {"redis"}


@scenario
def a_resume_forgives_nobody(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].boot_s, world.bodies["worker"].dies_after_s = 5.0, 0.4
    world.until(lambda: world.unit("worker").probe_s is not None, 60) if world.stack.units else world.run(60)
    world.acts.clear()
    world.ask(Op.RESUME)
    world.run(100)
    assert world.acts == []


@scenario
def a_person_who_starts_a_quarantined_unit_gives_it_all_its_trials(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].boot_s, world.bodies["worker"].dies_after_s = 5.0, 0.4
    world.run(60)
    assert world.unit("worker").probe_s is not None
    world.acts.clear()
    world.ask(Op.START, "worker")
    world.run(60)
    assert len(world.acts) == 6


@scenario
def a_pause_in_the_middle_of_a_restart_wins(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].stop_takes_s = 5.0
    world.ask(Op.RESTART, "erp-worker")
    world.run(2)
    world.ask(Op.PAUSE)
    world.run(60)
    assert not world.bodies["erp-worker"].runs


@scenario
def a_restart_that_does_not_help_is_not_tried_without_a_pause(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].says = {"failures": 3}
    world.bodies["erp-worker"].fails_actions = 1000
    world.until(lambda: len(world.incident_acts()) == 4, 60)
    times = [at for at, _ in world.acts]
    assert times[3] - times[2] >= 2.0
    world.until(lambda: world.unit("erp-worker").probe_s is not None, 60)


@scenario
def down_leaves_alone_what_is_not_ours(step: StepFunction) -> None:
    world = World(one("bank", is_ours=False, beats=False), one(), step=step)
    world.bodies["bank"].runs = True
    world.settle()
    world.ask(Op.DOWN)
    world.run(10)
    assert {act.unit for _, act in world.acts} == {"worker"}
    assert world.bodies["bank"].runs


@scenario
def after_a_power_cut_all_are_simply_started(step: StepFunction) -> None:
    world = at_work(step)
    for body in world.bodies.values():
        body.runs = False
    world.stack = adopted(from_json(to_json(world.stack)), world.alive())
    world.until(world.all_well, 30)
    assert all(act.is_planned for _, act in world.acts)
    assert world.notes == []


@scenario
def a_planned_stop_holds_up_nobody(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].stop_takes_s = 60.0
    world.ask(Op.STOP, "erp-worker")
    world.run(2)
    world.kill("scheduler")
    assert world.until(lambda: world.incident_acts("scheduler"), 5) <= 1.0
