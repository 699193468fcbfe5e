"""A table `[units.NAME]` becomes a unit, mistakes in it are told."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.config import Config, load
from jikimi.config.explain import BadFile
from jikimi.config.foreign import ForeignUnit
from jikimi.config.unit_values import OUR_UNITS, split_command
from jikimi.probe import VARIABLE
from jikimi.runtime.port import Priority
from jikimi.runtime.process_list import is_below, list_processes, process_of
from jikimi.supervisor.foreign import before_start, foreign_units
from jikimi.supervisor.watch_heartbeat_file import HeartbeatFileWatch
from jikimi.supervisor.watch_log import LogWatch
from jikimi.supervisor.watch_probe_file import ProbeFileWatch
from jikimi.supervisor.watch_probes import ProbeWatch
from jikimi.supervisor.watched import Watched
from jikimi.testing.clock import FakeClock

RUN = "[units.a]\ncommand = ['run']\n"


def loaded(home: Path, text: str) -> Config:
    home.mkdir(exist_ok=True)
    (home / "jikimi.toml").write_text(text, encoding="utf-8")
    return load(home, {})


def units(home: Path, text: str, *ours: str) -> dict[str, Watched]:
    found = foreign_units(loaded(home, text), FakeClock(), ours)
    return {unit.spec.name: unit for unit in found}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (RUN, "1: units.a: no sign of life; give one of heartbeat, log, tcp, http, probe (got none)"),
        (
            f"{RUN}heartbeat = 'h'\ntcp = 'a:1'",
            "1: units.a: more than one sign of life; keep one (got heartbeat and tcp)",
        ),
        (
            f"{RUN}log = 'l'\nneeds = ['b']",
            f"4: units.a.needs: no such unit; there are a, {', '.join(OUR_UNITS[:-1])} (got 'b')",
        ),
        (
            f"{RUN}log = 'l'\nneeds = ['a']",
            "4: units.a.needs: 'a' needs itself, so it never starts; break the circle (got ['a'])",
        ),
        (
            "[units.redis]\ncommand = ['run']\nlog = 'l'",
            "1: units.redis: one of our own units has this name; choose another (got 'redis')",
        ),
        ("[units.a]\nlog = 'l'", "1: units.a: give a command or a container, one of them (got none)"),
        (
            "[units.a]\ncommand = []\nlog = 'l'",
            '2: units.a.command: names no program; write one such as ["python", "main.py"] (got [])',
        ),
        (
            "[units.a]\ncommand = 'run \"it'\nlog = 'l'",
            "2: units.a.command: a quotation mark is not closed; close it, or write a list of words (got 'run \"it')",
        ),
        (f"{RUN}tcp = 'a'", "3: units.a.tcp: write a host and a port such as \"localhost:8080\" (got 'a')"),
        (f"{RUN}tcp = 'a:0'", "3: units.a.tcp: write a host and a port such as \"localhost:8080\" (got 'a:0')"),
        (
            f"{RUN}http = 'ftp://a'",
            "3: units.a.http: write an address such as \"http://localhost:8080/health\" (got 'ftp://a')",
        ),
        (
            f"{RUN}log = 'l'\nrestart_at = '5:55'",
            "4: units.a.restart_at: write a time of day such as \"05:55\" (got '5:55')",
        ),
        (f"{RUN}log = 'l'\nstale_afer = '1h'", "4: units.a.stale_afer: no such setting; did you mean 'stale_after'?"),
        (
            f"{RUN}tcp = 'a:1'\nerrors_in_a_row = 3",
            "1: units.a: errors_in_a_row needs a sign that tells of errors: heartbeat or log or probe (got tcp)",
        ),
    ],
)
def test_a_mistake_is_told_on_its_line_with_its_cure(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadFile) as caught:
        loaded(tmp_path, text)

    assert [str(each) for each in caught.value.problems] == [f"jikimi.toml:{problem}"]


def test_every_unit_of_a_circle_is_told(tmp_path: Path) -> None:
    text = f"{RUN}log = 'l'\nneeds = ['b']\n[units.b]\ncommand = ['run']\nlog = 'l'\nneeds = ['a']"

    with pytest.raises(BadFile) as caught:
        loaded(tmp_path, text)

    assert [problem.line for problem in caught.value.problems] == [4, 8]


@pytest.mark.parametrize(
    ("text", "windows", "words"),
    [
        ("python 'my main.py' --a", False, ("python", "my main.py", "--a")),
        (r"C:\py\python.exe C:\my\main.py", True, (r"C:\py\python.exe", r"C:\my\main.py")),
        (r'"C:\Program Files\a.exe" "b c" ""', True, (r"C:\Program Files\a.exe", "b c", "")),
        (r'a "say \"hi\"" "C:\end\\" b', True, ("a", 'say "hi"', "C:\\end\\", "b")),
        ("", True, ()),
    ],
)
def test_a_command_of_one_line_is_taken_apart(text: str, windows: bool, words: tuple[str, ...]) -> None:  # noqa: FBT001
    assert split_command(text, windows=windows) == words


@given(st.lists(st.text(alphabet='ab \\"', max_size=8), min_size=1))
def test_what_windows_would_write_is_taken_apart_again(words: list[str]) -> None:
    quoted = subprocess.list2cmdline(words)

    assert split_command(quoted, windows=True) == tuple(words)


@pytest.mark.parametrize(
    ("sign", "silent"),
    [
        ("heartbeat = 'h'", 3600),
        ("log = 'l'", 3600),
        ("tcp = 'a:1'", 60),
        ("http = 'http://a'", 60),
        ("probe = true", 60),
    ],
)
def test_what_writes_a_file_may_be_silent_for_longer(tmp_path: Path, sign: str, silent: int) -> None:
    rule = units(tmp_path, f"{RUN}{sign}")["a"].rule

    assert (rule.silent_s, rule.boot_s, rule.beats, rule.failures) == (silent, silent, False, 0)


WHOLE = """
[units.first]
command = ["run"]
probe = true

