"""What a scrape reads of the supervisor: restarts from its notes, ticks from its clock, the rest from its last look."""

import socket
from dataclasses import replace
from typing import Any

import pytest
import urllib3
from prometheus_client.parser import text_string_to_metric_families

from jikimi.cli.serve import figures
from jikimi.cli.serve.figures import Figures
from jikimi.metrics.exposition import Exposition, Server
from jikimi.metrics.reading import QueueReading, Reading, TickReading
from jikimi.status.document import Check, UnitFact, snapshot
from jikimi.supervisor.events import Cause, Note, Step
from jikimi.supervisor.rules import Limits, Rule
from jikimi.supervisor.state import Stack, Unit
from jikimi.supervisor.watched import Sight
from jikimi.testing.clock import NOON, FakeClock

RULES = {name: Rule(name, silent_s=silent_s) for name, silent_s in (("redis", 5.0), ("erp-worker", 7.0))}
BEAT = {"boot_id": "a", "progress_age_s": 2.5, "budget_s": 30.0, "rss_mb": 90.5, "cpu_s": 12.5}
TOTALS = {"posted": 7, "waiting": 2, "cancellations": 1}


class Notes:
    """The notebook behind it."""

    def __init__(self) -> None:
        self.all: list[tuple[Note, Sight | None]] = []

    def write(self, note: Note, sight: Sight | None) -> None:
        self.all.append((note, sight))


class Desk:
    def __init__(self, listen: str = "") -> None:
        self.notes, self.clock = Notes(), FakeClock()
        self.figures = Figures(self.notes, self.clock, listen)

    @property
    def reading(self) -> Reading:
        return self.figures._reading

    def note(self, unit: str, step: Step, why: str = Cause.SILENT) -> None:
        self.figures.write(Note(unit, step, "id", why), None)

    def show(
        self, worker: Unit | None = None, beat: dict[str, Any] | None = None, *checks: Check, hold: str = ""
    ) -> None:
        """Show a look at a stack of two units and the supervisor."""
        facts = [
            UnitFact("supervisor", "healthy", 1, 0, {"boot_id": "s"}),
            UnitFact("redis", "healthy", 2, 0, {}),
            UnitFact("erp-worker", "starting", 3, 0, BEAT if beat is None else beat),
        ]
        units = {"redis": Unit(life="r", silent_s=0.5), "erp-worker": worker or Unit()}
        document = snapshot(NOON, facts, checks, [])
        self.figures.show(Stack(units=units, hold=hold), RULES, document, [QueueReading("erp", 3, 4.5)])

    def unit(self, name: str) -> Any:
        return next(unit for unit in self.reading.units if unit.name == name)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_restarts_are_counted_by_unit_and_reason(desk: Desk) -> None:
    for unit, why in (("redis", Cause.SILENT), ("redis", Cause.SILENT), ("redis", Cause.EXITED), ("erp", Cause.SILENT)):
        desk.note(unit, Step.ACTED, why)

    desk.show()

    assert desk.reading.restarts == {("redis", "silent"): 2, ("redis", "exited"): 1, ("erp", "silent"): 1}


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.ACTED])
def test_a_note_of_anything_else_is_no_restart(desk: Desk, step: Step) -> None:
    desk.note("redis", step)

    desk.show()

    assert desk.reading.restarts == {}


def test_every_note_is_handed_on_as_it_is(desk: Desk) -> None:
    note, sight = Note("redis", Step.ACTED, "id", Cause.STALLED), Sight(seen=None)  # type: ignore[arg-type]

    desk.figures.write(note, sight)
    desk.note("redis", Step.BEGAN)

    assert desk.notes.all[0] == (note, sight)
    assert len(desk.notes.all) == 2


def test_what_a_scrape_has_does_not_change_under_its_hands(desk: Desk) -> None:
    desk.note("redis", Step.ACTED)
    desk.show()
    before = desk.reading

    desk.note("redis", Step.ACTED)

    assert before.restarts == desk.reading.restarts == {("redis", "silent"): 1}
    desk.show()
    assert (before.restarts, desk.reading.restarts) == ({("redis", "silent"): 1}, {("redis", "silent"): 2})


def test_vouchers_are_left_out_until_the_worker_has_beaten(desk: Desk) -> None:
    desk.show(beat={})
    assert desk.reading.vouchers == {}

    desk.show(beat={**BEAT, "totals": TOTALS})
    assert desk.reading.vouchers.items() >= {**TOTALS, "rejected": 0}.items()

    desk.show(beat={})
    assert desk.reading.vouchers == {}, "a counter that falls to 0 and comes back would count everything again"


