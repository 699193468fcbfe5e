"""When the unit that has run for the longest was started, as the beats tell."""

import json
from datetime import UTC, datetime

import pytest

from jikimi.cli.serve.scheduler import _started
from jikimi.config import Config


@pytest.mark.parametrize(
    ("born", "started"),
    [
        ({"erp-worker": 200.0, "scheduler": 100.0}, 100),
        ({"erp-worker": 100.0, "scheduler": 200.0}, 100),
        ({"erp-worker": 100.0}, None),  # of the other one nothing is known
        ({"erp-worker": 100.0, "scheduler": 0.0}, None),
        ({}, None),
    ],
)
def test_the_oldest_child_counts_once_all_are_known(
    config: Config, born: dict[str, float], started: int | None
) -> None:
    beats = config.home / "state/beats"
    beats.mkdir(parents=True)
    for unit, when in born.items():
        (beats / f"{unit}.json").write_text(json.dumps({"v": 1, "child_born": when}), encoding="utf-8")

    assert _started(config) == (datetime.fromtimestamp(started, UTC) if started else None)
