"""A restored stack waits for a person, and posts nothing twice."""

from pathlib import Path

import pytest

from jikimi.config.model import Ledger
from tests.conftest import Until
from tests.live.stack import POSTS_WITHIN_S, LiveStack

FIRST, SECOND = 6, 5


def saved(stack: LiveStack) -> str:
    """Make a backup and return its snapshot."""
    document = stack.document("backup", "run")
    assert document["outcome"] == "good", document
    assert document["keys"], "the queue was not dumped"
    return str(document["snapshot"])


def comes_up_paused(stack: LiveStack) -> None:
    stack.start()
    assert stack.unit("erp-worker")["state"] == "paused"
    checks = {check["name"]: check for check in stack.document("status")["checks"]}
    # the worker of flows is there where a browser is
    assert checks["stopped"]["message"].removesuffix(", rpa-worker") == "wait since a restore: erp-worker"
    assert "jikimi resume" in checks["stopped"]["cure"]
    assert stack.pids().get("erp-worker") is None


@pytest.mark.parametrize("part", ["all", "all but erp"])
def test_the_same_statements_stand_once_after_a_restore(tmp_path: Path, until: Until, part: str) -> None:
    stack = LiveStack(tmp_path / "home", until)
    assert stack.run("init").returncode == 0
    config = stack.root / "jikimi.toml"
    config.write_text(config.read_text().replace("[backup]", '[backup]\nclone = false\nengine = "file"', 1))
    try:
        stack.start()
        stack.drop_lines(FIRST, "first.csv")
        stack.wait_for_file("first.csv")
        snapshot = saved(stack)
        stack.drop_lines(SECOND, "second.csv", first=FIRST)
        stack.wait_for_file("second.csv")
        before = stack.posted()
        assert len(before) == FIRST + SECOND

        refused = stack.run("restore", snapshot)
        assert refused.returncode == 2
        assert "--yes" in refused.stderr
        names = ("inbox", "work", "done", "rejected", "duplicate", "outputs", "state", "redis")
        only = [] if part == "all" else [word for name in names for word in ("--only", name)]
        done = stack.run("restore", snapshot, "--yes", *only)
        assert done.returncode == 0, done.stdout + done.stderr
        stack.close()
        assert len(stack.posted()) == (FIRST if part == "all" else FIRST + SECOND)

        comes_up_paused(stack)
        stack.drop_lines(FIRST, "first-again.csv")
        stack.drop_lines(SECOND, "second.csv", first=FIRST)
        assert stack.run("resume").returncode == 0
        until(lambda: not list((stack.root / "inbox/card").glob("*.csv")), POSTS_WITHIN_S)
        until(lambda: len(stack.posted()) == FIRST + SECOND, POSTS_WITHIN_S)
        stack.wait_for_file("second.csv")
        assert not (stack.root / "restored.json").exists()
        after = stack.posted(Ledger.COMPANY)
        assert after == before
        assert set(after.values()) == {1}
    finally:
        stack.close()
