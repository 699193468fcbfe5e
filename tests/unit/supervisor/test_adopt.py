"""`jikimi adopt` writes what a program needs, names its old watchdogs, and the page about it can be followed."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jikimi.cli.main import jikimi, run
from jikimi.config import load
from jikimi.supervisor.adoption import NoInterpreter, command_for, entry, locks_for, sign_for
from jikimi.supervisor.foreign import foreign_units
from jikimi.supervisor.watch_heartbeat_file import HeartbeatFileWatch
from jikimi.testing.clock import FakeClock
from tests.docs.pages import ROOT

LOOP = ROOT / "examples/adopt/loop.py"
SOURCE = """
HEARTBEAT = "state/heartbeat.txt"
LOCK = os.path.join(HERE, 'runtime.lock')
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    script = tmp_path / "office/Post Cards.py"
    script.parent.mkdir()
    script.write_text(SOURCE, encoding="utf-8")
    return script


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def adopt(home: Path, script: Path) -> Callable[..., Result]:
    def adopt(*options: str) -> Result:
        return CliRunner().invoke(jikimi, ["--home", str(home), "--lang", "en", "adopt", str(script), *options])

    return adopt


def test_a_script_is_adopted_with_what_its_source_tells(adopt: Callable[..., Result], home: Path, script: Path) -> None:
    result = adopt()

    unit = load(home, {}).settings.units["post-cards"]
    assert result.exit_code == 0
    assert (unit.command[-1], unit.folder) == (str(script), str(script.parent))
    assert (unit.heartbeat, unit.clear) == ("state/heartbeat.txt", ("runtime.lock",))
    assert unit.observe.days == 1


def test_what_the_file_had_before_stays_as_it_was(adopt: Callable[..., Result], home: Path) -> None:
    home.mkdir()
    before = "\ufeff# 내 설정\r\n[company]\r\nname = '가게'  # ours".encode()
    (home / "jikimi.toml").write_bytes(before)

    adopt("--name", "cards")

    after = (home / "jikimi.toml").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")
    assert load(home, {}).settings.company.name == "가게"


def test_a_dry_run_changes_nothing(adopt: Callable[..., Result], home: Path) -> None:
    result = adopt("--dry-run")

    assert "[units.post-cards]" in result.output
    assert not home.exists()


def test_a_script_gets_the_same_table_from_its_document(adopt: Callable[..., Result]) -> None:
    document = json.loads(adopt("--dry-run", "--json", "--tcp", "localhost:8080").output)

    table = tomllib.loads(document["entry"])["units"][document["unit"]]
    assert (document["schema"], document["is_written"], table["tcp"]) == ("jikimi.adopt", False, "localhost:8080")
    assert "heartbeat" not in table


@pytest.mark.parametrize("options", [(), ("--name", "another")])
def test_the_same_script_is_not_adopted_twice(
    adopt: Callable[..., Result], home: Path, options: tuple[str, ...]
) -> None:
    adopt()
    before = (home / "jikimi.toml").read_bytes()

    result = adopt(*options)

    assert type(result.exception).__name__ == "AdoptedAlready"
    assert (home / "jikimi.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--name", "redis"), "NoName"),
        (("--name", "내것"), "NoName"),
        (("--tcp", "nowhere"), "BadFile"),
        (("--tcp", "a:1", "--log", "l"), "SystemExit"),
    ],
)
def test_a_wrong_wish_is_refused_and_nothing_is_written(
    adopt: Callable[..., Result], home: Path, options: tuple[str, ...], error: str
) -> None:
    result = adopt(*options)

    assert type(result.exception).__name__ == error
    assert not (home / "jikimi.toml").exists() or "[units." not in (home / "jikimi.toml").read_text(encoding="utf-8")


