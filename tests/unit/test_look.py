"""What the keeper sees, made public: every check, and the two files that carry them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jikimi.beats.beat import Beat
from jikimi.beats.beat_file import write_beat
from jikimi.config import Config
from jikimi.embedded.part import Part
from jikimi.runtime.port import Running, UnitSpec
from jikimi.supervisor.keeper import Keeper, Kept, NotReady, State
from jikimi.supervisor.look import publish
from jikimi.testing.clock import FakeClock
from jikimi.testing.runtime import FakeRuntime
from jikimi.text import Lang

DISK = 10**9


@pytest.fixture
def seen(config: Config, monkeypatch: pytest.MonkeyPatch) -> "Seen":
    return Seen(config, monkeypatch)


class Seen:
    """A stack as a test makes it, and what is published of it."""

    def __init__(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        self.config, self.free = replace(config, lang=Lang.EN), DISK
        self.erp = "http://localhost:8000"
        self.units = [self.unit("redis"), self.unit("erp-worker")]
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=self.free))

    def unit(self, name: str, state: State = State.HEALTHY) -> Kept:
        part = Part(UnitSpec(name, ["x"], self.config.home / "logs/x.log"), lambda _: True)
        return Kept(part, Running(name, 5, 1.0), state, restarts=2)

    def beats(self, **facts: Any) -> None:
        beat = Beat(unit="erp-worker", pid=1, seq=1, at="", **facts)
        write_beat(self.config.home / "state/beats", beat)

    def document(self) -> dict[str, Any]:
        publish(self.config, FakeClock(), self.units, self.erp)
        found: dict[str, Any] = json.loads((self.config.home / "state/status.json").read_text(encoding="utf-8"))
        return found

    def check(self, name: str) -> tuple[str, str, str]:
        found = next(check for check in self.document()["checks"] if check["name"] == name)
        return found["state"], found["message"], found["cure"]


def test_a_well_stack_is_green_in_every_check(seen: Seen) -> None:
    document = seen.document()

    assert document["verdict"] == "ok"
    assert [(check["name"], check["state"]) for check in document["checks"]] == [
        ("units", "ok"),
        ("proof", "ok"),
        ("waiting", "ok"),
        ("disk", "ok"),
    ]


@pytest.mark.parametrize("state", [state for state in State if state is not State.HEALTHY])
def test_a_unit_that_is_not_healthy_is_red_by_name(seen: Seen, state: State) -> None:
    seen.units.append(seen.unit("scheduler", state))

    cure = "to start: jikimi up" if state is State.STOPPED else "it is started again by itself"
    assert seen.check("units") == ("ng", "not running: scheduler", cure)
    assert seen.document()["verdict"] == "ng"


def test_if_one_unit_is_stopped_the_stack_is_to_be_started(seen: Seen) -> None:
    seen.units = [seen.unit("a", State.STOPPED), seen.unit("b", State.RECOVERING), seen.unit("c")]

    assert seen.check("units") == ("ng", "not running: a, b", "to start: jikimi up")


@pytest.mark.parametrize(("proof", "state"), [(True, "ok"), (False, "ng")])
def test_a_proof_that_does_not_hold_is_red(seen: Seen, proof: bool, state: str) -> None:  # noqa: FBT001
    seen.beats(last_cycle={"proof": proof, "at": "2026-11-20"})

    assert seen.check("proof")[0] == state


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ({"waiting": 2, "unknown": 3}, ("warn", "lines that wait: 5")),
        ({"waiting": 1}, ("warn", "lines that wait: 1")),
        ({"unknown": 1}, ("warn", "lines that wait: 1")),
        ({"waiting": 0, "posted": 4}, ("ok", "")),
    ],
)
def test_lines_that_wait_are_a_warning_with_their_number(
    seen: Seen, totals: dict[str, int], expected: tuple[str, str]
) -> None:
    seen.beats(totals=totals)

    assert seen.check("waiting")[:2] == expected
    assert seen.document()["verdict"] == "ok"


@pytest.mark.parametrize(
    ("free", "expected"), [(DISK, ("ok", "")), (DISK - 1, ("ng", "only 999 MB are left on the disk"))]
)
def test_a_disk_that_is_almost_full_is_red(seen: Seen, free: int, expected: tuple[str, str]) -> None:
    seen.free = free

    assert seen.check("disk")[:2] == expected


def test_a_check_is_told_in_the_language_of_its_person(seen: Seen) -> None:
    seen.config, seen.free = replace(seen.config, lang=Lang.KO), 0

    assert seen.check("disk") == ("ng", "디스크에 0 MB만 남았습니다", "공간을 비우세요")


def test_a_unit_is_told_with_its_process_and_its_restarts(seen: Seen) -> None:
    seen.beats(job="erp-1")
    seen.units[0].running = None

    redis, worker = seen.document()["units"]

    assert (redis["pid"], redis["restarts"], redis["job"]) == (None, 2, None)
    assert (worker["pid"], worker["state"], worker["job"]) == (5, "healthy", "erp-1")


def test_the_addresses_are_the_erp_s_and_the_inbox(seen: Seen) -> None:
    inbox = {"name": "inbox", "url": str(seen.config.home / "inbox")}
    assert seen.document()["addresses"] == [{"name": "ERP", "url": "http://localhost:8000/"}, inbox]

    seen.erp = ""

    assert seen.document()["addresses"] == [inbox]


@pytest.mark.parametrize("lang", Lang)
def test_the_page_shows_what_is_red_and_leaves_no_partial_file(seen: Seen, lang: Lang) -> None:
    seen.config = replace(seen.config, lang=lang)
    seen.units = [seen.unit("<b>odd</b>", State.RECOVERING)]

    seen.document()

    page = (seen.config.home / "outputs/status.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert "<b>odd" not in page
    assert not list(seen.config.home.root.rglob("*.partial"))


class Room:
    """A keeper of one part whose readiness a test decides."""

    def __init__(self, folder: Path) -> None:
        self.runtime, self.clock, self.is_ready = FakeRuntime(), FakeClock(), True
        self.asked_at: list[float] = []
        part = Part(UnitSpec("redis", ["x"], folder / "x.log"), self.ready)
        self.keeper = Keeper([part], self.runtime, self.clock, folder / "units.json")
        self.known = folder / "units.json"
        self.unit = self.keeper.units[0]

    def ready(self, _pid: int) -> bool:
        self.asked_at.append(round(self.clock.ticks(), 1))
        return self.is_ready

    def kill(self) -> None:
        assert self.unit.running is not None
        self.runtime.kill(self.unit.running)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_a_unit_is_healthy_once_it_is_ready_and_everybody_is_told_once(room: Room) -> None:
    told: list[State] = []

    room.keeper.start_all(lambda unit: told.append(unit.state))
    room.keeper.stop_all(lambda unit: told.append(unit.state))

    assert told == [State.HEALTHY, State.STOPPED]
    assert (room.unit.running, room.unit.restarts) == (None, 0)


def test_a_new_unit_of_a_keeper_has_not_run_yet(room: Room) -> None:
    fresh = Kept(room.unit.part)

    assert (fresh.state, fresh.restarts, fresh.back_off_s, fresh.started_at) == (State.STARTING, 0, 0.0, 0.0)


def test_a_start_is_watched_ten_times_a_second_for_a_minute(room: Room) -> None:
    room.is_ready = False

    with pytest.raises(NotReady) as late:
        room.keeper.start_all(lambda _: None)

    assert room.asked_at[:4] == [0, 0.1, 0.2, 0.3]
    assert 60 <= room.asked_at[-1] <= 60.1
    assert late.value.facts["seconds"] == 60


def test_a_unit_that_exits_before_it_is_ready_is_not_waited_for(room: Room) -> None:
    room.is_ready = False
    room.runtime.is_running = lambda running: False  # type: ignore[method-assign]

    with pytest.raises(NotReady):
        room.keeper.start_all(lambda _: None)

    assert room.clock.ticks() == 0


def test_a_unit_that_recovers_is_healthy_only_once_it_is_ready_again(room: Room) -> None:
    room.keeper.start_all(lambda _: None)
    room.is_ready = False
    room.kill()
    room.keeper.look()
    room.keeper.look()
    assert room.unit.state is State.RECOVERING

    room.is_ready = True
    room.keeper.look()

    assert (room.unit.state, room.unit.restarts) == (State.HEALTHY, 1)


def test_a_healthy_unit_is_left_alone_even_while_it_does_not_answer(room: Room) -> None:
    room.keeper.start_all(lambda _: None)
    room.is_ready = False
    room.asked_at.clear()

    room.keeper.look()

    assert (room.unit.state, room.unit.restarts, room.asked_at) == (State.HEALTHY, 0, [])


def test_what_ran_longer_than_its_pause_before_it_exited_is_started_at_once(room: Room) -> None:
    room.keeper.start_all(lambda _: None)
    room.unit.state, room.unit.back_off_s = State.RECOVERING, 4.0
    room.clock.advance(4)
    room.kill()

    room.keeper.look()

    assert (room.unit.restarts, room.unit.back_off_s, room.unit.started_at) == (1, 8.0, 4.0)


def test_what_runs_is_remembered_and_forgotten_with_its_end(room: Room) -> None:
    room.keeper.start_all(lambda _: None)
    assert [item["unit"] for item in json.loads(room.known.read_text())] == ["redis"]

    room.keeper.stop_all()

    assert json.loads(room.known.read_text()) == []


def test_what_is_remembered_but_gone_is_not_stopped(room: Room) -> None:
    room.keeper.start_all(lambda _: None)
    room.kill()

    Keeper([room.unit.part], room.runtime, room.clock, room.known).start_all(lambda _: None)

    assert room.runtime.stopped == []


def test_a_unit_that_was_never_started_is_started_at_a_look(room: Room) -> None:
    room.keeper.look()

    assert (room.unit.state, room.runtime.started) == (State.RECOVERING, ["redis"])


def test_every_unit_is_looked_at_whatever_the_others_do(tmp_path: Path) -> None:
    runtime, clock = FakeRuntime(), FakeClock()
    parts = [Part(UnitSpec(name, ["x"], tmp_path / name), lambda _: True) for name in ("a", "b", "c", "d")]
    keeper = Keeper(parts, runtime, clock, tmp_path / "units.json")
    keeper.start_all(lambda _: None)
    for unit in keeper.units[1:]:
        assert unit.running is not None
        runtime.kill(unit.running)
    keeper.units[1].state, keeper.units[1].back_off_s = State.RECOVERING, 60.0  # still pauses

    keeper.look()

    assert [unit.restarts for unit in keeper.units] == [0, 0, 1, 1]
