"""A switch may be killed before and after every effect; forward or back, no mix of old and new is ever left."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.backup.port import Told
from jikimi.backup.switch import (
    Do,
    Part,
    Phase,
    Plan,
    Seen,
    Step,
    aborted,
    as_document,
    built,
    from_document,
    next_step,
    resumed,
)
from jikimi.backup.switch_files import JOURNAL, PAUSED, Files, RestoreUnfinished, Switch, Undone, pending
from jikimi.config import Home


class Killed(BaseException):
    """As after `kill -9`: no more effects."""


class Mortal(Files):
    """Is killed at its *at*-th effect, before it or after it."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left, self.after = at, after

    def _live(self, *, is_after: bool) -> None:
        if is_after is self.after:
            self.left -= 1
            if self.left < 0:
                raise Killed

    def move(self, source: str, target: str) -> None:
        self._live(is_after=False)
        super().move(source, target)
        self._live(is_after=True)

    def write(self, path: Path, document: Mapping[str, Any]) -> None:
        self._live(is_after=False)
        super().write(path, document)
        self._live(is_after=True)

    def remove(self, place: str) -> None:
        self._live(is_after=False)
        super().remove(place)
        self._live(is_after=True)


def home_of(root: Path) -> tuple[Home, Plan]:
    """Return a home whose parts say "old", and a plan; one part is missing, one has a companion."""
    root.mkdir(parents=True)
    parts = []
    for name in ("work", "state", "flows"):
        part = Part(name, str(root / name), str(root / f"{name}.new"), str(root / f"{name}.before-restore-1"))
        parts.append(part)
        if name != "flows":
            (root / name).mkdir()
            (root / name / "says").write_text("old")
    (root / "erp").mkdir()
    for ending, brings in (("", True), ("-wal", False)):
        name = f"a.sqlite{ending}"
        (root / "erp" / name).write_text("old")
        live, new, old = (str(root / folder / name) for folder in ("erp", "erp.new", "erp.before-restore-1"))
        parts.append(Part(name, live, new, old, brings=brings))
    return Home(root), Plan("a snapshot", "1", Phase.BUILDING, tuple(parts))


def build(plan: Plan, _told: Told) -> None:
    for part in plan.parts:
        if part.brings and "erp" in part.new:
            Path(part.new).parent.mkdir(exist_ok=True)
            Path(part.new).write_text("new")
        elif part.brings:
            Path(part.new).mkdir()
            (Path(part.new) / "says").write_text("new")


def whole(root: Path) -> str:
    """Return "old" or "new", of which all parts are; fail at a mix."""
    says = {path.read_text() for path in (root / "work/says", root / "state/says", root / "erp/a.sqlite")}
    says.add("new" if (root / "flows/says").exists() else "old")
    says.add("old" if (root / "erp/a.sqlite-wal").exists() else "new")
    assert len(says) == 1, says
    return says.pop()


def begun(root: Path) -> tuple[Home, Plan]:
    home, plan = home_of(root)
    Switch(home).begin(plan)
    return home, plan


def effects_of(root: Path) -> int:
    home, plan = begun(root)
    files = Mortal(10_000, after=False)
    Switch(home, files).forward(plan, build)
    return 10_000 - files.left


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("way", ["resume", "abort"])
def test_killed_at_every_effect_it_is_finished_or_undone(tmp_path: Path, way: str, *, after: bool) -> None:
    count = effects_of(tmp_path / "count")
    assert count >= 20
    for at in range(count):
        root = tmp_path / f"{at}"
        home, plan = begun(root)
        with pytest.raises(Killed):
            Switch(home, Mortal(at, after=after)).forward(plan, build)
        left = pending(root)
        if left is None:
            assert whole(root) == "new"
            continue
        if way == "resume":
            Switch(home).forward(left, build)
        else:
            Switch(home).back(left)
        assert whole(root) == ("new" if way == "resume" else "old")
        assert (root / PAUSED).exists() is (way == "resume")
        assert not (root / JOURNAL).exists()
        assert not list(root.glob("*.new"))
        assert not list(root.rglob("*.stray*"))


