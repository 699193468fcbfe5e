"""The flows' environment, made for real out of packages that lie beside the test: nothing is fetched."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jikimi.rpa.environment import FlowEnvironment
from tests.conftest import Until

_WITHIN_S = 120.0
Make = Callable[..., FlowEnvironment]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    (tmp_path / "flows").mkdir()
    paths = [path for path in sys.path if path.endswith(("site-packages", "services"))]

    def environment(text: str | None = None, check: str = "jikimi.rpa") -> FlowEnvironment:
        """Return the environment of flows that ask for *text*."""
        if text is not None:
            (tmp_path / "flows/requirements.txt").write_text(text, encoding="utf-8")
        return FlowEnvironment(tmp_path / "flows", tmp_path / "environments", paths, check)

    return environment


def test_flows_that_ask_for_nothing_use_the_interpreter_that_there_is(make: Make) -> None:
    assert make().python() == sys.executable


def test_what_is_asked_for_is_there_beside_our_own_and_only_then(make: Make, until: Until) -> None:
    environment = make("# nothing but a remark\n")
    assert environment.python() == sys.executable

    until(lambda: environment.python() != sys.executable, _WITHIN_S)

    say = "import jikimi.rpa, json, sys; print(json.dumps([sys.prefix, jikimi.rpa.__file__]))"
    done = subprocess.run([environment.python(), "-c", say], capture_output=True, text=True, check=True)
    prefix, ours = json.loads(done.stdout)
    assert "environments" in prefix
    assert ours.endswith("services/jikimi/rpa/__init__.py")


def test_a_mistake_names_its_line_and_leaves_what_was_there(make: Make, until: Until) -> None:
    environment = make("# one\n")
    assert environment.install()
    good = environment.python()

    broken = make("# two\n\nno such package at all ==\n")
    with capture_logs() as logs:
        assert not broken.install()

    assert broken.python() == good
    assert [(line["event"], line["line"]) for line in logs] == [("flows.not_installed", 3)]


def test_the_environment_that_was_in_use_stays_while_the_next_one_takes_its_place(make: Make, tmp_path: Path) -> None:
    for text in ("# one\n", "# two\n", "# three\n"):
        environment = make(text)
        before = environment.python() if text != "# one\n" else ""
        assert environment.install()

    assert Path(before).exists()
    assert environment.python() != before
    assert len(list((tmp_path / "environments").iterdir())) == 2


def test_two_who_ask_for_it_at_once_get_one_environment(make: Make) -> None:
    environment = make("# one\n")

    with capture_logs() as logs, ThreadPoolExecutor(2) as both:
        assert list(both.map(lambda _: environment.install(), range(2))) == [True, True]

    assert [line["event"] for line in logs] == ["flows.installed"]


def test_packages_with_which_our_own_programs_would_not_start_are_refused(make: Make) -> None:
    environment = make("# one\n", check="jikimi.nothing_of_that_name")

    with capture_logs() as logs:
        assert not environment.install()

    # what another test asks for in the background may end meanwhile
    assert any("do not start" in line.get("why", "") for line in logs)
