"""A table `[units.NAME]` may name a container in place of a command; what cannot be seen of one is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from jikimi.config import Config, load
from jikimi.config.explain import BadFile
from jikimi.supervisor.foreign import before_start, foreign_units
from jikimi.testing.clock import FakeClock

OWN = "a container has that from its own settings; leave it out"
CONTAINER = "[units.web]\ncontainer = 'shop-web-1'\n"
NAME = 'write the name that `docker ps` shows, such as "shop-web-1"'


def loaded(home: Path, text: str) -> Config:
    home.mkdir(exist_ok=True)
    (home / "jikimi.toml").write_text(text, encoding="utf-8")
    return load(home, {})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            f"{CONTAINER}command = ['run']",
            "1: units.web: give a command or a container, one of them (got both)",
        ),
        ("[units.web]\ntcp = 'a:1'", "1: units.web: give a command or a container, one of them (got none)"),
        (
            f"{CONTAINER}heartbeat = 'h'",
            "1: units.web: of a container only tcp or http can be seen (got heartbeat)",
        ),
        (f"{CONTAINER}log = 'l'", "1: units.web: of a container only tcp or http can be seen (got log)"),
        (f"{CONTAINER}probe = true", "1: units.web: of a container only tcp or http can be seen (got probe)"),
        (
            f"{CONTAINER}tcp = 'a:1'\nhttp = 'http://a'",
            "1: units.web: of a container only tcp or http can be seen (got tcp and http)",
        ),
        (
            f"{CONTAINER}heartbeat = 'h'\ntcp = 'a:1'",
            "1: units.web: of a container only tcp or http can be seen (got heartbeat and tcp)",
        ),
        (
            f"{CONTAINER}memory = 64\npriority = 'low'",
            f"1: units.web: {OWN} (got priority, memory)",
        ),
        (
            f"{CONTAINER}folder = 'f'\nclear = ['a.lock']\nerrors_in_a_row = 3",
            f"1: units.web: {OWN} (got folder, errors_in_a_row, clear)",
        ),
        (f"{CONTAINER}tcp = 'a'", "3: units.web.tcp: write a host and a port such as \"localhost:8080\" (got 'a')"),
        (
            "[units.redis]\ncontainer = 'shop-redis-1'",
            "1: units.redis: one of our own units has this name; choose another (got 'redis')",
        ),
        (
            "[units.grafana]\ncontainer = 'shop-grafana-1'",
            "1: units.grafana: one of our own units has this name; choose another (got 'grafana')",
        ),
    ],
)
def test_a_mistake_is_told_on_its_line_with_its_cure(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadFile) as caught:
        loaded(tmp_path, text)

    assert [str(each) for each in caught.value.problems] == [f"jikimi.toml:{problem}"]


@pytest.mark.parametrize(
    "name", ["", "a", "-web", ".web", "_web", "web 1", "web/1", "../web", "web\\n", "web?all=1", "웹", "a" * 129]
)
def test_what_is_no_container_s_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile) as caught:
        loaded(tmp_path, f'[units.web]\ncontainer = "{name}"')

    problem, *_ = map(str, caught.value.problems)
    assert problem.startswith(f"jikimi.toml:2: units.web.container: {NAME}")


@pytest.mark.parametrize("name", ["shop-web-1", "Web.2_b", "7f", "a" * 128])
def test_what_docker_allows_as_a_name_is_taken(tmp_path: Path, name: str) -> None:
    assert loaded(tmp_path, f"[units.web]\ncontainer = '{name}'").settings.units["web"].container == name


@pytest.mark.parametrize(
    ("sign", "seen_by"), [("", "container"), ("tcp = 'web:80'", "tcp"), ("http = 'http://web/health'", "http")]
)
def test_a_container_shows_by_its_port_or_address_or_by_running_at_all(tmp_path: Path, sign: str, seen_by: str) -> None:
    unit = loaded(tmp_path, f"{CONTAINER}{sign}").settings.units["web"]

    assert (unit.sign, unit.silent) == (seen_by, timedelta(seconds=60))


def test_a_container_may_be_silent_for_as_long_as_its_table_says(tmp_path: Path) -> None:
    unit = loaded(tmp_path, f"{CONTAINER}stale_after = '5m'").settings.units["web"]

    assert (unit.silent, unit.command) == (timedelta(minutes=5), ())


def test_on_this_machine_only_programs_are_run(tmp_path: Path) -> None:
    text = f"{CONTAINER}[units.bot]\ncommand = ['run']\nprobe = true\nneeds = ['web']\n"
    config = loaded(tmp_path, text)

    found = foreign_units(config, FakeClock(), ["redis"])

    assert [unit.spec.name for unit in found] == ["bot"]
    assert found[0].rule.needs == (), "nobody waits for what is not run here"


def test_nothing_is_made_ready_for_the_start_of_a_container(tmp_path: Path) -> None:
    config = loaded(tmp_path, CONTAINER)

    before_start(config, {}, lambda _: False)("web")

    assert not (tmp_path / "state").exists()