[units.second]
command = "./work.sh --fast"
folder = "../office"
heartbeat = "state/heartbeat.txt"
stale_after = "10m"
starts_within = "20m"
errors_in_a_row = 4
clear = ["runtime.lock"]
restart_at = "05:55"
grace = "30s"
priority = "idle"
memory = 512
needs = ["first", "redis", "erp"]
observe = "1d"
"""


def test_everything_in_the_table_reaches_the_unit(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    (tmp_path / "office/work.sh").touch()

    unit = units(tmp_path / "home", WHOLE, "redis")["second"]

    office = tmp_path / "office"
    assert (tuple(unit.spec.command), unit.spec.folder) == ((f"{office}/work.sh", "--fast"), office)
    assert (unit.spec.priority, unit.spec.memory_mb) == (Priority.IDLE, 512)
    assert unit.spec.log == tmp_path / "home/logs/second.out"
    assert unit.spec.environment == {VARIABLE: str(tmp_path / "home/state/probes/second.json")}
    assert (unit.rule.silent_s, unit.rule.boot_s, unit.rule.grace_s, unit.rule.observe_s) == (600, 1200, 30, 86400)
    assert unit.rule.failures == 4


def test_nobody_waits_for_a_unit_that_is_run_elsewhere(tmp_path: Path) -> None:
    assert units(tmp_path, WHOLE, "redis")["second"].rule.needs == ("first", "redis")


@pytest.mark.parametrize(
    ("sign", "watch"),
    [
        ("heartbeat = 'h'", HeartbeatFileWatch),
        ("log = 'l'", LogWatch),
        ("tcp = '[::1]:1'", ProbeWatch),
        ("http = 'http://a'", ProbeWatch),
        ("probe = true", ProbeFileWatch),
    ],
)
def test_each_sign_has_its_watch(tmp_path: Path, sign: str, watch: type) -> None:
    assert type(units(tmp_path, f"{RUN}{sign}")["a"].watch) is watch


def test_the_time_of_its_daily_restart_is_kept(tmp_path: Path) -> None:
    unit: ForeignUnit = loaded(tmp_path, WHOLE).settings.units["second"]

    assert (unit.restart_at, unit.observe) == ("05:55", timedelta(days=1))


def test_before_a_start_its_probe_has_a_place_and_says_nothing_yet(tmp_path: Path) -> None:
    config = loaded(tmp_path, f"{RUN}probe = true\nfolder = '{tmp_path.as_posix()}'\nclear = ['runtime.lock']")
    (tmp_path / "state/probes").mkdir(parents=True)
    (tmp_path / "state/probes/a.json").write_text("{}")
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    (tmp_path / "runtime.lock").write_text(str(child.pid))

    prepare = before_start(config, {}, lambda _: False)
    prepare("a")
    prepare("redis")

    assert list((tmp_path / "state/probes").iterdir()) == []
    assert not (tmp_path / "runtime.lock").exists()


def test_what_runs_is_known_with_its_command_line_and_its_place() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()", "here"], stdin=subprocess.PIPE)
    try:
        process = process_of(child.pid)
        below = (is_below(child.pid, os.getpid()), is_below(os.getpid(), child.pid), is_below(child.pid, child.pid))
        listed = child.pid in [each.pid for each in list_processes()]
    finally:
        child.kill()

    assert process is not None
    assert process.command[-1] == "here" or process.command == ()  # not yet another program than ours
    assert (below, listed) == ((True, False, True), True)
    child.communicate()


def test_a_dead_child_that_nobody_has_reaped_does_not_live(until: Callable[..., None]) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])

    until(lambda: process_of(child.pid) is None, 20)

    child.wait()


@pytest.mark.parametrize("pid", [-1, 0x7FFFFFFF, 10**12])
def test_an_id_that_no_process_has_belongs_to_nobody(pid: int) -> None:
    assert (process_of(pid), is_below(pid, 1)) == (None, False)
