"""What the policy promises, one situation each. A scenario gets the `step` to try, so that mutants can be tried too."""

from tests.unit.supervisor.scenarios import containers, holds, many, orders, signs, trials
from tests.unit.supervisor.scenarios.office import SCENARIOS, Scenario

__all__ = ["SCENARIOS", "Scenario", "containers", "holds", "many", "orders", "signs", "trials"]
