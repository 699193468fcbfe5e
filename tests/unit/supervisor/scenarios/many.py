"""Several units in trouble at the same time."""

from itertools import pairwise

from jikimi.supervisor.events import Step
from tests.unit.supervisor.scenarios.office import scenario
from tests.unit.supervisor.world import StepFunction, World, one


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


@scenario
def what_others_need_does_not_wait_for_them(step: StepFunction) -> None:
    users = [one(f"w{number}", needs=("base",), after=("base",)) for number in range(3)]
    world = World(one("base", beats=False), *users, step=step)
    world.settle()
    for number in range(3):
        for _ in range(3):
            world.kill(f"w{number}")
            world.run(6)
    for number in range(3):
        world.kill(f"w{number}")
    world.kill("base")
    assert world.until(lambda: world.bodies["base"].runs, 10) <= 3.0
