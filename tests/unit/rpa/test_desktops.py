"""Where the windows of programs can be worked with, and what is said where they cannot."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from jikimi.cli.main import jikimi
from jikimi.clock import SystemClock
from jikimi.rpa.desktops import NoDesktop, open_desktop

_FLOW = """
from jikimi.rpa import flow


@flow(queue="ui")
def window(item, ui):
    ui.open("xterm")
"""
pytestmark = pytest.mark.skipif(find_spec("gi") is not None, reason="this machine has python3-gi")


def test_where_accessibility_is_missing_it_is_said_and_how_to_get_it() -> None:
    with pytest.raises(NoDesktop, match="gi") as told:
        open_desktop(SystemClock(), {})

    assert "python3-gi" in told.value.remedy.en


def test_a_flow_of_the_queue_ui_asks_for_a_desktop_and_not_for_a_browser(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/window.py").write_text(_FLOW, encoding="utf-8")

    said = CliRunner().invoke(jikimi, ["--home", str(tmp_path), "--lang", "en", "flow", "run", "window", "key=A-1"])

    assert isinstance(said.exception, NoDesktop) or "windows of programs" in said.output
