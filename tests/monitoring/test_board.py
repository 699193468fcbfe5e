"""The board shows what there is: its script makes it, it keeps the rules, and every query brings something."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from urllib3.exceptions import HTTPError

from jikimi.clock import SystemClock
from jikimi.metrics.exposition import Exposition
from jikimi.metrics.names import STATE_CODES
from jikimi.metrics.reading import REASONS, QueueReading, Reading, TickReading, UnitReading
from monitoring import board as script
from monitoring.panels import SOURCE
from tests.conftest import Until, missing
from tests.docs.pages import ROOT
from tests.monitoring.board_checks import (
    Board,
    Prometheus,
    changed,
    escaped,
    metrics_of,
    panel_findings,
    queries,
    query_findings,
)

IMAGE = "prom/prometheus:v2.53.3"
GRAFANA = ROOT / "monitoring/grafana"
SCRAPES = ROOT / "monitoring/prometheus/prometheus.yml"
WRITTEN = script.BOARD.read_text(encoding="utf-8")
BOARD: Board = json.loads(WRITTEN)
UID = SOURCE["uid"]
# The supervisor stands among the units, with its memory and its processor time; these are for whoever looks closer.
REFERENCE_ONLY = {
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_virtual_memory_bytes",
    "python_info",
}
_RANGE_S = 60.0
_READY_WITHIN_S = 60.0


def settings(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_board_is_what_its_script_makes() -> None:
    assert script.board() == WRITTEN, "write it anew: python -m monitoring.board"


def test_the_board_keeps_every_rule() -> None:
    assert panel_findings(BOARD, UID) == []


def test_every_metric_is_on_the_board_or_is_said_not_to_be() -> None:
    text = Exposition(Office().read).text().decode()
    shown = set(re.findall(r"^(\w+)[ {]", text, re.MULTILINE))

    assert shown - metrics_of(BOARD) <= REFERENCE_ONLY
    assert metrics_of(BOARD) - shown == {"up"}


def test_every_state_has_its_words_on_the_board() -> None:
    (timeline,) = (panel for panel in BOARD["panels"] if panel["id"] == 6)

    (words,) = timeline["fieldConfig"]["defaults"]["mappings"]
    said = {result["text"].partition(" · ")[2]: int(code) for code, result in words["options"].items()}
    assert said == STATE_CODES


def test_grafana_is_told_of_the_source_that_the_board_asks() -> None:
    (source,) = settings(GRAFANA / "provisioning/datasources/prometheus.yml")["datasources"]
    scrapes = settings(SCRAPES)

    assert (source["uid"], source["url"]) == (UID, "http://prometheus:9090")
    assert source["jsonData"]["timeInterval"] == scrapes["global"]["scrape_interval"] == f"{script.SCRAPE_S}s"


def test_grafana_finds_the_board_in_its_folder_and_lets_nobody_change_it() -> None:
    (provider,) = settings(GRAFANA / "provisioning/dashboards/jikimi.yml")["providers"]

    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"
    assert provider["allowUiUpdates"] is False
    assert [path.name for path in (GRAFANA / "dashboards").iterdir()] == [f"{BOARD['uid']}.json"]


def test_prometheus_scrapes_the_supervisor_and_itself() -> None:
    jobs = {job["job_name"]: job["static_configs"][0]["targets"] for job in settings(SCRAPES)["scrape_configs"]}

    assert jobs == {"jikimi": ["supervisor:9108"], "prometheus": ["localhost:9090"]}


BREAKS: dict[str, Callable[[Board], object]] = {
    "two panels of one id": lambda board: board["panels"][1].update(id=1),
    "an overlap": lambda board: board["panels"][1]["gridPos"].update(x=0),
    "too wide": lambda board: board["panels"][0]["gridPos"].update(x=21),
    "one language": lambda board: board["panels"][0].update(title="All well"),
    "no description": lambda board: board["panels"][0].update(description=""),
    "no unit": lambda board: board["panels"][0]["fieldConfig"]["defaults"].update(unit=""),
    "another source": lambda board: board["panels"][0]["datasource"].update(uid="other"),
    "another source of a query": lambda board: board["panels"][0]["targets"][0]["datasource"].update(uid="other"),
    "no query": lambda board: board["panels"][0].update(targets=[]),
    "no legend": lambda board: board["panels"][0]["targets"][0].update(legendFormat=""),
    "a window of the screen": lambda board: set_query(
        board, 'rate(up{job="jikimi",instance=~"$instance"}[$__interval])'
    ),
    "a bare name": lambda board: set_query(board, "jikimi_hold"),
    "any job": lambda board: set_query(board, 'up{instance=~"$instance"}'),
    "a variable of nobody": lambda board: set_query(board, script.UP.replace("$instance", "$b")),
    "changeable": lambda board: board.update(editable=True),
    "inputs": lambda board: board.update(__inputs=[]),
}


def set_query(board: Board, expression: str) -> None:
    board["panels"][0]["targets"][0]["expr"] = expression


@pytest.mark.parametrize("what", BREAKS)
def test_a_broken_rule_is_found(what: str) -> None:
    board = json.loads(WRITTEN)
    BREAKS[what](board)

    assert panel_findings(board, UID)


def test_a_value_is_escaped_as_grafana_does_it() -> None:
    assert escaped("127.0.0.1:9108") == r"127\\.0\\.0\\.1:9108"
    assert escaped("a\\b") == r"a\\\\b"


class Office:
    """A supervisor that is busy: every scrape finds that something has moved."""

    def __init__(self) -> None:
        self._clock, self._scrapes = SystemClock(), count(1)

    def read(self) -> Reading:
        done = next(self._scrapes)
        worker = UnitReading("erp-worker", "healthy", 0.4, 5.0, 2.5, 30.0, is_busy=True, rss_bytes=9e7, cpu_s=done / 2)
        return Reading(
            TickReading(self._clock.now().timestamp(), 0.02, done, done / 50),
            units=[worker, UnitReading("rpa-worker", "recovering", 6.0, 5.0, rss_bytes=4e7, cpu_s=done / 4)],
            vouchers={"posted": 3 * done, "waiting": done % 3, "cancellations": done, "duplicates": done},
            queues=[QueueReading("erp", done % 5, 1.5)],
            restarts={("rpa-worker", reason): done for reason in REASONS},
            checks={"units": "ok", "disk": "warn"},
        )


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def engine() -> None:
    if shutil.which("docker") is None or _fails("docker", "info"):
        missing("a running Docker engine")
    if _fails("docker", "image", "inspect", IMAGE) and _fails("docker", "pull", "--quiet", IMAGE):
        missing(f"the image {IMAGE}")


def _fails(*words: str) -> bool:
    return bool(subprocess.run(words, capture_output=True, check=False, timeout=300).returncode)


@pytest.fixture(scope="module")
def prometheus(engine: None, tmp_path_factory: pytest.TempPathFactory, until: Until) -> Iterator[Prometheus]:
    """A Prometheus by the project's own settings, which scrapes a busy supervisor each second."""
    server = Exposition(Office().read).serve("0.0.0.0", 0)  # noqa: S104 - the container reaches it from outside
    file = tmp_path_factory.mktemp("prometheus") / "prometheus.yml"
    told = SCRAPES.read_text(encoding="utf-8").replace("supervisor:9108", f"host.docker.internal:{server.port}")
    file.write_text(told.replace("_interval: 5s", "_interval: 1s").replace("_timeout: 4s", "_timeout: 1s"))
    file.chmod(0o644)
    place = ["--publish", "127.0.0.1::9090", "--add-host", "host.docker.internal:host-gateway"]
    name = docker("run", "--detach", "--rm", *place, "--volume", f"{file}:/etc/prometheus/prometheus.yml:ro", IMAGE)
    try:
        address = docker("port", name, "9090/tcp").splitlines()[0]
        found = Prometheus(f"http://{address}", scrape_s=1.0, range_s=_RANGE_S)
        until(lambda: _has_scraped(found, 3), _READY_WITHIN_S)
        yield found
    finally:
        docker("rm", "--force", "--volumes", name)
        server.close()


