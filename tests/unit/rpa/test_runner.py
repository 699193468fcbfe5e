from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jikimi.rpa import ItemHandle, Ui, flow
from jikimi.rpa.flow import Flow
from jikimi.rpa.item import Item, State
from jikimi.rpa.runner import Desk, Runner
from jikimi.rpa.store import ItemStore
from jikimi.testing.clock import FakeClock
from jikimi.testing.rpa import FakeProgram, FakeSurface


class Killed(BaseException):
    """The process ended here."""


class Heard:
    def __init__(self) -> None:
        self.moves: list[tuple[str, float]] = []

    def moved(self, phase: str, budget_s: float) -> None:
        self.moves.append((phase, budget_s))


@pytest.fixture
def store(tmp_path: Path) -> ItemStore:
    return ItemStore(tmp_path / "items.sqlite")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def runner(store: ItemStore, tmp_path: Path, heard: Heard) -> Runner:
    clock = FakeClock()
    program = FakeProgram({"main": lambda _: None})
    desk = Desk(
        lambda: FakeSurface(program, clock),
        {"bank": "s3cret-값"}.__getitem__,
        tmp_path / "evidence",
        tmp_path / "downloads",
        heard,
        clock,
    )
    return Runner(store, desk)


def killed(body: Callable[[], object]) -> None:
    with pytest.raises(Killed):
        body()


def test_attempts_that_are_cut_short_before_the_fence_are_counted(store: ItemStore, runner: Runner) -> None:
    @flow(attempts=2)
    def dies(item: ItemHandle, ui: Ui) -> Any:
        raise Killed

    store.put(Item("dies", "A", {}))

    killed(lambda: runner.run(dies, "A"))
    killed(lambda: runner.run(dies, "A"))
    item = runner.run(dies, "A")

    assert item is not None
    assert (item.state, item.attempts, item.reason) == (State.FAILED, 2, "the attempt was cut short")


def test_the_fence_is_on_the_disk_before_the_flow_goes_on(store: ItemStore, runner: Runner) -> None:
    seen: list[bool] = []

    @flow()
    def looks(item: ItemHandle, ui: Ui) -> Any:
        with item.commit():
            found = store.get("looks", "A")
            seen.append(found is not None and found.is_fenced)
            raise Killed

    store.put(Item("looks", "A", {}))
    killed(lambda: runner.run(looks, "A"))

    assert seen == [True]
    item = runner.run(looks, "A")
    assert item is not None
    assert item.state is State.IN_DOUBT


def test_what_went_wrong_after_the_fence_is_asked_about_and_not_done_again(store: ItemStore, runner: Runner) -> None:
    saved: list[str] = []

    @flow()
    def saves(item: ItemHandle, ui: Ui) -> Any:
        with item.commit():
            saved.append(item.key)
        raise ValueError("the receipt cannot be read")

    @saves.probe
    def found(item: ItemHandle, ui: Ui) -> Any:
        return {"no": "V1"} if item.key in saved else None

    store.put(Item("saves", "A", {}))
    first = runner.run(saves, "A")
    assert first is not None
    assert first.state is State.QUEUED
    assert "ValueError: the receipt cannot be read (test_runner.py:" in first.reason
    store.put(Item("saves", "A", {}, first.state, 1, is_fenced=first.is_fenced))

    second = runner.run(saves, "A")

    assert second is not None
    assert (second.state, second.result, saved) == (State.DONE, {"no": "V1"}, ["A"])


def test_a_secret_stands_in_no_file_and_no_reason(store: ItemStore, runner: Runner, tmp_path: Path) -> None:
    @flow(attempts=1)
    def tells(item: ItemHandle, ui: Ui) -> Any:
        word = ui.secret("bank")
        ui.evidence.step("note", text=word.reveal())
        raise ValueError(f"wrong password {word.reveal()}")

    store.put(Item("tells", "A", {}))

    item = runner.run(tells, "A")

    assert item is not None
    assert "•••" in item.reason
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "s3cret-값".encode() not in written


def test_an_item_is_told_of_by_the_outside_with_the_time_it_may_stand_still(
    store: ItemStore, runner: Runner, heard: Heard
) -> None:
    @flow(timeout="2m", stall="40s")
    def slow(item: ItemHandle, ui: Ui) -> Any:
        with ui.step("전표 입력"):
            ui.open("main")
            ui.clock.wait(115)
            ui.open("main")
            ui.clock.wait(10)
            ui.open("main")

    store.put(Item("slow", "A", {}))

    item = runner.run(slow, "A")

    assert heard.moves == [
        ("opening", 40.0),
        ("전표 입력", 40.0),
        ("전표 입력", 80.0),
        ("전표 입력", 40.0),
        ("전표 입력", 6.0),
        ("전표 입력", 6.0),
        ("evidence", 20.0),
    ]
    assert item is not None
    assert "120" in item.reason


def test_an_item_of_which_nobody_knows_is_none(runner: Runner) -> None:
    never: Flow = flow()(lambda _item, _ui: None)

    assert runner.run(never, "B") is None
