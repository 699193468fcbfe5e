"""The timetable of a running stack, by its commands."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jikimi.config.shipped import shipped_file
from tests.conftest import Until
from tests.live.stack import LiveStack

SHIPPED = ["cycle", "idle", "restart", "backup"]
OWN = """
[schedule.midnight-erp]
unit = "erp"
at = "00:00"
days = ["sun"]

[schedule.month-end]
flow = "close"
every = "30m"
hours = "business"
"""


@pytest.fixture
def stack(erp_template: Path, tmp_path: Path, until: Until) -> Any:
    home = tmp_path / "home"
    home.mkdir()
    (home / "jikimi.toml").write_text(shipped_file() + OWN, encoding="utf-8")
    stack = LiveStack(home, until)
    stack.start()
    yield stack
    stack.close()


def listed(stack: LiveStack) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in stack.document("schedule")["schedules"]}


def test_the_timetable_is_shown_run_paused_and_told_of(stack: LiveStack, until: Until) -> None:
    until(lambda: (listed(stack).get("restart") or {}).get("next"), 20)
    found = listed(stack)
    assert list(found) == [*SHIPPED, "midnight-erp", "month-end"]
    assert [name for name, one in found.items() if one["outcome"] == "no_worker"] == ["month-end"]
    assert [one["next"] is None for one in found.values()] == [False, False, False, False, False, True]
    assert found["restart"]["next"][11:] == "05:55:00+09:00"
    assert {one["zone"] for one in found.values()} == {"Asia/Seoul"}

    ran = stack.document("schedule", "run", "idle")
    until(lambda: listed(stack)["idle"]["outcome"] == "done", 20)
    assert listed(stack)["idle"]["job"] == ran["job"]
    assert stack.document("schedule", "history", "idle")["runs"][-1]["job"] == ran["job"]
    until(lambda: stack.document("status")["schedules"][1]["outcome"] == "done", 20)
    assert list(stack.document("status")["schedules"][1]) == ["name", "last", "next", "zone", "outcome"]

    before = stack.unit("erp")["life"]
    stack.document("schedule", "run", "midnight-erp")
    until(lambda: stack.unit("erp")["state"] == "healthy" and stack.unit("erp")["life"] != before, 60)
    assert listed(stack)["midnight-erp"]["outcome"] == "done"

    assert stack.run("schedule", "pause", "cycle", "--until", "2099-12-31 18:00").returncode == 0
    assert listed(stack)["cycle"]["paused_until"] == "2099-12-31T18:00:00+09:00"
    assert "paused until 2099-12-31 18:00" in stack.run("schedule").stdout
    assert stack.run("schedule", "resume", "cycle").returncode == 0
    assert listed(stack)["cycle"]["paused_until"] is None

    assert stack.run("schedule", "pause", "cycle", "--until", "2020-01-01").returncode == 64
    assert stack.run("schedule", "pause", "nothing", "--until", "18:00").returncode == 64
    assert stack.run("schedule", "run", "month-end").returncode == 2
    assert datetime.fromisoformat(listed(stack)["cycle"]["next"]) > datetime.now(UTC)  # noqa: TID251 - a real stack