def _has_scraped(prometheus: Prometheus, times: int) -> bool:
    """Return whether so many scrapes lie within reach of the queries."""
    try:
        return prometheus.at_once(f'count_over_time(up{{job="jikimi"}}[1m]) >= {times}') != []
    except (OSError, HTTPError, ValueError):
        return False  # it starts


def test_every_query_of_the_board_brings_something(prometheus: Prometheus) -> None:
    assert query_findings(BOARD, prometheus) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("jikimi_queue_jobs", "jikimi_queue_job"),
        ("jikimi_unit_beat_limit_seconds", "jikimi_unit_beat_limit"),
        ('state="ng"', 'state="bad"'),
        ('job="jikimi"', 'job="other"'),
        ("sum by (queue)", "sum by queue"),
    ],
)
def test_a_query_that_brings_nothing_is_found(prometheus: Prometheus, old: str, new: str) -> None:
    assert query_findings(changed(BOARD, old, new), prometheus)


def test_all_is_well_only_while_no_check_is_red(prometheus: Prometheus) -> None:
    _, well = next(queries(BOARD))
    everything = {"instance": ".+", "unit": ".+"}

    assert prometheus.at_once(prometheus.substituted(well["expr"], everything)) == [[1]]
    red = changed(BOARD, 'state="ng"', 'state="warn"')
    assert prometheus.at_once(prometheus.substituted(next(queries(red))[1]["expr"], everything)) == [[0]]
    old = changed(BOARD, "bool 15", "bool 0")
    assert prometheus.at_once(prometheus.substituted(next(queries(old))[1]["expr"], everything)) == [[0]]


def test_the_settings_pass_the_examination_of_prometheus(engine: None) -> None:
    told = ["--volume", f"{SCRAPES}:/etc/prometheus/prometheus.yml:ro", "--entrypoint", "promtool", IMAGE]

    assert "SUCCESS" in docker("run", "--rm", *told, "check", "config", "/etc/prometheus/prometheus.yml")


def test_the_exposition_passes_the_examination_of_prometheus(engine: None) -> None:
    told = ["docker", "run", "--rm", "--interactive", "--entrypoint", "promtool", IMAGE, "check", "metrics"]

    done = subprocess.run(told, input=Exposition(Office().read).text(), capture_output=True, check=False, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
