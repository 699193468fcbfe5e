"""A run tells how far it is: in the log, to whoever watches, and in the end all of it."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jikimi.backup.pipeline import Pipeline, Step
from jikimi.backup.progress import Far
from jikimi.backup.wanted import Wanted
from tests.live.safe_home import SafeHome


@pytest.fixture(params=["file", "restic"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> SafeHome:
    template = request.getfixturevalue("restic_template") if request.param == "restic" else None
    return SafeHome(tmp_path, request.param, template)


def test_how_far_a_run_is_is_told_and_logged(home: SafeHome) -> None:
    far = list[Far]()
    shares = dict[Step, list[float]]()
    with capture_logs() as events:
        Pipeline(home.safe(), lambda step, share: shares.setdefault(step, []).append(share), far.append).run(
            Wanted(home=home.config.home, runs=False)
        )

    assert [one.share for one in far] == sorted(one.share for one in far)
    assert far[-1].share == 1.0
    assert {one.step for one in far} == set(shares) == set(Step) - {Step.OFFSITE}
    if home.engine == "file":
        assert len({round(share, 1) for share in shares[Step.STORE]}) > 5
    moved = [event for event in events if event["event"] == "backup.moved"]
    assert [event["step"] for event in moved] == [
        step for step in Step if step not in (Step.MARK, Step.RETAIN, Step.OFFSITE, Step.RECEIPT)
    ]
    assert all(0 <= event["percent"] < 100 for event in moved)
