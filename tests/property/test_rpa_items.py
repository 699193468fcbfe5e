"""Wherever an attempt is cut short, and whatever its probe says, an item stands on the other side once."""

import re
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.rpa import Business, ItemHandle, Ui, Unsure, button, flow
from jikimi.rpa.errors import Application
from jikimi.rpa.flow import Flow
from jikimi.rpa.item import Item, State
from jikimi.rpa.policy import MOST_ASKED, handed_in, resolved, retried
from jikimi.rpa.runner import Desk, Runner
from jikimi.testing.clock import FakeClock
from jikimi.testing.rpa import FakeProgram, FakeSurface, Widget

ATTEMPTS = 3
KEYS = ("A-1", "A-2")


class Killed(BaseException):
    """The process ended here."""


class Disk:
    """What is written down; the process may be killed right before or right after it."""

    def __init__(self, fate: "Fate") -> None:
        self.items: dict[str, Item] = {}
        self._fate = fate

    def get(self, flow: str, key: str) -> Item | None:
        return self.items.get(key)

    def put(self, *items: Item) -> None:
        self._fate.step()
        self.items |= {item.key: item for item in items}
        self._fate.step()


class Fate:
    """Kills, breaks, or lets go on, each time something happens, as hypothesis says."""

    def __init__(self, script: list[str]) -> None:
        self.script = script

    def step(self) -> None:
        what = self.script.pop(0) if self.script else "go on"
        if what == "kill":
            raise Killed
        if what == "break":
            raise Application(why="as the test says")

    def only_kills(self) -> None:
        if self.script and self.script[0] == "break":
            self.script.pop(0)
        self.step()


class Office:
    """The other side: it takes whatever is saved, twice as well."""

    def __init__(self, fate: Fate) -> None:
        self.saved: Counter[str] = Counter()
        self.fate = fate

    def program(self) -> FakeProgram:
        def entry(program: FakeProgram) -> None:
            memo = Widget("적요")

            def save() -> None:
                self.fate.step()
                self.saved[memo.value] += 1
                self.fate.step()
                program.text = f"전표번호 V{sum(self.saved.values())}"

            program.widgets = [memo, Widget("저장", "button", on_click=save)]

        return FakeProgram({"entry": entry})


class Watcher:
    def moved(self, phase: str, budget_s: float) -> None:
        """Nobody watches."""


def flow_of(office: Office, *, has_probe: bool, is_sure: bool) -> Flow:
    @flow(attempts=ATTEMPTS, stall="1s")
    def voucher(item: ItemHandle, ui: Ui) -> Any:
        ui.open("entry")
        ui.fill({"적요": item.key})
        office.fate.step()
        with item.commit():
            ui.click(button("저장"))
            no = ui.expect(r"전표번호 (V\d+)", within="1s", otherwise=Business)
        office.fate.step()
        return {"no": no}

    if has_probe:

        @voucher.probe
        def posted(item: ItemHandle, ui: Ui) -> Any:
            office.fate.step()
            if not is_sure:
                raise Unsure("the list cannot be read")
            return {"no": "V"} if office.saved[item.key] else None

    return voucher


def run_until_over(runner: Runner, disk: Disk, voucher: Flow, clock: FakeClock) -> None:
    for _ in range(100):
        for key, item in list(disk.items.items()):
            if not item.is_over:
                try:
                    runner.run(voucher, key)
                except (Killed, Application):  # a worker takes an error of its own disk for the end of its job
                    continue
        clock.advance(61)
        if all(item.is_over for item in disk.items.values()):
            return
    raise AssertionError(f"never over: {disk.items}")


SCRIPTS = st.lists(st.sampled_from(["go on", "go on", "go on", "kill", "break"]), max_size=40)


@given(script=SCRIPTS, has_probe=st.booleans(), is_sure=st.booleans(), says_yes=st.booleans())
@settings(max_examples=500, deadline=None)
def test_an_item_stands_once_when_it_is_done_and_never_twice(
    *,
    script: list[str],
    has_probe: bool,
    is_sure: bool,
    says_yes: bool,
) -> None:
    fate, clock = Fate(script), FakeClock()
    disk, office = Disk(fate), Office(fate)
    disk.items = {key: Item("voucher", key, {}) for key in KEYS}
    voucher = flow_of(office, has_probe=has_probe, is_sure=is_sure)
    with TemporaryDirectory() as folder:
        desk = Desk(
            lambda: FakeSurface(office.program(), clock), str, Path(folder) / "evidence", Path(folder), Watcher(), clock
        )
        runner = Runner(disk, desk)
        run_until_over(runner, disk, voucher, clock)
        for key, item in disk.items.items():
            assert office.saved[key] <= 1
            if item.state is State.DONE:
                assert office.saved[key] == 1
            if item.state is State.FAILED:
                assert office.saved[key] == 0
            if item.state is State.IN_DOUBT:
                assert item.is_fenced or not is_sure
                truth = resolved(item, went_through=office.saved[key] == 1)
                assert truth.state is (State.DONE if office.saved[key] else State.QUEUED)
                disk.items[key] = truth
            elif item.state is State.FAILED and says_yes:
                disk.items[key] = retried(item)
        fate.script = []
        run_until_over(runner, disk, voucher, clock)
        assert all(office.saved[key] <= 1 for key in KEYS)
        assert all(item.state is not State.DONE or office.saved[item.key] == 1 for item in disk.items.values())


@given(st.lists(st.sampled_from(["no answer", "answer"]), max_size=12))
def test_an_attempt_is_never_begun_behind_a_fence_of_which_nobody_has_spoken(answers: list[str]) -> None:
    fate, clock = Fate([]), FakeClock()
    disk, office = Disk(fate), Office(fate)
    disk.items = {"A-1": Item("voucher", "A-1", {}, State.RUNNING, attempts=1, is_fenced=True)}
    asked = 0

    @flow(attempts=ATTEMPTS)
    def voucher(item: ItemHandle, ui: Ui) -> Any:
        assert "answer" in answers[:asked]
        return {}

    @voucher.probe
    def posted(item: ItemHandle, ui: Ui) -> Any:
        nonlocal asked
        asked += 1
        if asked > len(answers) or answers[asked - 1] == "no answer":
            raise Application(why="the site is down")

    with TemporaryDirectory() as folder:
        desk = Desk(
            lambda: FakeSurface(office.program(), clock), str, Path(folder) / "evidence", Path(folder), Watcher(), clock
        )
        run_until_over(Runner(disk, desk), disk, voucher, clock)
    first = answers.index("answer") if "answer" in answers else MOST_ASKED
    expected = State.DONE if first < MOST_ASKED else State.IN_DOUBT
    assert disk.items["A-1"].state is expected


def test_what_is_handed_in_again_is_taken_only_with_other_values_after_a_refusal() -> None:
    done = Item("f", "K", {"amount": "1"}, State.DONE, attempts=1)
    refused = Item("f", "K", {"amount": "0"}, State.BUSINESS, attempts=1)
    again = Item("f", "K", {"amount": "1"})

    assert handed_in(again, None) == again
    assert handed_in(again, done) is None
    assert handed_in(Item("f", "K", {"amount": "0"}), refused) is None
    mended = handed_in(again, refused)
    assert mended is not None
    assert (mended.state, mended.data, mended.attempts, mended.granted) == (State.QUEUED, {"amount": "1"}, 1, 1)


def test_the_key_of_a_business_error_says_what_the_other_side_said() -> None:
    assert re.search("금액", str(Business("금액이 올바르지 않습니다")))
