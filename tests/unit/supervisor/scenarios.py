"""What the policy promises, one situation each. A scenario gets the `step` to try, so that mutants can be tried too."""

from collections.abc import Callable
from itertools import pairwise

from jikimi.supervisor.events import Do, Op, Step
from jikimi.supervisor.policy import adopted
from jikimi.supervisor.rules import Limits
from jikimi.supervisor.state import Wanted, from_json, to_json
from tests.unit.supervisor.world import StepFunction, World, office, one

Scenario = Callable[[StepFunction], None]
SCENARIOS: list[Scenario] = []
DAY_S = 86_400.0


def scenario(function: Scenario) -> Scenario:
    SCENARIOS.append(function)
    return function


def at_work(step: StepFunction, *, after_s: float = 700.0) -> World:
    """The office, long enough at work that each life was worth its start."""
    world = World(*office(), step=step)
    world.bodies["erp-worker"].works = True
    world.settle()
    world.run(after_s)
    assert world.acts == []
    return world


@scenario
def units_start_in_their_order(step: StepFunction) -> None:
    world = World(*office(), step=step)
    world.bodies["erp"].boot_s = 10.0
    world.until(world.all_well, 30)
    assert [act.unit for _, act in world.acts] == ["redis", "erp", "scheduler", "erp-worker"]
    assert all(act.is_planned and act.do is Do.START for _, act in world.acts)
    assert world.notes == []


@scenario
def a_hung_unit_is_restarted_in_seconds(step: StepFunction) -> None:
    world = at_work(step)
    world.hang("erp-worker")
    found_s = world.until(world.incident_acts, 10)
    healed_s = world.until(lambda: world.is_well("erp-worker"), 10)
    assert 5.0 < found_s <= 6.0
    assert healed_s <= 2.0
    assert [(act.do, act.grace_s) for _, act in world.acts] == [(Do.RESTART, 3.0)]
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
def a_crash_loop_ends_in_quarantine_and_is_tried_for_ever(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].boot_s, world.bodies["worker"].dies_after_s = 5.0, 0.4
    world.run(299)
    starts = [at for at, _ in world.acts]
    assert len(starts) == 6
    gaps = [round(after - before, 1) for before, after in pairwise(starts[1:])]
    assert all(pause + 0.5 <= gap <= pause + 1.5 for pause, gap in zip((1, 2, 4, 8), gaps, strict=True))
    assert [step for _, step in world.told()] == [Step.ACTED, Step.CRITICAL, Step.QUARANTINED]
    world.run(6000)
    starts = [at for at, _ in world.acts][6:]
    gaps = [after - before for before, after in pairwise(starts)]
    assert 595 <= gaps[0] <= 605
    assert all(895 <= gap <= 905 for gap in gaps[1:])
    assert len(world.told()) == 3
    world.bodies["worker"].dies_after_s = 1e9
    world.until(lambda: world.is_well("worker"), 960)
    assert world.told()[3:] == [("worker", Step.RECOVERED)]


@scenario
def a_quarantined_one_is_tried_at_once_when_what_it_needs_is_back(step: StepFunction) -> None:
    world = World(one("base", beats=False), one(needs=("base",), after=("base",)), step=step)
    world.settle()
    world.bodies["worker"].dies_after_s = 0.4
    world.until(lambda: world.unit("worker").probe_s is not None, 60)
    world.bodies["base"].runs = False
    world.bodies["worker"].dies_after_s = 1e9
    world.until(lambda: world.unit("base").life == "life 2", 10)
    assert world.until(lambda: world.bodies["worker"].runs, 15) <= 3
    world.until(lambda: world.is_well("worker"), 60)


@scenario
def a_storm_of_kills_between_useful_work_never_quarantines(step: StepFunction) -> None:
    world = at_work(step, after_s=5.0)
    for number in range(100):
        victim = ("erp-worker", "redis", "erp")[number % 3]
        world.kill(victim)
        world.run(6)
    assert all(unit.probe_s is None for unit in world.stack.units.values())
    world.until(world.all_well, 15)
    assert world.unit("erp-worker").restarts >= 33


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
def work_that_an_idle_unit_leaves_untouched_restarts_it(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].says = {"leaves_work": True, "is_busy": False}
    assert 30.0 < world.until(world.incident_acts, 60) <= 31.5


