"""What fails again and again, and what does not help."""

from itertools import pairwise

from jikimi.supervisor.events import Step
from tests.unit.supervisor.scenarios.office import at_work, scenario
from tests.unit.supervisor.world import StepFunction, World, one


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
def what_others_need_is_tried_again_sooner(step: StepFunction) -> None:
    world = World(one("base", beats=False), one(needs=("base",), after=("base",)), step=step)
    world.settle()
    world.bodies["base"].dies_after_s = 0.4
    world.kill("base")
    world.until(lambda: world.unit("base").probe_s is not None, 60)
    tried = len(world.acts)
    world.run(600)
    starts = [at for at, act in world.acts[tried:] if act.unit == "base"]
    assert all(29 <= after - before <= 33 for before, after in pairwise(starts))
    assert len(starts) >= 18
    world.bodies["base"].dies_after_s = 1e9
    world.until(world.all_well, 75)


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
def an_action_that_does_not_help_is_repeated_harder(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].fails_actions = 1
    world.hang("erp-worker")
    world.until(lambda: len(world.incident_acts()) == 2, 15)
    assert [(act.force, act.grace_s) for _, act in world.acts] == [(False, 2.0), (True, 0.0)]
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
def a_late_answer_of_an_action_that_was_given_up_is_ignored(step: StepFunction) -> None:
    world = at_work(step)
    world.bodies["erp-worker"].stop_takes_s = 25.0
    world.hang("erp-worker")
    world.until(lambda: len(world.incident_acts()) == 2, 40)
    flight = world.unit("erp-worker").flight
    world.run(10)
    assert world.unit("erp-worker").flight is not None
    assert flight is not None
    assert world.unit("erp-worker").flight.number == flight.number  # type: ignore[union-attr]


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
