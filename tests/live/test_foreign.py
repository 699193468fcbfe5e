"""A program that is not ours, with a heartbeat, a lock and bad days, is kept alive without Redis and without an ERP."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jikimi.embedded.tryton_server import CLONE
from jikimi.supervisor.incidents import fold, read_lines
from tests.conftest import Until
from tests.contract.web_server import WebServer
from tests.live.stack import LiveStack

LOOP = CLONE / "examples/adopt/loop.py"
WITHIN_S = 60.0
UNIT = """
[units.{name}]
command = {command}
folder = "{folder}"
heartbeat = "heartbeat.txt"
clear = ["runtime.lock"]
stale_after = "2s"
starts_within = "20s"
grace = "1s"
"""


class Office(LiveStack):
    """A stack of foreign programs alone."""

    def __init__(self, root: Path, until: Until, settings: str) -> None:
        super().__init__(root, until)
        root.mkdir(parents=True)
        (root / "jikimi.toml").write_text(settings, encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return super().command(*arguments, *(["--units-only"] if arguments == ("up",) else []))

    def causes(self, name: str) -> list[str]:
        incidents = fold(read_lines(self.root / "outputs/watchdog_log.jsonl"))
        return [one["cause"] for one in incidents if one["unit"] == name and one["recovered_at"]]


def loop(folder: Path, name: str, *bad_day: str) -> str:
    place = folder / name
    place.mkdir()
    command = [sys.executable, str(LOOP), "--every", "0.2", "--folder", str(place), *bad_day]
    return UNIT.format(name=name, command=json.dumps(command), folder=place)


@pytest.fixture
def phone() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


def test_programs_with_bad_days_are_kept_alive_and_each_trouble_is_told_once(
    tmp_path: Path, until: Until, phone: WebServer
) -> None:
    (tmp_path / "secret").write_text("s" * 40)
    webhook = f'[notify.webhook]\nurl = "http://127.0.0.1:{phone.port}/"\nsecret_file = "{tmp_path / "secret"}"\n'
    days = {"steady": (), "hangs": ("--hang-after", "20"), "dies": ("--die-after", "20")}
    settings = "".join(loop(tmp_path, name, *bad_day) for name, bad_day in days.items())
    office = Office(tmp_path / "home", until, webhook + settings)
    try:
        office.start()
        until(lambda: office.causes("hangs").count("silent") >= 2, WITHIN_S)
        until(lambda: office.causes("dies").count("exited") >= 2, WITHIN_S)

        assert office.unit("steady")["restarts"] == 0
        assert {unit["name"] for unit in office.document("status")["units"]} == {"supervisor", *days}
        until(lambda: len(phone.posts) >= 4, WITHIN_S)
        told = [(message["incident"], message["step"]) for message in (json.loads(body) for _, body in phone.posts)]
        assert len(told) == len(set(told))
        assert all((tmp_path / name / "runtime.lock").exists() for name in days)
    finally:
        office.close()


DEAF = """
import itertools, pathlib, signal, threading
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for number in itertools.count():
    pathlib.Path("heartbeat.txt").write_text(str(number))
    threading.Event().wait(0.2)
"""


def test_a_program_that_takes_long_to_stop_is_waited_for_and_nothing_is_started_again(
    tmp_path: Path, until: Until
) -> None:
    place = tmp_path / "deaf"
    place.mkdir()
    command = json.dumps([sys.executable, "-c", DEAF])
    settings = UNIT.format(name="deaf", command=command, folder=place).replace('grace = "1s"', 'grace = "8s"')
    office = Office(tmp_path / "home", until, settings)
    office.start()
    pid = office.pids()["deaf"]

    office.interrupt()

    assert not psutil.pid_exists(pid)
    log = (office.root / "logs/supervisor.jsonl").read_text(encoding="utf-8")
    assert "lingering" not in log
    assert log.count('"child.started"') == 1
