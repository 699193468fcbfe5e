"""What the watchdog log holds, and the incidents told from it."""

import json
from pathlib import Path

from jikimi.logs import JsonLines
from jikimi.supervisor.events import Cause, Note, Seen, Step
from jikimi.supervisor.incidents import fold, read_lines
from jikimi.supervisor.notebook import WatchdogLog
from jikimi.supervisor.state import Stack, State, Unit
from jikimi.supervisor.watched import Sight
from jikimi.testing.clock import FakeClock


class Desk:
    def __init__(self, folder: Path) -> None:
        self.clock, self.path = FakeClock(), folder / "watchdog_log.jsonl"
        self.told: list[Note] = []
        self.examined: list[tuple[str, str]] = []
        self.log = WatchdogLog(
            JsonLines(self.path),
            self.clock,
            tell=self.told.append,
            examine=lambda unit, incident: self.examined.append((unit, incident)),
        )

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


def test_a_step_is_kept_with_what_was_seen(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    sight = Sight(Seen(), {"mode": "busy", "job": "erp-1", "seq": 5})

    desk.log.write(Note("erp-worker", Step.ACTED, "i-1", Cause.SILENT, tells=True, facts={"do": "restart"}), sight)

    line = desk.lines()[0]
    assert (line["unit"], line["step"], line["why"], line["do"]) == ("erp-worker", "acted", "silent", "restart")
    assert line["seen"] == {"mode": "busy", "job": "erp-1"}
    assert [note.step for note in desk.told] == [Step.ACTED]


def test_evidence_is_gathered_once_an_incident(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    for step in (Step.BEGAN, Step.ACTED, Step.RECOVERED):
        desk.log.write(Note("erp", step, "i-1", "silent"), None)

    assert desk.examined == [("erp", "i-1")]
    assert desk.told == []


def test_each_five_minutes_every_unit_has_its_line(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    stack = Stack(units={"redis": Unit(silent_s=0.44), "erp": Unit(silent_s=7, restarts=2)})
    states = {"redis": State.HEALTHY, "erp": State.STALE}

    for _ in range(1201):
        desk.log.call_the_roll(stack, states)
        desk.clock.advance(0.5)

    assert [(line["unit"], line["step"], line["sign_age_s"]) for line in desk.lines()] == [
        ("redis", "OK", 0.4),
        ("erp", "stale", 7),
    ] * 2


def test_an_incident_is_told_from_its_lines(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number, step in enumerate((Step.BEGAN, Step.ACTED, Step.FAILED, Step.ACTED, Step.RECOVERED)):
        desk.log.write(Note("erp", step, "i-1", "silent", facts={"attempt": number}), None)
        desk.clock.advance(2.5)
    desk.log.write(Note("redis", Step.BEGAN, "i-2", "exited"), None)
    desk.log.write(Note("all", Step.ASKED, why="x"), None)
    with desk.path.open("a") as file:
        file.write('{"cut off')

    first, second = fold(read_lines(desk.path))

    assert (first["id"], first["unit"], first["cause"], first["recover_s"]) == ("i-1", "erp", "silent", 10.0)
    assert [action["step"] for action in first["actions"]] == ["acted", "failed", "acted"]
    assert (second["id"], second["recovered_at"]) == ("i-2", None)


def test_older_files_are_read_first(tmp_path: Path) -> None:
    path = tmp_path / "watchdog_log.jsonl"
    line = '{"at": "2026-11-20T03:00:0%d+00:00", "incident": "i-%d", "unit": "u", "why": "w", "step": "began"}\n'
    for number, name in ((1, f"{path.name}.2"), (2, f"{path.name}.1"), (3, path.name)):
        (tmp_path / name).write_text(line % (number, number))

    assert [incident["id"] for incident in fold(read_lines(path))] == ["i-1", "i-2", "i-3"]
