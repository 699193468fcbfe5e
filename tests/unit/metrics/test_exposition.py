"""A scrape shows every series from the first one on, tells what is old by its time, and never makes a number up."""

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import urllib3
from prometheus_client.parser import text_string_to_metric_families

from jikimi.metrics.exposition import Exposition, Server
from jikimi.metrics.names import NAMES, Kind, Name, page
from jikimi.metrics.reading import (
    CHECK_STATES,
    ENDED,
    OPEN,
    REASONS,
    STATES,
    QueueReading,
    Reading,
    TickReading,
    UnitReading,
)
from jikimi.supervisor.events import Cause
from jikimi.supervisor.policy import GAP, MAINTENANCE
from jikimi.supervisor.state import State
from jikimi.vouchers.outcome import State as Outcome
from tests.docs.pages import ROOT

WORKER = UnitReading("erp-worker", "healthy", 0.4, 5.0, 2.5, 30.0, is_busy=True, rss_bytes=9e7, cpu_s=12.5)
READING = Reading(
    TickReading(1_800_000_000.25, 0.02, 40, 1.5),
    units=[WORKER, UnitReading("scheduler", "starting")],
    vouchers={"posted": 7, "waiting": 2, "cancellations": 1},
    queues=[QueueReading("erp", 3, 4.5), QueueReading("rpa", 0)],
    restarts={("erp-worker", "silent"): 2},
    checks={"units": "ok", "disk": "ng"},
    hold="engine",
)
EMPTY = Reading(TickReading(0.0))
ODD = (
    ("unit_state", ("odd", "a")),
    ("check_state", ("b", "odd")),
    ("hold", ("odd",)),
    ("unit_restarts_total", ("odd", "a")),
)
Values = dict[tuple[str, ...], float]  # the sample's name, then the values of its labels by the labels' names


def values(reading: Reading) -> Values:
    return values_of(Exposition(lambda: reading))


def values_of(exposition: Exposition) -> Values:
    families = text_string_to_metric_families(exposition.text().decode())
    samples = [sample for family in families for sample in family.samples]
    found = {(each.name, *(each.labels[name] for name in sorted(each.labels))): each.value for each in samples}
    assert len(found) == len(samples), "no series stands there twice"
    return found


def of(name: str, found: Values) -> Values:
    return {key[1:]: value for key, value in found.items() if key[0] == f"jikimi_{name}"}


def lit(found: Values) -> set[tuple[str, ...]]:
    return {labels for labels, value in found.items() if value}


def series(reading: Reading) -> int:
    return sum(line.startswith("jikimi_") for line in Exposition(lambda: reading).text().decode().splitlines())


@pytest.fixture
def serve() -> Iterator[Callable[[Exposition, int], Server]]:
    servers: list[Server] = []

    def start(exposition: Exposition, port: int = 0) -> Server:
        servers.append(exposition.serve("127.0.0.1", port))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_the_words_are_those_of_the_parts_that_say_them() -> None:
    assert set(STATES) == set(State)
    assert set(REASONS) == set(Cause)
    assert set(ENDED + OPEN) == set(Outcome)
    assert {(hold,) for hold in (GAP, MAINTENANCE)} <= set(of("hold", values(EMPTY)))


@pytest.mark.parametrize("reading", [EMPTY, READING], ids=["empty", "full"])
def test_every_metric_has_its_help_and_its_type_even_before_it_has_a_series(reading: Reading) -> None:
    text = Exposition(lambda: reading).text().decode()

    for name in NAMES:
        assert f"# HELP {name.name} {name.help.en}\n# TYPE {name.name} {name.kind}\n" in text


def test_the_names_on_the_page_are_the_names_that_are_shown() -> None:
    written = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    shown = re.findall(r"^# TYPE (jikimi_\w+)", Exposition(lambda: READING).text().decode(), re.MULTILINE)

    assert written == page(), "write it anew: python -m tests.docs.pages"
    assert re.findall(r"^\| `(jikimi_\w+)`", written, re.MULTILINE) == [name.name for name in NAMES]
    assert sorted(shown) == sorted(name.name for name in NAMES)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.name)
