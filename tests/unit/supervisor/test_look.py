"""What the keeper sees, made public: every check, and the two files that carry them."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from jikimi.beats.beat import Beat
from jikimi.config import Config
from jikimi.status.document import UnitFact
from jikimi.supervisor.look import Standing, publish
from jikimi.supervisor.state import State
from jikimi.testing.clock import FakeClock
from jikimi.text import Lang

DISK = 10**9


@pytest.fixture
def seen(config: Config, monkeypatch: pytest.MonkeyPatch) -> "Seen":
    return Seen(config, monkeypatch)


class Seen:
    """A stack as a test makes it, and what is published of it."""

    def __init__(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        self.config, self.free = replace(config, lang=Lang.EN), DISK
        self.addresses, self.standing = [{"name": "ERP", "url": "http://localhost:8000/"}], Standing()
        self.units = [self.unit("redis"), self.unit("erp-worker")]
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=self.free))

    def unit(self, name: str, state: State = State.HEALTHY, **beat: Any) -> UnitFact:
        return UnitFact(name, state.value, 5, 2, beat)

    def beats(self, **facts: Any) -> None:
        self.units[1] = self.unit("erp-worker", **Beat(unit="erp-worker", pid=1, seq=1, at="", **facts).document())

    def document(self) -> dict[str, Any]:
        publish(self.config, FakeClock(), self.units, self.addresses, self.standing)
        found: dict[str, Any] = json.loads((self.config.home / "state/status.json").read_text(encoding="utf-8"))
        return found

    def check(self, name: str) -> tuple[str, str, str]:
        found = next(check for check in self.document()["checks"] if check["name"] == name)
        return found["state"], found["message"], found["cure"]


def test_the_schedules_are_told_without_what_only_their_own_list_has(seen: Seen) -> None:
    said = {"name": "cycle", "last": None, "next": "2026-11-24T12:00:00+09:00", "zone": "Asia/Seoul", "outcome": ""}
    seen.standing = Standing(schedules=[{**said, "missed": 3, "job": "erp-cycle-1"}])

    assert seen.document()["schedules"] == [said]


def test_a_well_stack_is_green_in_every_check(seen: Seen) -> None:
    document = seen.document()

    assert document["verdict"] == "ok"
    assert [(check["name"], check["state"]) for check in document["checks"]] == [
        ("units", "ok"),
        ("missing", "ok"),
        ("stopped", "ok"),
        ("hold", "ok"),
        ("elsewhere", "ok"),
        ("proof", "ok"),
        ("waiting", "ok"),
        ("disk", "ok"),
    ]


@pytest.mark.parametrize("state", [State.STARTING, State.STALE, State.RECOVERING, State.HELD, State.UNKNOWN])
def test_a_unit_that_is_not_healthy_is_red_by_name(seen: Seen, state: State) -> None:
    seen.units.append(seen.unit("scheduler", state))

    assert seen.check("units") == ("ng", "not running: scheduler", "it is started again by itself")
    assert seen.document()["verdict"] == "ng"


def test_a_quarantined_unit_is_red_and_says_where_to_read_why(seen: Seen) -> None:
    seen.units.append(seen.unit("scheduler", State.QUARANTINED))

    state, _, cure = seen.check("units")
    assert state == "ng"
    assert "jikimi incidents" in cure


def test_a_unit_that_is_only_late_is_no_alarm(seen: Seen) -> None:
    seen.units.append(seen.unit("scheduler", State.SUSPECT))

    assert seen.document()["verdict"] == "ok"


@pytest.mark.parametrize(
    ("state", "cure"),
    [
        (State.STOPPED, "to start again: jikimi start scheduler"),
        (State.PAUSED, "to go on: jikimi resume"),
        (State.DRAINING, "to go on: jikimi resume"),
    ],
)
def test_what_a_person_has_stopped_is_a_warning(seen: Seen, state: State, cure: str) -> None:
    seen.units.append(seen.unit("scheduler", state))

    assert seen.check("stopped") == ("warn", "stopped by a person: scheduler", cure)
    assert seen.document()["verdict"] == "ok"


def test_a_stack_that_is_down_is_to_be_started(seen: Seen) -> None:
    seen.standing = Standing(is_down=True)
    seen.units = [seen.unit("a", State.STOPPED), seen.unit("b", State.DRAINING), seen.unit("c")]

    assert seen.check("units") == ("ng", "not running: a, b", "to start: jikimi up")
    assert seen.check("stopped") == ("ok", "", "")


@pytest.mark.parametrize(
    ("hold", "state", "word"), [("disk", "ng", "disk"), ("gap", "warn", "gap"), ("maintenance", "warn", "maintenance")]
)
def test_a_hold_is_told_and_red_unless_it_ends_by_itself(seen: Seen, hold: str, state: str, word: str) -> None:
    seen.standing = Standing(hold=hold)

    found = seen.check("hold")
    assert found[0] == state
    assert word in found[1]


def test_the_heartbeat_for_a_person_has_three_lines(seen: Seen) -> None:
    seen.units.insert(0, seen.unit("supervisor"))
    seen.beats(totals={"total": 7, "success": 6, "failure": 1, "count": 40, "posted": 44})

    seen.document()

    at, pid, stats = (seen.config.home / "state/heartbeat.txt").read_text(encoding="utf-8").splitlines()
    assert at == "2026-11-20T03:00:00.000+00:00"
    assert pid == "PID: 5"
    assert stats == 'Stats: {"total": 7, "success": 6, "failure": 1, "count": 40, "cancellations": 0}'


def test_a_unit_elsewhere_that_is_silent_is_a_warning(seen: Seen) -> None:
    seen.standing = Standing(elsewhere=["erp-worker-2"])

    assert seen.check("elsewhere")[:2] == ("warn", "silent, and run elsewhere: erp-worker-2")
    assert seen.document()["verdict"] == "ok"


def test_open_incidents_are_in_the_document(seen: Seen) -> None:
    incident = {"id": "i-1", "unit": "erp", "cause": "silent"}
    seen.standing = Standing(incidents=[incident])

    assert seen.document()["incidents"] == [incident]


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
    seen.beats(job="erp-1", child_pid=7, boot_id="b", generation=3, progress_age_s=1.5)
    seen.units[0] = replace(seen.units[0], pid=None)

    redis, worker = seen.document()["units"]

    assert (redis["pid"], redis["restarts"], redis["job"]) == (None, 2, None)
    assert (worker["pid"], worker["state"], worker["job"]) == (5, "healthy", "erp-1")
    assert (worker["child_pid"], worker["boot_id"], worker["generation"]) == (7, "b", 3)
    assert worker["progress_age_s"] == 1.5


def test_the_addresses_are_shown_as_they_are_given(seen: Seen) -> None:
    assert seen.document()["addresses"] == [{"name": "ERP", "url": "http://localhost:8000/"}]


@pytest.mark.parametrize("lang", Lang)
def test_the_page_shows_what_is_red_and_leaves_no_partial_file(seen: Seen, lang: Lang) -> None:
    seen.config = replace(seen.config, lang=lang)
    seen.units = [seen.unit("<b>odd</b>", State.RECOVERING)]

    seen.document()

    page = (seen.config.home / "outputs/status.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert "<b>odd" not in page
    assert not list(seen.config.home.root.rglob("*.partial"))
