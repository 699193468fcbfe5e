"""A restore exchanges the queue as well, which is no file and goes on serving."""

from dataclasses import replace
from pathlib import Path

import pytest

from jikimi.backup.port import Damaged, Told
from jikimi.backup.switch import Kind, Part, Phase, Plan, Seen, built
from jikimi.backup.switch_files import Files, Switch, Undone, pending
from tests.unit.backup.test_switch import begun, build, home_of, whole


class Queue(Files):
    """A queue that is a file beside the home: it has no name, and a dump that was put in is gone."""

    def __init__(self, live: Path) -> None:
        self.live = live

    def exists(self, place: str) -> bool:
        return bool(place) and super().exists(place)

    def move(self, source: str, target: str) -> None:
        assert not target
        self.live.write_text(Path(source).read_text())
        self.remove(source)


def with_queue(root: Path) -> tuple[Switch, Plan, Path]:
    """Return a switch whose plan has a queue beside the rest; today's stands in its live file."""
    home, plan = home_of(root)
    live = root.parent / "queue"
    live.write_text("old")
    new, old = str(root / "redis.new.rdb"), str(root / "redis.before-restore-1.rdb")
    part = Part("redis.rdb", "", new, old, kind=Kind.QUEUE)
    return Switch(home, stores={Kind.QUEUE: Queue(live)}), replace(plan, parts=(*plan.parts, part)), live


def build_with_queue(plan: Plan, told: Told) -> None:
    build(replace(plan, parts=plan.parts[:-1]), told)
    Path(plan.parts[-1].old).write_text("old")
    Path(plan.parts[-1].new).write_text("new")


def test_a_queue_goes_with_the_rest_and_what_it_held_is_kept(tmp_path: Path) -> None:
    switch, plan, live = with_queue(tmp_path / "home")
    switch.begin(plan)

    switch.forward(plan, build_with_queue)

    assert (whole(tmp_path / "home"), live.read_text()) == ("new", "new")
    assert Path(plan.parts[-1].old).read_text() == "old"


def test_once_today_s_queue_is_back_the_rest_goes_back_too(tmp_path: Path) -> None:
    switch, plan, live = with_queue(tmp_path / "home")
    switch.begin(plan)
    build_with_queue(plan, lambda _share: None)
    going = built(plan, [Seen(live=True, new=True, old=False)] * len(plan.parts))
    Path(plan.parts[-1].new).unlink()  # it was put in
    Path(plan.parts[-1].old).unlink()  # and, by an abort that was killed, put back

    with pytest.raises(Undone):
        switch.forward(replace(going, phase=Phase.UNDOING), build_with_queue)

    switch.back(replace(going, phase=Phase.UNDOING))
    assert (whole(tmp_path / "home"), live.read_text()) == ("old", "old")


def test_a_build_that_is_not_there_is_no_success(tmp_path: Path) -> None:
    home, plan = begun(tmp_path / "home")

    with pytest.raises(Damaged):
        Switch(home).forward(plan, lambda _plan, _told: None)

    assert whole(home.root) == "old"
    assert pending(home.root) is None


def test_an_abort_before_the_switch_leaves_no_dump_of_the_queue(tmp_path: Path) -> None:
    switch, plan, live = with_queue(tmp_path / "home")
    switch.begin(plan)
    build_with_queue(plan, lambda _share: None)

    switch.back(plan)

    assert not Path(plan.parts[-1].old).exists()
    assert live.read_text() == "old"
