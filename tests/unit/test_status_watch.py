"""The reader of the status goes on telling, finds its file, and names commands as they are called where it runs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from jikimi.clock import SystemClock
from jikimi.status import reader
from jikimi.status.document import Check, UnitFact, snapshot
from tests.conftest import Until

READER = Path(reader.__file__)
COMPOSE = "docker compose exec supervisor jikimi"
WITHIN_S = 20.0
LOGIN = "docker compose exec erp erp-login"
ADDRESSES = [{"name": "ERP", "url": "http://here:1/", "login": LOGIN}, {"name": "inbox", "url": "/in"}]
CURE = Check("hold", "warn", "paused", "to go on: jikimi resume")
CALLED = {
    "": ("jikimi up", "jikimi resume"),
    "python3 start.py": ("python3 start.py up", "python3 start.py resume"),
    COMPOSE: ("docker compose up -d", f"{COMPOSE} resume"),
}
NOTHING_OF = ("redis", "rq", "docker", "requests", "click", "rich", "starlette", "prometheus_client", "pydantic")


def document(
    later_s: float = 0.0, *, state: str = "healthy", restarts: int = 0, check: str = "ok", **more: Any
) -> dict[str, Any]:
    """Return a snapshot as of now, or of a moment later."""
    at = SystemClock().now() + timedelta(seconds=later_s)
    unit = UnitFact(
        "erp-worker", state, 1, restarts, {"progress_age_s": later_s, "last_cycle": {"proof": True, "at": ""}}
    )
    return {**snapshot(at, [unit], [Check("units", check, ""), CURE], ADDRESSES), **more}


def write(file: Path, found: dict[str, Any]) -> None:
    half = file.with_suffix(".half")
    half.write_text(json.dumps(found), encoding="utf-8")
    half.replace(file)


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine's environment says must not count."""
    for name in ("JIKIMI_HOME", "JIKIMI_RUN", "JIKIMI_CALLED", "JIKIMI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "status.json"
    write(file, document())
    return file


class Watching:
    """A reader as a person runs it, writing into a pipe."""

    def __init__(self, file: Path, *every: str) -> None:
        command = [sys.executable, "-IS", str(READER), *every, "--file", str(file)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: list[dict[str, Any]] = []
        self._thread = Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(json.loads(line) for line in self.process.stdout)

    def interrupt(self) -> int:
        """Press Ctrl-C and return what it leaves with."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WITHIN_S)

    def close(self) -> str:
        """End it, and return what it complained of."""
        self.process.kill()
        _, said = self.process.wait(), self.process.stderr.read() if self.process.stderr else ""
        self._thread.join()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return said


@pytest.fixture(params=[("--watch", "0.2"), ("--watch=0.2",)])
def watching(file: Path, request: pytest.FixtureRequest) -> Iterator[Watching]:
    watching = Watching(file, *request.param)
    yield watching
    assert watching.close() == ""


def is_long(lines: list[Any], number: int) -> bool:
    return len(lines) == number


def test_into_a_pipe_goes_a_line_for_each_change_until_ctrl_c(watching: Watching, file: Path, until: Until) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"state": "stale"},
        {"state": "stale", "restarts": 1},
        {"state": "stale", "restarts": 1, "check": "ng"},
    ]
    for number, change in enumerate(changes, start=1):
        write(file, document(**change))
        until(partial(is_long, watching.lines, number), WITHIN_S)

    assert watching.interrupt() == reader.NOT_WELL
    assert [line["units"][0]["state"] for line in watching.lines] == ["healthy", "stale", "stale", "stale"]
    assert [line["verdict"] for line in watching.lines] == ["ok", "ok", "ok", "ng"]


def test_a_file_that_goes_and_comes_back_is_a_change(watching: Watching, file: Path, until: Until) -> None:
    until(lambda: watching.lines, WITHIN_S)
    file.unlink()
    until(lambda: len(watching.lines) == 2, WITHIN_S)
    write(file, document())
    until(lambda: len(watching.lines) == 3, WITHIN_S)

    assert watching.interrupt() == reader.WELL
    assert [line["verdict"] for line in watching.lines] == ["ok", "unknown", "ok"]


def test_whoever_stops_reading_ends_it_without_a_word(file: Path, tmp_path: Path, until: Until) -> None:
    first, complaints = tmp_path / "first", tmp_path / "complaints"
    reads = f"'{sys.executable}' -IS '{READER}' --watch 0.2 --file '{file}' 2> '{complaints}' | head -n 1 > '{first}'"
    with subprocess.Popen(["bash", "-o", "pipefail", "-c", reads], start_new_session=True) as shell:
        try:
            until(lambda: first.exists() and first.read_text(), WITHIN_S)
            write(file, document(check="ng"))
            until(lambda: shell.poll() is not None, WITHIN_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)

    assert (json.loads(first.read_text())["verdict"], complaints.read_text(), shell.returncode) == ("ok", "", 0)


def watch(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *looks: Any) -> list[str]:
    """Watch in this process; between two looks the file becomes the next of *looks*, after the last comes Ctrl-C."""
    left = iter(looks)

    def pause(_seconds: float) -> None:
        try:
            write(file, next(left))
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(reader, "time", SimpleNamespace(sleep=pause))
    reader.main(["--watch", "--file", str(file)])
    return capsys.readouterr().out.splitlines()


def test_a_newer_age_alone_is_no_line(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    same = [document(later_s) for later_s in (0.1, 0.2, 0.3)]
    moved = document(0.4, last_cycle={"proof": True, "at": "later"})

    assert len(watch(file, monkeypatch, capsys, *same, moved)) == 1


@pytest.mark.parametrize(
    "change", [{"state": "stale"}, {"restarts": 1}, {"check": "ng"}, {"addresses": []}, {"vouchers": {}}]
)
def test_a_change_of_anything_else_is_a_line(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], change: dict[str, Any]
) -> None:
    assert len(watch(file, monkeypatch, capsys, document(0.1), document(0.2, **change), document(0.3, **change))) == 2


@pytest.mark.parametrize(
    ("words", "pause_s"),
    [
        (["--watch"], 1.0),
        (["--watch", "5"], 5.0),
        (["--watch", "0.5"], 0.5),
        (["--watch", "0"], 0.2),
        (["--watch", "--json"], 1.0),
    ],
)
def test_it_looks_again_after_the_pause_that_was_asked_for(
    file: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], pause_s: float
) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        raise KeyboardInterrupt

    monkeypatch.setattr(reader, "time", SimpleNamespace(sleep=pause))

    assert reader.main(["--file", str(file), *words]) == reader.WELL
    assert pauses == [pause_s]


Say = Callable[..., str]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Run the reader and return what it says."""

    def say(*words: object) -> str:
        reader.main([str(word) for word in words])
        return capsys.readouterr().out

    return say


def test_its_file_is_the_one_that_is_named_else_that_of_the_place_where_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Say
) -> None:
    for name in ("named/x.json", "run/status.json", "home/state/status.json", "other/state/status.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        write(tmp_path / name, document(addresses=[{"name": "found", "url": name}]))
    monkeypatch.setenv("JIKIMI_HOME", str(tmp_path / "home"))
    assert "found: home/state" in say()
    monkeypatch.setenv("JIKIMI_RUN", str(tmp_path / "run"))

    assert "found: run/" in say()
    assert "found: other/" in say("--home", tmp_path / "other")
    assert "found: named/" in say("--home", tmp_path / "other", "--file", tmp_path / "named/x.json")
    assert "found: named/" in say(f"--file={tmp_path / 'named/x.json'}")


@pytest.mark.parametrize("called", CALLED)
def test_commands_are_named_as_they_are_called_here(
    file: Path, monkeypatch: pytest.MonkeyPatch, say: Say, called: str
) -> None:
    start, resume = CALLED[called]
    monkeypatch.setenv("JIKIMI_CALLED", called)
    well, missing = say("--file", file), say("--file", file.parent / "none")
    write(file, document(-60))
    stale = say("--file", file)

    assert f"to go on: {resume}\n" in well
    assert f"({LOGIN})\n" in well
    assert missing.endswith(f"to start: {start}\n")
    assert f"to start: {start}\n" in stale


def test_what_it_is_told_of_how_commands_are_called_wins_over_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch, say: Say
) -> None:
    monkeypatch.setenv("JIKIMI_CALLED", "python3 start.py")

    assert f"to go on: {COMPOSE} resume\n" in say("--file", file, "--called", COMPOSE)
    assert say("--file", file.parent / "none", "--called", COMPOSE).endswith("docker compose up -d\n")


def test_it_speaks_the_language_of_the_snapshot_unless_it_is_told_another(
    file: Path, monkeypatch: pytest.MonkeyPatch, say: Say
) -> None:
    write(file, document(lang="ko"))
    monkeypatch.setenv("LANG", "en_US.UTF-8")

    assert "● 정상" in say("--file", file)
    assert "● OK" in say("--file", file, "--lang", "en")
    monkeypatch.setenv("JIKIMI_LANG", "ko")
    write(file, document(lang="en"))
    assert "● OK" in say("--file", file)
    assert "● 알 수 없음" in say("--file", file.parent / "none")


def test_where_an_address_has_a_login_it_is_shown_beside_it(file: Path, say: Say) -> None:
    said = say("--file", file)

    assert f"  ERP: http://here:1/   ({LOGIN})\n" in said
    assert "  inbox: /in\n" in said


def test_nothing_but_the_standard_library_is_loaded(file: Path) -> None:
    script = f"""
import json, runpy, sys
sys.argv = ["status", "--json", "--file", {str(file)!r}]
try:
    runpy.run_path({str(READER)!r}, run_name="__main__")
except SystemExit as left:
    print(json.dumps([left.code, sorted(name.partition(".")[0] for name in sys.modules)]))
"""
    done = subprocess.run([sys.executable, "-IS", "-c", script], capture_output=True, text=True, check=False)

    status, (code, loaded) = map(json.loads, done.stdout.splitlines())
    assert (status["verdict"], code, done.stderr) == ("ok", 0, "")
    assert not {*NOTHING_OF, "structlog", "jikimi"} & set(loaded)
    assert set(loaded) <= {*sys.stdlib_module_names, "__main__"}