def test_a_script_that_is_not_there_is_told(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = run(["--home", str(home), "--lang", "en", "adopt", "nowhere.py"])

    assert code == 64
    assert re.search(r"there is no such file: .*nowhere.py\n  fix: ", capfd.readouterr().err)


def test_a_script_that_shows_nothing_is_told_what_it_may_show(
    script: Path, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script.write_text("print()")

    code = run(["--home", str(home), "--lang", "en", "adopt", str(script)])

    assert (code, "--heartbeat FILE" in capfd.readouterr().err) == (64, True)


@pytest.mark.parametrize(
    ("files", "source", "sign"),
    [
        (["heartbeat.txt", "app.log"], "", {"heartbeat": "heartbeat.txt"}),
        (["run/worker_heartbeat.json"], "", {"heartbeat": "run/worker_heartbeat.json"}),
        (["logs/app-2026-11-24.log"], "", {"log": "logs/app-*.log"}),
        (["heartbeat.txt"], "from jikimi.probe import Probe", {"probe": True}),
        ([], "import probe\n", {"probe": True}),
        ([], "open('out\\\\main.log')", {"log": "out/main.log"}),
    ],
)
def test_the_surest_sign_is_proposed(script: Path, files: list[str], source: str, sign: dict[str, object]) -> None:
    for name in files:
        (script.parent / name).parent.mkdir(exist_ok=True)
        (script.parent / name).touch()
    script.write_text(source)

    assert sign_for(script) == sign


def test_a_lock_of_something_else_is_left_alone(script: Path) -> None:
    for name in ("uv.lock", "poetry.lock", "other.pid", "runtime.lock"):
        (script.parent / name).touch()

    assert locks_for(script) == ["runtime.lock"]


def test_a_script_is_run_by_the_python_of_its_own_environment(script: Path) -> None:
    own = script.parent / ".venv/bin/python"
    own.parent.mkdir(parents=True)
    own.touch()

    assert command_for(script) == [str(own), str(script)]


@pytest.mark.parametrize(
    ("name", "found", "command"),
    [
        ("a.py", {"python": "/bin/python"}, ["/bin/python"]),
        ("a.py", {}, [sys.executable]),
        ("a.bat", {"cmd": "cmd.exe"}, ["cmd.exe", "/c"]),
        ("a.ps1", {"pwsh": "/bin/pwsh"}, ["/bin/pwsh", "-File"]),
        ("a.exe", {}, []),
    ],
)
def test_a_script_is_run_by_what_runs_its_kind(
    tmp_path: Path, name: str, found: dict[str, str], command: list[str]
) -> None:
    def which(program: str) -> str | None:
        return found.get(program)

    assert command_for(tmp_path / name, which) == [*command, str(tmp_path / name)]


def test_what_nothing_runs_is_told() -> None:
    with pytest.raises(NoInterpreter):
        command_for(Path("a.txt"), lambda _: None)


@pytest.mark.parametrize("sign", [{"heartbeat": "h"}, {"tcp": "a:1"}, {"probe": True}])
def test_what_is_shown_as_a_comment_is_what_holds(home: Path, sign: dict[str, object]) -> None:
    text = entry("a", Path("a.py"), {"command": ["a"], **sign})
    home.mkdir()
    units = []
    for shown in (text, re.sub(r"^# (?!restart_at)([a-z_]+ = )", r"\1", text, flags=re.MULTILINE)):
        (home / "jikimi.toml").write_text(shown, encoding="utf-8")
        units.append(foreign_units(load(home, {}), FakeClock(), ())[0].rule)

    assert units[0] == units[1]


def test_adopting_the_example_names_its_old_watchdog(tmp_path: Path) -> None:
    arguments = ["--home", str(tmp_path / "home"), "adopt", str(LOOP), "--dry-run", "--json"]

    document = json.loads(CliRunner().invoke(jikimi, arguments).output)

    assert "keep_running.bat" in [Path(found["where"]).name for found in document["old_watchdogs"]]
    table = tomllib.loads(document["entry"])["units"]["loop"]
    assert (table["heartbeat"], table["clear"]) == ("heartbeat.txt", ["runtime.lock"])


@pytest.mark.parametrize("page", ["docs/adopt.md", "docs/adopt.ko.md"])
def test_the_table_on_the_page_is_well_and_leads_to_the_example(page: str) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    table = tomllib.loads(text)["units"]["loop"]

    assert (ROOT / "home" / table["folder"] / table["command"][1]).resolve() == LOOP


@pytest.mark.parametrize("page", ["docs/adopt.md", "docs/adopt.ko.md"])
def test_the_table_on_the_page_is_read(tmp_path: Path, page: str) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "jikimi.toml").write_text(text, encoding="utf-8")

    (unit,) = foreign_units(load(tmp_path, {}), FakeClock(), ())

    assert (unit.rule.silent_s, unit.rule.failures, type(unit.watch)) == (30, 5, HeartbeatFileWatch)


def test_both_pages_have_the_same_parts() -> None:
    texts = [(ROOT / page).read_text(encoding="utf-8") for page in ("docs/adopt.md", "docs/adopt.ko.md")]

    parts = [
        [len(re.findall(mark, text, re.MULTILINE)) for mark in (r"^## ", r"^\| ", r"^- ", "```")] for text in texts
    ]
    assert parts[0] == parts[1]


def test_the_example_dies_with_a_heartbeat_and_a_lock_that_hinders_the_next(tmp_path: Path) -> None:
    arguments = [sys.executable, str(LOOP), "--folder", str(tmp_path), "--every", "0.01", "--fail-after", "1"]

    first = subprocess.Popen([*arguments, "--die-after", "3"])
    code = first.wait(30)
    watch = HeartbeatFileWatch(tmp_path / "heartbeat.txt", lambda pid, unit: pid == unit)
    second = subprocess.run(arguments, capture_output=True, check=False, timeout=30)

    assert (code, watch.look(first.pid).seen.is_ready) == (1, True)
    assert (second.returncode, (tmp_path / "runtime.lock").read_text()) == (1, str(first.pid))
    assert not os.access(tmp_path / "heartbeat.txt.partial", os.F_OK)