@pytest.mark.parametrize(
    ("is_busy", "budget_s", "shown"),
    [(True, 30.0, 30.0 + Limits().margin_s), (True, None, Limits().margin_s), (False, 30.0, 0.0)],
)
def test_a_busy_unit_has_the_budget_at_which_it_is_ended_and_an_idle_one_none(
    desk: Desk,
    is_busy: bool,  # noqa: FBT001
    budget_s: float | None,
    shown: float,
) -> None:
    desk.show(Unit(is_busy=is_busy), {**BEAT, "budget_s": budget_s})

    assert (desk.unit("erp-worker").progress_budget_s, desk.unit("erp-worker").is_busy) == (shown, is_busy)


def test_a_unit_is_shown_as_it_stands(desk: Desk) -> None:
    desk.show(Unit(life="w", silent_s=1.5, fruitless=(3.0, 90.0)))

    worker = desk.unit("erp-worker")
    assert (worker.state, worker.beat_age_s, worker.beat_limit_s) == ("starting", 1.5, 7.0)
    assert (worker.progress_age_s, worker.restarts_fruitless, worker.cpu_s) == (2.5, 2, 12.5)
    assert worker.rss_bytes == 90_500_000


def test_what_nobody_knows_is_not_made_up(desk: Desk) -> None:
    desk.show()

    redis, gone = desk.unit("redis"), desk.unit("erp-worker")
    assert (redis.rss_bytes, redis.cpu_s, redis.progress_age_s, redis.beat_age_s) == (None, None, None, 0.5)
    assert gone.beat_age_s is None, "what does not run is not silent"


def test_only_what_is_judged_is_shown(desk: Desk) -> None:
    desk.show()

    assert [unit.name for unit in desk.reading.units] == ["redis", "erp-worker"]


def test_the_queue_the_checks_and_the_hold_are_those_of_the_look(desk: Desk) -> None:
    desk.show(None, None, Check("disk", "ng", ""), Check("units", "ok", ""), hold="engine")

    assert desk.reading.queues == [QueueReading("erp", 3, 4.5)]
    assert desk.reading.checks == {"disk": "ng", "units": "ok"}
    assert desk.reading.hold == "engine"


def test_looks_are_counted_and_measured(desk: Desk) -> None:
    assert desk.reading.tick == TickReading(NOON.timestamp())

    for took_s in (0.25, 0.5):
        with desk.figures.measured():
            desk.clock.advance(took_s)
        desk.clock.advance(10)

    assert desk.reading.tick == TickReading(NOON.timestamp() + 10.75, 0.5, 2, 0.75)


def test_a_look_that_failed_is_none(desk: Desk) -> None:
    def look() -> None:
        with desk.figures.measured():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look()

    assert desk.reading.tick.count == 0


def test_a_look_keeps_what_is_shown_and_a_show_keeps_the_ticks(desk: Desk) -> None:
    with desk.figures.measured():
        desk.clock.advance(0.5)
    desk.show()
    before = desk.reading
    with desk.figures.measured():
        desk.clock.advance(0.5)

    assert (before.tick.count, desk.reading.tick.count) == (1, 2)
    assert replace(desk.reading, tick=before.tick) == before


def test_a_scrape_reads_the_newest_look(monkeypatch: pytest.MonkeyPatch) -> None:
    servers: list[Server] = []

    class Kept(Exposition):
        def serve(self, host: str, port: int) -> Server:
            servers.append(super().serve(host, port))
            return servers[-1]

    monkeypatch.setattr(figures, "Exposition", Kept)
    desk = Desk("127.0.0.1:0")
    desk.note("redis", Step.ACTED)
    desk.show(Unit(), {**BEAT, "totals": TOTALS})

    with urllib3.PoolManager() as pool:
        text = pool.request("GET", f"http://127.0.0.1:{servers[0].port}/metrics").data.decode()
    servers[0].close()

    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    found = {(sample.name, *sorted(sample.labels.values())): sample.value for sample in samples}
    assert found["jikimi_unit_restarts_total", "redis", "silent"] == 1
    assert found["jikimi_lines_total", "posted"] == 7
    assert found["jikimi_queue_oldest_job_age_seconds", "erp"] == 4.5


def test_a_port_that_is_taken_keeps_nobody_from_healing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        desk = Desk(f"127.0.0.1:{taken.getsockname()[1]}")
    desk.note("redis", Step.ACTED)

    assert len(desk.notes.all) == 1