@given(kills=st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans()), max_size=6), ends=st.booleans())
def test_killed_again_and_again_while_people_change_their_minds(
    tmp_path_factory: pytest.TempPathFactory, kills: Sequence[tuple[int, bool, bool]], *, ends: bool
) -> None:
    root = tmp_path_factory.mktemp("switch") / "home"
    home, _plan = begun(root)
    for at, after, goes_back in [*kills, (10_000, False, ends)]:
        left = pending(root)
        if left is None:
            break
        try:
            if goes_back:
                Switch(home, Mortal(at, after=after)).back(left)
            else:
                Switch(home, Mortal(at, after=after)).forward(left, build)
        except Killed:
            continue
        except Undone:
            Switch(home).back(left)
    assert whole(root) in ("old", "new")
    assert not (root / JOURNAL).exists()


def test_what_cannot_be_built_leaves_all_as_it_was(tmp_path: Path) -> None:
    home, plan = begun(tmp_path / "home")

    def fails(plan: Plan, told: Told) -> None:
        build(plan, told)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        Switch(home).forward(plan, fails)

    assert whole(home.root) == "old"
    assert pending(home.root) is None
    assert not (home.root / PAUSED).exists()


def test_a_second_one_is_refused_while_one_is_unfinished(tmp_path: Path) -> None:
    home, plan = begun(tmp_path / "home")
    with pytest.raises(RestoreUnfinished):
        Switch(home).begin(plan)


def test_what_was_made_where_nothing_should_be_is_kept_aside(tmp_path: Path) -> None:
    home, plan = begun(tmp_path / "home")
    with pytest.raises(Killed):
        Switch(home, Mortal(2, after=False)).forward(plan, build)
    left = pending(home.root)
    assert left is not None
    assert not (home.root / "work").exists()
    (home.root / "work").mkdir()
    (home.root / "work/stray").touch()

    Switch(home).forward(left, build)

    assert whole(home.root) == "new"
    assert [path.name for path in home.root.glob("work.*.stray-*/*")] == ["stray"]


def test_the_pause_of_an_earlier_restore_outlives_an_abort(tmp_path: Path) -> None:
    home, plan = begun(tmp_path / "home")
    (home.root / PAUSED).write_text('{"v": 1, "stamp": "0"}')
    with pytest.raises(Killed):
        Switch(home, Mortal(6, after=False)).forward(plan, build)
    left = pending(home.root)
    assert left is not None
    Switch(home).back(left)
    assert (home.root / PAUSED).exists()


@given(live=st.booleans(), new=st.booleans(), old=st.booleans(), had=st.booleans(), brings=st.booleans())
def test_no_step_needs_what_is_not_there_or_overwrites_what_is(
    *, live: bool, new: bool, old: bool, had: bool, brings: bool
) -> None:
    part = Part("a", "live", "new", "old", had=had, brings=brings)
    for phase in (Phase.SWITCHING, Phase.UNDOING):
        step = next_step(Plan("s", "1", phase, (part,)), [Seen(live, new, old)], is_paused=False)
        needs = {Do.SET_ASIDE: live, Do.PUT_IN: new, Do.TAKE_OUT: live, Do.PUT_BACK: old, Do.CLEAR_STRAY: live}
        blocked = {Do.SET_ASIDE: old, Do.PUT_IN: live, Do.TAKE_OUT: new, Do.PUT_BACK: live}
        assert needs.get(step.do, True)
        assert not blocked.get(step.do, False)


def test_the_journal_says_what_the_plan_is(tmp_path: Path) -> None:
    _home, plan = home_of(tmp_path / "home")
    switching = built(replace(plan, only=("erp",)), [Seen(live=True, new=True, old=False)] * len(plan.parts))
    assert from_document(as_document(switching)) == switching
    assert resumed(aborted(switching)) == switching
    assert aborted(plan).phase is Phase.SWEEPING
    with pytest.raises(ValueError, match="2"):
        from_document({**as_document(plan), "v": 2})
    assert next_step(plan, [], is_paused=False) == Step(Do.BUILD)