@scenario
def three_failed_rounds_restart_the_unit(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].says = {"failures": 2}
    world.run(60)
    assert world.acts == []
    world.bodies["erp-worker"].says = {"failures": 3}
    assert world.until(world.incident_acts, 10) <= 1.0
    world.bodies["erp-worker"].says = {}
    world.until(lambda: world.is_well("erp-worker"), 10)


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
def many_at_once_is_one_cause_until_a_canary_came_back(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(4)), step=step)
    world.settle()
    world.run(700)
    world.hang("w0", "w1", "w2")
    world.bodies["w0"].boot_s = 8.0
    assert 20.0 < world.until(world.incident_acts, 40) <= 21.5
    world.run(7)
    assert [act.unit for _, act in world.acts] == ["w0"]
    world.until(lambda: all(world.is_well(f"w{number}") for number in range(4)), 30)
    assert [act.unit for _, act in world.acts] == ["w0", "w1", "w2"]
    assert world.told() == [("w0", Step.ACTED), ("w0", Step.RECOVERED)]


@scenario
def many_that_recover_by_themselves_are_left_alone(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(4)), step=step)
    world.settle()
    world.hang("w0", "w1", "w2", "w3")
    world.run(15)
    for body in world.bodies.values():
        body.is_mute = False
    world.run(60)
    assert world.acts == []


@scenario
def when_the_canary_does_not_come_back_another_is_tried(step: StepFunction) -> None:
    world = World(*(one(f"w{number}", boot_s=10.0) for number in range(4)), step=step)
    world.settle()
    world.run(700)
    world.bodies["w0"].is_cured = False
    world.hang("w0", "w1", "w2")
    world.until(lambda: {act.unit for _, act in world.acts} >= {"w0", "w1"}, 90)
    world.until(lambda: world.is_well("w2"), 60)


@scenario
def one_of_two_is_not_many(step: StepFunction) -> None:
    world = World(one("a"), one("b"), step=step)
    world.settle()
    world.run(700)
    world.hang("a")
    assert world.until(world.incident_acts, 10) <= 6.0


@scenario
def two_of_five_are_not_many(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(5)), step=step)
    world.settle()
    world.run(700)
    world.hang("w0", "w1")
    assert world.until(world.incident_acts, 10) <= 6.0
    assert world.until(lambda: world.is_well("w1"), 10) <= 6.0


@scenario
def one_after_the_other_is_not_many_at_once(step: StepFunction) -> None:
    world = World(*(one(f"w{number}", silent_s=5.0 + 20 * number) for number in range(2)), step=step)
    world.settle()
    world.run(700)
    world.hang("w1")
    world.run(19)
    world.hang("w0")
    world.until(world.incident_acts, 7)


@scenario
def ten_one_after_the_other_are_all_healed(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(10)), step=step)
    world.settle()
    world.run(700)
    for number in range(10):
        world.hang(f"w{number}")
        world.run(2)
    world.until(lambda: len(world.incident_acts()) == 10, 90)
    world.until(lambda: all(world.is_well(f"w{number}") for number in range(10)), 10)
    assert len(world.incident_acts()) == 10


@scenario
def only_one_is_mended_at_a_time(step: StepFunction) -> None:
    world = World(*(one(f"w{number}", beats=False) for number in range(3)), step=step)
    world.settle()
    world.run(700)
    for body in world.bodies.values():
        body.stop_takes_s = 3.0
    world.hang("w0", "w1", "w2")
    world.until(lambda: len(world.acts) == 3, 30)
    times = [at for at, _ in world.acts]
    assert all(after - before >= 3.0 for before, after in pairwise(times))


@scenario
def what_is_in_vain_waits_its_turn_but_useful_work_does_not(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(5)), step=step)
    world.bodies["w4"].works = True
    world.settle()
    for number in range(3):
        world.bodies[f"w{number}"].boot_s, world.bodies[f"w{number}"].dies_after_s = 5.0, 0.4
        world.kill(f"w{number}")
    world.run(200)
    assert len(world.incident_acts()) <= 2 * 6 + 5
    world.kill("w4")
    world.until(lambda: world.incident_acts("w4"), 3)


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
def an_action_that_does_not_help_is_repeated_harder(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].fails_actions = 1
    world.hang("erp-worker")
    world.until(lambda: len(world.incident_acts()) == 2, 15)
    assert [(act.force, act.grace_s) for _, act in world.acts] == [(False, 3.0), (True, 0.0)]
    world.until(lambda: world.is_well("erp-worker"), 10)


