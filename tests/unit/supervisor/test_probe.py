"""Three lines in a program tell the keeper that it lives and how far it is, and never disturb it."""

import ast
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import jikimi.probe
from jikimi.probe import VARIABLE, VERSION, Probe
from jikimi.supervisor.signs import PROBE_VERSION, parse_probe
from jikimi.supervisor.watch_probe_file import ProbeFileWatch
from jikimi.testing.clock import FakeClock

ME = os.getpid()
OLDEST = (3, 8)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr("jikimi.probe.monotonic", clock.ticks)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "probe.json"


@pytest.fixture
def probe(path: Path, clock: FakeClock) -> Probe:
    return Probe(str(path))


@pytest.fixture
def watch(path: Path) -> ProbeFileWatch:
    return ProbeFileWatch(path, lambda pid, unit: pid == unit)


def said(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def test_both_sides_speak_of_the_same_version() -> None:
    assert VERSION == PROBE_VERSION


def test_the_keeper_understands_what_the_probe_writes(probe: Probe, path: Path) -> None:
    probe.beat(done=3, phase="upload", budget=90, failures=2)

    says = parse_probe(path.read_bytes())

    assert says is not None
    assert (says.pid, says.is_busy, says.phase, says.budget_s, says.failures) == (ME, True, "upload", 90, 2)


def test_signs_that_say_nothing_new_are_written_once_a_second(probe: Probe, path: Path, clock: FakeClock) -> None:
    numbers = []
    for _ in range(9):
        probe.beat(done=1)
        numbers.append(said(path)["seq"])
        clock.advance(0.25)

    assert numbers == [1, 1, 1, 1, 2, 2, 2, 2, 3]


def test_progress_is_written_soon_and_another_budget_at_once(probe: Probe, path: Path, clock: FakeClock) -> None:
    for done in range(1000):
        probe.beat(done=done)
    first = said(path)["token"]
    clock.advance(0.11)
    probe.beat(done=1000)
    later = said(path)["token"]
    probe.beat(done=1000, budget=600)

    assert (first, later, said(path)["budget_s"]) == (1, 1001, 600)


def test_the_token_changes_only_with_the_work(probe: Probe, path: Path, clock: FakeClock) -> None:
    tokens = []
    for done, phase in ((1, "a"), (1, "a"), (2, "a"), (2, "b"), (2, "b"), (None, "b"), (None, "b")):
        probe.beat(done=done, phase=phase)
        clock.advance(2)
        tokens.append(said(path)["token"])

    assert tokens == [1, 1, 2, 3, 3, 4, 5]


def test_without_a_keeper_it_does_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)

    Probe().beat(done=1)

    assert list(tmp_path.iterdir()) == []


def test_the_keeper_names_the_file_in_the_environment(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(path))

    Probe().idle()

    assert said(path)["mode"] == "idle"


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "given", [{"done": Unspeakable()}, {"budget": "soon"}, {"failures": None}, {"phase": Unspeakable()}]
)
def test_whatever_it_is_given_it_never_raises(probe: Probe, given: dict[str, Any]) -> None:
    probe.beat(**given)


def test_a_folder_that_is_gone_does_not_disturb_the_program(tmp_path: Path) -> None:
    Probe(str(tmp_path / "gone" / "probe.json")).beat()


def test_it_stands_alone_and_is_read_by_an_old_python() -> None:
    tree = ast.parse(Path(jikimi.probe.__file__).read_text(encoding="utf-8"), feature_version=OLDEST)
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert named <= {*sys.stdlib_module_names}


def test_a_probe_without_a_budget_is_judged_by_its_signs(probe: Probe, watch: ProbeFileWatch, clock: FakeClock) -> None:
    probe.beat(done=1)
    first, second = watch.look(ME).seen, watch.look(ME).seen
    clock.advance(1)
    probe.beat(done=1)
    third = watch.look(ME).seen

    assert (first.is_ready, first.is_busy, first.sign == second.sign, second.sign == third.sign) == (
        True,
        False,
        True,
        False,
    )


def test_a_probe_with_a_budget_owes_no_sign_and_is_judged_by_its_token(probe: Probe, watch: ProbeFileWatch) -> None:
    probe.beat(done=1, budget=90)
    first, second = watch.look(ME).seen, watch.look(ME).seen

    assert (first.is_busy, first.budget_s, first.token) == (True, 90, second.token)
    assert first.sign != second.sign


def test_what_another_process_or_an_earlier_life_said_says_nothing(probe: Probe, watch: ProbeFileWatch) -> None:
    probe.beat(done=1)
    mine = watch.look(ME).seen.is_ready

    assert (mine, watch.look(ME + 1).seen.is_ready) == (True, False)


def test_a_broken_file_leaves_what_was_said_before(probe: Probe, watch: ProbeFileWatch, path: Path) -> None:
    probe.beat(done=1)
    before = watch.look(ME)

    path.write_bytes(b'{"v": 1, "pid": ')

    assert watch.look(ME) == before


def test_to_fail_once_more_is_no_work(probe: Probe, watch: ProbeFileWatch, clock: FakeClock) -> None:
    tokens = []
    for failures in range(4):
        probe.beat(failures=failures)
        clock.advance(1)
        tokens.append(watch.look(ME).seen.token)

    assert tokens == [1, 1, 1, 1]
