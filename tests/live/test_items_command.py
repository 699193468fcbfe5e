"""What a person decides about items, by the command, with a real worker behind it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jikimi.clock import SystemClock
from jikimi.config import Config
from jikimi.supervisor.stack import owning
from tests.conftest import Until
from tests.live.rpa_room import RpaRoom
from tests.office_site import OfficeSite

pytestmark = pytest.mark.usefixtures("browser")
FLOWS = """
from pathlib import Path

from jikimi.rpa import flow


@flow(attempts=1, timeout="30s", stall="10s")
def booking(item, ui):
    if not Path(item["opens"]).exists():
        raise RuntimeError("the site is away")
    return {"no": item.key}


@flow(attempts=3, timeout="30s", stall="10s")
def order(item, ui):
    with item.commit():
        raise RuntimeError("the line broke")
"""


@pytest.fixture
def room(config: Config, site: OfficeSite, until: Until) -> Iterator[RpaRoom]:
    room = RpaRoom(config, site, until, FLOWS)
    with owning(room.home, SystemClock(), ZoneInfo("Asia/Seoul")):  # as a keeper does; the command asks for one
        yield room
    room.close()


def items(room: RpaRoom, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "jikimi", "--home", str(room.home.root), "--lang", "en", "items", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_all_that_has_failed_is_tried_again_and_one_in_doubt_is_resolved(room: RpaRoom, tmp_path: Path) -> None:
    opens = tmp_path / "opens"
    room.drop("booking", "day.csv", "key,opens\n" + "".join(f"B-{number},{opens}\n" for number in range(3)))
    room.drop("order", "orders.csv", "key,what\nO-1,paper\n")
    room.until(lambda: room.states()["failed"] == 3 and room.states()["in_doubt"] == 1)
    assert items(room).returncode == 2

    opens.touch()
    again = items(room, "retry", "--failed")
    assert (again.returncode, again.stderr) == (0, "")
    room.until(lambda: room.states()["done"] == 3)

    nothing = items(room, "retry", "--failed")
    assert (nothing.returncode, nothing.stdout) == (0, "no item has failed\n")
    done = items(room, "retry", "B-1")
    assert (done.returncode, "not while it is done" in done.stderr) == (64, True)
    for unclear in (("retry",), ("retry", "B-1", "--failed")):
        assert items(room, *unclear).returncode == 64

    resolved = items(room, "resolve", "O-1", "--went-through")
    assert (resolved.returncode, resolved.stdout) == (0, "order O-1: now done\n")
    room.until(lambda: room.states()["done"] == 4)
    assert items(room).returncode == 0