@scenario
def an_action_without_an_answer_is_given_up(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].stop_takes_s = 1e6
    world.hang("erp-worker")
    world.until(world.incident_acts, 10)
    assert 18.0 <= world.until(lambda: len(world.incident_acts()) == 2, 30) <= 21.0


@scenario
def what_is_only_looked_at_is_told_of_and_never_touched(step: StepFunction) -> None:
    world = World(one("bank", is_ours=False, beats=False), one(needs=("bank",)), step=step)
    world.bodies["bank"].runs = True
    world.settle()
    world.hang("bank")
    world.run(60)
    world.hang("worker")
    world.run(60)
    assert world.acts == []
    assert world.told() == [("bank", Step.BEGAN)]
    world.bodies["bank"].is_mute = world.bodies["worker"].is_mute = False
    world.until(lambda: world.is_well("bank"), 10)
    assert world.told()[-1] == ("bank", Step.RECOVERED)


@scenario
def a_newcomer_is_only_observed_for_its_first_day(step: StepFunction) -> None:
    world = World(one(observe_s=1500.0), step=step)
    world.settle()
    world.kill("worker")
    world.run(600)
    assert world.acts == []
    assert Step.WOULD in [note.step for _, note in world.notes]
    world.until(world.incident_acts, 1500)


@scenario
def a_flap_below_the_limit_is_mended_each_time(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.settle()
    for _ in range(24):
        world.run(720)
        world.kill("worker")
        world.until_healed("worker", 10)
    assert len(world.acts) == 24
    assert world.unit("worker").probe_s is None


@scenario
def who_failed_often_is_recovered_only_when_it_lasts(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].boot_s, world.bodies["worker"].dies_after_s = 1.0, 10.0
    world.settle()
    world.until(lambda: len(world.unit("worker").fruitless) == 3, 60)
    world.until(lambda: world.bodies["worker"].runs, 20)
    world.bodies["worker"].dies_after_s = 1e9
    world.notes.clear()
    assert 29.0 < world.until(lambda: world.is_well("worker"), 60) <= 33.0


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
def failures_of_long_ago_are_forgotten(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.bodies["worker"].dies_after_s = 130.0
    world.run(3600)
    assert world.unit("worker").restarts > 20
    assert Step.QUARANTINED not in [note.step for _, note in world.notes]


@scenario
def a_first_failure_is_mended_at_once(step: StepFunction) -> None:
    world = World(one(), step=step)
    world.settle()
    world.kill("worker")
    assert world.until(world.incident_acts, 5) <= 0.5


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
def a_look_that_is_a_little_late_is_no_sleep(step: StepFunction) -> None:
    world = at_work(step)
    world.kill("erp-worker")
    world.tick(2.0)
    assert world.incident_acts()


@scenario
def half_of_them_are_many(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(4)), step=step)
    world.settle()
    world.run(700)
    world.hang("w0", "w1")
    assert 20.0 < world.until(world.incident_acts, 40) <= 21.5


@scenario
def two_that_fell_silent_long_apart_are_not_many(step: StepFunction) -> None:
    world = World(one("slow", beats=False), one("a"), one("b"), step=step)
    world.settle()
    world.run(700)
    world.bodies["slow"].stop_takes_s = 17.0
    world.hang("slow")
    world.run(2)
    world.hang("a")
    world.run(12)
    world.hang("b")
    world.until(lambda: world.incident_acts("slow") and not world.flights, 30)
    assert world.until(lambda: world.incident_acts("a"), 5) <= 1.5


@scenario
def a_canary_that_has_to_wait_for_its_turn_stays_the_canary(step: StepFunction) -> None:
    world = World(one("slow", beats=False), one("a"), one("b"), step=step)
    world.settle()
    world.run(700)
    world.bodies["slow"].stop_takes_s = 17.5
    world.hang("a", "b")
    world.run(13)
    world.hang("slow")
    world.until(lambda: world.incident_acts("slow"), 10)
    world.until(lambda: not world.flights, 30)
    assert world.until(lambda: world.incident_acts("a"), 5) <= 1.5


@scenario
def a_canary_that_cannot_be_restarted_does_not_block_the_others(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(4)), step=step)
    world.settle()
    world.run(700)
    world.bodies["w0"].fails_actions = 1000
    world.hang("w0", "w1", "w2")
    world.until(lambda: world.unit("w1").life == "life 2" and world.unit("w2").life == "life 2", 90)


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
def a_late_answer_of_an_action_that_was_given_up_is_ignored(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].stop_takes_s = 25.0
    world.hang("erp-worker")
    world.until(lambda: len(world.incident_acts()) == 2, 40)
    flight = world.unit("erp-worker").flight
    world.run(6)
    assert world.unit("erp-worker").flight is not None
    assert flight is not None
    assert world.unit("erp-worker").flight.number == flight.number  # type: ignore[union-attr]


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
def a_canary_waits_for_its_turn_however_long(step: StepFunction) -> None:
    for late_s in range(0, 16, 2):
        world = World(one("slow", beats=False), one("a"), one("b"), step=step)
        world.settle()
        world.run(700)
        world.bodies["slow"].stop_takes_s = 17.5
        world.hang("a", "b")
        world.run(8.0 + late_s / 2)
        world.hang("slow")
        world.until(lambda world=world: world.incident_acts("slow"), 20)  # type: ignore[misc]
        world.until(lambda world=world: len(world.incident_acts()) == 3, 60)  # type: ignore[misc]
        times = [at for at, _ in world.incident_acts()]
        assert times[1] - times[0] <= 18.5


