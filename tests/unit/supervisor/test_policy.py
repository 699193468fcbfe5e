"""The policy in every situation that it promises something for."""

import pytest

from jikimi.supervisor.policy import step
from tests.unit.supervisor.scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda function: function.__name__)
def test_policy(scenario: Scenario) -> None:
    scenario(step)
