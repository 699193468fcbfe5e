"""Old watchdogs that remain are named, and nothing else is."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jikimi.config import load
from jikimi.runtime.process_list import process_of
from jikimi.runtime.timetables import programs_beside
from jikimi.supervisor.old_watchdogs import old_watchdogs, program_of
from jikimi.supervisor.rivals import warn_of_rivals

COMMAND = ("python", "C:/office/main.py")


@pytest.mark.parametrize(
    ("command", "program"),
    [
        (("python3", "-u", "/office/main.py", "--fast"), "main.py"),
        ((r"C:\py\pythonw.exe", r"C:\office\main.py"), "main.py"),
        (("cmd", "/c", "run.bat"), "run.bat"),
        (("/office/poster.exe",), "poster.exe"),
        (("python",), "python"),
    ],
)
def test_a_program_is_known_by_its_script(command: tuple[str, ...], program: str) -> None:
    assert program_of(command) == program


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("crontab -l", "*/5 * * * * cd /office && python3 main.py"),
        ("crontab -l", "@reboot /office/watchdog.py"),
        ("schtasks", r'"PC","\Office","C:\py\python.exe C:\office\MAIN.PY"'),
        ("loop.bat", 'python "%~dp0main.py"'),
        ("/etc/supervisor/conf.d/a.conf", "command=python3 /office/main.py"),
    ],
)
def test_whatever_starts_the_program_as_well_is_named(where: str, line: str) -> None:
    text = f"# main.py is mentioned here\nrem main.py\n0 3 * * * /bin/other domain.py main.pyc\n{line}\n"

    found = old_watchdogs(COMMAND, ["main.py", "watchdog.py", "watchdog.txt"], {}, {where: text})

    assert [(suspect.where, suspect.line) for suspect in found] == [(where, line)]


def test_a_running_watchdog_and_a_second_copy_are_named_and_others_are_not() -> None:
    processes = {1: ("init",), 2: ("python", "watchdog.py"), 3: ("pythonw", r"D:\old\main.py"), 4: ("vi", "domain.py")}

    found = old_watchdogs(COMMAND, ["watchdog.py"], processes, {})

    assert [suspect.pid for suspect in found] == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_batch_files_beside_a_program_are_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "시작.bat").write_text("rem 감시\npython main.py", encoding=encoding)
    (tmp_path / "main.py").touch()

    assert list(programs_beside(tmp_path).values()) == ["rem 감시\npython main.py"]


def test_at_a_start_what_remains_is_logged_and_lives_on(tmp_path: Path, until: Callable[..., None]) -> None:
    office = tmp_path / "office"
    office.mkdir()
    for name in ("post-cards.py", "watch-cards.py"):
        (office / name).write_text("input()")
    (office / "again.bat").write_text("python post-cards.py\ngoto again\n")
    table = f"[units.cards]\ncommand = ['python', 'post-cards.py']\nfolder = '{office.as_posix()}'\nlog = 'l'\n"
    (tmp_path / "jikimi.toml").write_text(table)
    ours, other = (
        subprocess.Popen([sys.executable, office / name], stdin=subprocess.PIPE)
        for name in ("post-cards.py", "watch-cards.py")
    )
    until(lambda: all(_runs(child.pid, "cards.py") for child in (ours, other)), 20)

    with capture_logs() as logs:
        warn_of_rivals(load(tmp_path, {}), lambda _: [ours.pid])

    is_alive = other.poll() is None
    for child in (ours, other):
        child.communicate(b"\n")
    places = [event["where"] for event in logs if event["event"] == "watchdog.remains"]
    assert (set(places), is_alive) == ({f"process {other.pid}", str(office / "again.bat")}, True)


def _runs(pid: int, name: str) -> bool:
    process = process_of(pid)
    return process is not None and process.command[-1:] != () and process.command[-1].endswith(name)