@scenario
def a_planned_stop_holds_up_nobody(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].stop_takes_s = 60.0
    world.ask(Op.STOP, "erp-worker")
    world.run(2)
    world.kill("scheduler")
    assert world.until(lambda: world.incident_acts("scheduler"), 5) <= 1.0


@scenario
def quarantined_units_do_not_use_up_the_others_trials(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(3)), step=step)
    for name in ("w0", "w1"):
        world.bodies[name].boot_s, world.bodies[name].dies_after_s = 5.0, 0.4
    world.run(300)
    assert all(world.unit(name).probe_s is not None for name in ("w0", "w1"))
    world.kill("w2")
    assert world.until(lambda: world.incident_acts("w2"), 5) <= 1.0


@scenario
def what_fails_all_over_is_tried_less_and_less(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(6)), step=step)
    for body in world.bodies.values():
        body.boot_s, body.dies_after_s = 5.0, 0.4
    world.run(120)
    assert len(world.incident_acts()) <= 12


@scenario
def many_need_not_fall_silent_in_the_same_second(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(4)), step=step)
    world.settle()
    world.run(700)
    world.hang("w0")
    world.run(2)
    world.hang("w1")
    assert world.until(world.incident_acts, 40) > 15.0


@scenario
def a_script_of_two_hundred_bad_days_is_kept_and_its_honest_silence_is_left_alone(step: StepFunction) -> None:
    world = World(one("script", beats=False, silent_s=60.0, boot_s=60.0, grace_s=3.0), step=step)
    world.settle()
    body = world.bodies["script"]
    body.works = True
    for day in range(200):
        world.run(5)
        body.is_mute = True
        world.run(50)  # it is within its right
        body.is_mute = False
        world.run(2)
        assert len(world.incident_acts()) == day
        (world.kill if day % 2 else world.hang)("script")
        world.until_healed("script", 70)
    assert world.unit("script").probe_s is None


@scenario
def what_is_well_again_uses_up_nobody_s_trials(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(3)), step=step)
    world.settle()
    for name in ("w0", "w1"):
        for _ in range(4):
            world.kill(name)
            world.until_healed(name, 60)
    world.kill("w2")
    assert world.until(lambda: world.incident_acts("w2"), 5) <= 1.0


@scenario
def a_start_that_is_frozen_is_given_up_soon(step: StepFunction) -> None:
    world = World(one(), step=step)
    body = world.bodies["worker"]
    body.is_mute, body.is_cured, body.says = True, False, {"is_frozen": True}
    assert 5.0 < world.until(world.incident_acts, 20) <= 7.0


@scenario
def a_long_quiet_life_was_worth_its_start(step: StepFunction) -> None:
    world = World(*(one(f"w{number}") for number in range(5)), step=step)
    world.settle()
    world.run(700)
    for number in range(4):
        body = world.bodies[f"w{number}"]
        body.boot_s, body.dies_after_s = 5.0, 0.4
        world.kill(f"w{number}")
    world.run(60)
    world.kill("w4")
    assert world.until(lambda: world.incident_acts("w4"), 10) <= 2.5