def test_a_name_says_its_unit_in_base_units_and_whether_it_only_grows(name: Name) -> None:
    assert re.fullmatch(r"jikimi_[a-z]+(_[a-z]+)*", name.name)
    assert name.name.endswith("_total") is (name.kind is Kind.COUNTER)
    assert not re.search(r"_(ms|millis\w*|minutes|hours|kb|mb|percent|count|sum|bucket|info|s)(_|$)", name.name)
    assert all(re.fullmatch(r"[a-z]+", label) for label in name.labels)
    assert not name.help.en.endswith(".")


@pytest.mark.parametrize("word", ["age", "limit", "budget", "duration", "timestamp"])
def test_what_is_a_span_or_an_instant_is_in_seconds(word: str) -> None:
    named = [name.name for name in NAMES if f"_{word}" in name.name]

    assert named
    assert all(name.endswith("_seconds") for name in named)


def test_a_unit_is_in_one_state_and_every_other_one_is_zero() -> None:
    found = of("unit_state", values(READING))

    assert {(state, unit) for state in STATES for unit in ("erp-worker", "scheduler")} == set(found)
    assert lit(found) == {
        ("healthy", "erp-worker"),
        ("starting", "scheduler"),
    }
    assert sum(found.values()) == 2


def test_every_state_has_a_number_of_its_own_that_is_not_zero() -> None:
    assert of("unit_state_code", values(EMPTY)) == {(state,): code for code, state in enumerate(STATES, start=1)}


def test_every_reason_is_at_zero_before_its_first_restart() -> None:
    found = of("unit_restarts_total", values(READING))

    assert set(found) == {(reason, unit) for reason in REASONS for unit in ("erp-worker", "scheduler")}
    assert {labels: value for labels, value in found.items() if value} == {("silent", "erp-worker"): 2}


def test_a_unit_that_has_left_keeps_its_restarts() -> None:
    found = of("unit_restarts_total", values(replace(EMPTY, restarts={("old", "exited"): 4})))

    assert found == {("exited", "old"): 4}


def test_a_word_that_nobody_has_listed_is_shown_all_the_same() -> None:
    odd = replace(EMPTY, units=[UnitReading("a", "odd")], checks={"b": "odd"}, hold="odd", restarts={("a", "odd"): 1})
    found = values(odd)

    assert [of(name, found)[labels] for name, labels in ODD] == [1] * len(ODD)


def test_ended_lines_are_counted_and_open_lines_may_fall() -> None:
    found = values(READING)
    types = {name.name: name.kind for name in NAMES}

    assert of("lines_total", found) == {("posted",): 7, ("already",): 0, ("rejected",): 0}
    assert of("lines_open", found) == {("waiting",): 2, ("unknown",): 0}
    assert (of("cancellations_total", found), of("duplicate_files_total", found)) == ({(): 1}, {(): 0})
    assert (types["jikimi_lines_total"], types["jikimi_lines_open"]) == (Kind.COUNTER, Kind.GAUGE)


def test_counts_that_are_not_known_yet_are_left_out_and_not_zero() -> None:
    found = values(replace(READING, vouchers={}))

    assert not any(of(name, found) for name in ("lines_total", "lines_open", "cancellations_total"))


def test_what_is_known_of_a_unit_is_shown_and_what_is_not_is_left_out() -> None:
    found = values(READING)

    shown = {key[0]: value for key, value in found.items() if key[1:] == ("erp-worker",)}
    assert shown == {
        "jikimi_unit_beat_age_seconds": 0.4,
        "jikimi_unit_beat_limit_seconds": 5,
        "jikimi_unit_progress_age_seconds": 2.5,
        "jikimi_unit_progress_budget_seconds": 30,
        "jikimi_unit_busy": 1,
        "jikimi_unit_fruitless_restarts": 0,
        "jikimi_unit_resident_memory_bytes": 9e7,
        "jikimi_unit_cpu_seconds_total": 12.5,
    }
    assert {key[0]: value for key, value in found.items() if key[1:] == ("scheduler",)} == {
        "jikimi_unit_progress_budget_seconds": 0,
        "jikimi_unit_busy": 0,
        "jikimi_unit_fruitless_restarts": 0,
    }


