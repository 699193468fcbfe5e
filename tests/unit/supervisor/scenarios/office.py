"""Where the scenarios begin."""

from collections.abc import Callable

from tests.unit.supervisor.world import StepFunction, World, office

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