def test_queues_checks_and_the_hold_are_shown() -> None:
    found = values(READING)

    assert of("queue_jobs", found) == {("erp",): 3, ("rpa",): 0}
    assert of("queue_oldest_job_age_seconds", found) == {("erp",): 4.5, ("rpa",): 0}
    assert lit(of("check_state", found)) == {("units", "ok"), ("disk", "ng")}
    assert len(of("check_state", found)) == 2 * len(CHECK_STATES)
    assert lit(of("hold", found)) == {("engine",)}
    assert not any(of("hold", values(EMPTY)).values())


def test_the_supervisor_tells_when_it_last_looked_and_how_long_looks_take() -> None:
    found = values(READING)

    assert of("supervisor_tick_timestamp_seconds", found) == {(): 1_800_000_000.25}
    assert of("supervisor_last_tick_duration_seconds", found) == {(): 0.02}
    assert of("supervisor_tick_duration_seconds_sum", found) == {(): 1.5}
    assert of("supervisor_tick_duration_seconds_count", found) == {(): 40}


def test_a_failed_reading_shows_no_unit_but_the_age_of_the_last_look() -> None:
    answers = iter([READING])
    exposition = Exposition(lambda: next(answers))
    before, after, later = (values_of(exposition) for _ in range(3))

    assert of("reading_failures_total", before) == {(): 0}
    assert of("reading_failures_total", after) == {(): 1}
    assert of("reading_failures_total", later) == {(): 2}
    assert of("supervisor_tick_timestamp_seconds", later) == {(): 1_800_000_000.25}
    assert not of("unit_state", later)
    assert not of("check_state", later)


def test_before_the_first_reading_a_failed_one_makes_no_time_up() -> None:
    answers: Iterator[Reading] = iter(())

    assert not of("supervisor_tick_timestamp_seconds", values_of(Exposition(lambda: next(answers))))


def test_a_unit_that_has_gone_leaves_no_series_behind() -> None:
    answers = iter([READING, EMPTY])
    exposition = Exposition(lambda: next(answers))
    values_of(exposition)

    assert not of("unit_state", values_of(exposition))


@pytest.mark.parametrize("name", ["작업자", 'a"b', "a\\b", "a\nb", "{a}", ""])
def test_any_name_of_a_unit_comes_out_as_it_went_in(name: str) -> None:
    found = of("unit_busy", values(replace(EMPTY, units=[UnitReading(name, "healthy")])))

    assert found == {(name,): 0}


def test_the_process_shows_itself() -> None:
    assert any(key[0] == "python_info" for key in values(EMPTY))


def test_the_series_grow_with_the_units_and_not_faster() -> None:
    none, one, many = (
        series(replace(EMPTY, units=[replace(WORKER, name=f"unit-{number}") for number in range(count)]))
        for count in (0, 1, 1000)
    )

    assert many - none == 1000 * (one - none)
    assert f"A unit costs {one - none} series" in page()


def test_a_scrape_by_http_reads_the_text(serve: Callable[..., Server]) -> None:
    exposition = Exposition(lambda: READING)
    server = serve(exposition)

    answer = urllib3.request("GET", f"http://127.0.0.1:{server.port}/metrics")

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "jikimi_unit_restarts_total{" in answer.data.decode()


def test_a_scrape_may_ask_for_some_names_alone(serve: Callable[..., Server]) -> None:
    server = serve(Exposition(lambda: READING))

    answer = urllib3.request("GET", f"http://127.0.0.1:{server.port}/metrics?name[]=jikimi_queue_jobs")

    lines = [line for line in answer.data.decode().splitlines() if not line.startswith("#")]
    assert lines == ['jikimi_queue_jobs{queue="erp"} 3.0', 'jikimi_queue_jobs{queue="rpa"} 0.0']


def test_a_closed_server_gives_its_port_back(serve: Callable[..., Server]) -> None:
    exposition = Exposition(lambda: EMPTY)
    first = exposition.serve("127.0.0.1", 0)
    first.close()

    assert serve(exposition, first.port).port == first.port


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match=r"use|usage"):
        Exposition(lambda: EMPTY).serve("127.0.0.1", taken.getsockname()[1])
