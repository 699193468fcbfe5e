"""Real faults on real processes under a real supervisor, each with what it took to notice and to mend it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from jikimi.clock import SystemClock
from jikimi.embedded.tryton_server import CLONE
from jikimi.supervisor.incidents import fold, read_lines
from tests.conftest import Until, missing

WARD = Path(__file__).with_name("ward.py")
WITHIN_S = 60.0


class Ward:
    """A supervisor and its units, in one folder."""

    def __init__(self, folder: Path, until: Until) -> None:
        self.folder, self.until = folder, until
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}

    def start(self, *units: str, rule: dict[str, Any] | None = None, **limits: float) -> None:
        document = {"units": units, "rule": rule or {}, "limits": limits}
        (self.folder / "ward.json").write_text(json.dumps(document))
        self.launch()
        self.until(self.all_well, WITHIN_S)

    def launch(self) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{CLONE / 'services'}:{CLONE}", **self.environment}  # noqa: TID251
        self.process = subprocess.Popen([sys.executable, str(WARD), str(self.folder)], env=environment)

    def state(self) -> dict[str, dict[str, Any]]:
        try:
            found: dict[str, dict[str, Any]] = json.loads((self.folder / "state.json").read_text())
        except (OSError, ValueError):
            return {}
        return found

    def all_well(self) -> bool:
        state = self.state()
        return bool(state) and all(unit["state"] == "healthy" for unit in state.values())

    def restarts(self) -> int:
        return sum(int(unit["restarts"]) for unit in self.state().values())

    def pid(self, name: str) -> int:
        return int(self.state()[name]["pid"])

    def child(self, name: str) -> int:
        return int(json.loads((self.folder / f"beats/{name}.json").read_text())["child_pid"])

    def order(self, name: str, what: str) -> None:
        partial = self.folder / f"{name}.partial"
        partial.write_text(what)
        partial.replace(self.folder / f"{name}.do")

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pid(name), number)

    def until_healed(self, name: str, was: int) -> None:
        self.until(lambda: self.state()[name]["pid"] not in (None, was) and self.all_well(), WITHIN_S)

    def rest(self, seconds: float) -> None:
        """Let real time pass."""
        clock = SystemClock()
        end = clock.ticks() + seconds
        self.until(lambda: clock.ticks() >= end, seconds + 5)

    def copies(self, name: str) -> int:
        """Return how many processes of this unit run that no other of its own has started."""
        wanted = [sys.executable, str(WARD), str(self.folder), "unit", name]
        found = {one.pid: one for one in psutil.process_iter() if _command(one) == wanted}
        return sum(one.ppid() not in found for one in found.values())

    def incidents(self) -> list[dict[str, Any]]:
        return fold(read_lines(self.folder / "notes.jsonl"))

    def report(self, what: str, began: float) -> dict[str, Any]:
        """Print how long the last incident took since *began*, and return it."""
        self.until(lambda: self.incidents() and self.incidents()[-1]["recovered_at"], WITHIN_S)
        incident = self.incidents()[-1]
        found, healed = (
            datetime.fromisoformat(incident[name]).timestamp() - began for name in ("detected_at", "recovered_at")
        )
        print(f"\n{what}: noticed after {found:.1f} s, mended after {healed:.1f} s")  # noqa: T201 - a figure
        return incident

    def close(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(WITHIN_S)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() if process.status() != psutil.STATUS_ZOMBIE else []
    except psutil.Error:
        return []


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"0" * 4096):
            pass


def now() -> float:
    return SystemClock().now().timestamp()


@pytest.fixture
def ward(tmp_path: Path, until: Until) -> Iterator[Ward]:
    ward = Ward(tmp_path, until)
    yield ward
    ward.close()


@pytest.mark.parametrize(
    ("number", "cause", "most_s"), [(signal.SIGKILL, "exited", 4.0), (signal.SIGSTOP, "silent", 12.0)]
)
def test_a_parent_that_is_killed_or_frozen(ward: Ward, number: signal.Signals, cause: str, most_s: float) -> None:
    ward.start("a", "b", "c")
    was, others, began = ward.pid("a"), (ward.pid("b"), ward.pid("c")), now()

    ward.signal("a", number)

    ward.until_healed("a", was)
    incident = ward.report(f"parent {number.name}", began)
    assert incident["cause"] == cause
    assert datetime.fromisoformat(incident["recovered_at"]).timestamp() - began < most_s
    assert (ward.pid("b"), ward.pid("c")) == others
    assert ward.copies("a") == 1


@pytest.mark.parametrize("what", ["spin", "deadlock"])
def test_a_job_that_gets_nowhere_is_its_parent_s_to_end(ward: Ward, until: Until, what: str) -> None:
    ward.start("a", "b", "c")
    child, began = ward.child("a"), now()

    ward.order("a", what)
    until(lambda: ward.child("a") not in (0, child), WITHIN_S)
    ward.order("a", "")

    print(f"\n{what}: another child after {now() - began:.1f} s")  # noqa: T201 - a figure
    assert ward.restarts() == 0


def test_a_job_that_holds_the_interpreter_and_an_honest_long_one_are_left_alone(ward: Ward) -> None:
    ward.start("a", "b", "c")
    children = ward.child("a"), ward.child("b")

    ward.order("a", "hog")
    ward.order("b", "long")
    ward.rest(10.0)

    assert (ward.child("a"), ward.child("b")) == children
    assert ward.restarts() == 0


def test_a_slow_start_is_waited_for(ward: Ward) -> None:
    ward.order("a", "slow")

    ward.start("a", "b", "c")

    assert ward.restarts() == 0


def test_a_crash_loop_is_given_a_rest_and_comes_back_when_its_cause_is_gone(ward: Ward, until: Until) -> None:
    ward.start("a", "b", "c", first_probe_s=3.0, longest_probe_s=6.0, longest_pause_s=1.0, settle_s=1.0)
    ward.order("a", "exit")
    ward.signal("a", signal.SIGKILL)
    until(lambda: ward.state()["a"]["state"] == "quarantined", WITHIN_S)
    assert ward.restarts() == 5
    began = now()

    ward.order("a", "")

    until(ward.all_well, 15.0)
    print(f"\ncrash loop: back {now() - began:.1f} s after its cause was gone")  # noqa: T201 - a figure


def test_a_keeper_that_is_killed_takes_over_again_and_starts_nothing_twice(ward: Ward, until: Until) -> None:
    ward.start("a", "b", "c")
    pids = {name: ward.pid(name) for name in "abc"}

    for number in (signal.SIGKILL, signal.SIGSTOP):
        gone, began = {ward.child("supervisor"), 0}, now()
        os.kill(ward.child("supervisor"), number)
        until(lambda gone=frozenset(gone): ward.child("supervisor") not in gone, 15.0)  # type: ignore[misc]
        print(f"\nkeeper {number.name}: another after {now() - began:.1f} s")  # noqa: T201 - a figure

    ward.rest(3.0)
    assert {name: ward.pid(name) for name in "abc"} == pids
    assert ward.restarts() == 0


def test_a_supervisor_that_dies_as_a_whole_leaves_its_units_to_the_next(ward: Ward, until: Until) -> None:
    ward.start("a", "b", "c")
    pids = {name: ward.pid(name) for name in "abc"}
    assert ward.process is not None
    ward.process.kill()
    ward.process.wait(WITHIN_S)
    (ward.folder / "state.json").unlink()

    ward.launch()

    until(ward.all_well, WITHIN_S)
    assert {name: ward.pid(name) for name in "abc"} == pids
    assert [ward.copies(name) for name in "abc"] == [1, 1, 1]


def test_a_keeper_that_is_killed_in_the_middle_of_a_restart_finishes_it(ward: Ward, until: Until) -> None:
    ward.start("a", "b", "c")
    was = ward.pid("a")
    ward.order("a", "mute")
    os.kill(was, signal.SIGKILL)
    until(lambda: ward.state()["a"]["pid"] not in (None, was), WITHIN_S)
    until(lambda: psutil.Process(ward.pid("a")).status() != psutil.STATUS_ZOMBIE, WITHIN_S)
    ward.order("a", "")
    mute = ward.pid("a")

    os.kill(mute, signal.SIGKILL)
    os.kill(ward.child("supervisor"), signal.SIGKILL)

    ward.until_healed("a", mute)
    assert ward.copies("a") == 1


def test_a_machine_that_slept_finds_everybody_well(ward: Ward) -> None:
    ward.start("a", "b", "c", gap_s=3.0)
    assert ward.process is not None
    everybody = [psutil.Process(ward.process.pid), *map(psutil.Process, (ward.pid(name) for name in "abc"))]
    family = [one for each in everybody for one in (each, *each.children(recursive=True))]

    for one in family:
        one.suspend()
    ward.rest(8.0)
    for one in reversed(family):  # a parent that sees its child stopped would end it, as it must
        one.resume()

    ward.rest(8.0)
    assert ward.restarts() == 0
    assert ward.all_well()


def test_three_of_four_that_hang_at_once_are_one_cause(ward: Ward, until: Until) -> None:
    ward.start("a", "b", "c", "d", many_hold_s=2.0)
    was, began = {name: ward.pid(name) for name in "abcd"}, now()

    for name in "abc":
        ward.signal(name, signal.SIGSTOP)

    until(lambda: all(ward.pid(name) != was[name] for name in "abc") and ward.all_well(), WITHIN_S)
    print(f"\nthree of four: all mended after {now() - began:.1f} s")  # noqa: T201 - a figure
    assert ward.pid("d") == was["d"]
    told = [line for line in read_lines(ward.folder / "notes.jsonl") if line.get("told")]
    assert [line["step"] for line in told] == ["acted", "recovered"]


def test_a_load_of_eight_times_the_cores_is_nobody_s_fault(ward: Ward) -> None:
    ward.start("a", "b", "c")
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8 * (os.cpu_count() or 1))]
    try:
        ward.rest(15.0)
    finally:
        for one in busy:
            one.kill()
            one.wait()

    assert ward.restarts() == 0
    assert ward.all_well()


def test_corrupt_beats_are_no_sign_of_life_and_break_nothing(ward: Ward, until: Until) -> None:
    ward.start("a", "b", "c")
    was = ward.pid("a")
    ward.signal("a", signal.SIGSTOP)

    clock = SystemClock()
    end = clock.ticks() + WITHIN_S
    junk = [b"", b"{", b"[1]", b'{"v": 1, "pid": %d, "seq": {}}' % was, b"\xff" * 100, b"[" * 100_000, b"0" * 500_000]
    for number in range(10_000):
        if ward.pid("a") != was or clock.ticks() > end:
            break
        (ward.folder / "beats/a.json").write_bytes(junk[number % len(junk)])
        ward.rest(0.05)

    ward.until_healed("a", was)
    assert ward.state()["b"]["restarts"] == 0


def test_an_hour_s_jump_of_the_clock_either_way_changes_nothing(ward: Ward, until: Until) -> None:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        missing("libfaketime (apt-get install faketime)")
    offset = ward.folder / "offset"
    offset.write_text("+0s")
    ward.environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a person who sets the clock moves only that of the calendar
    }
    ward.start("a", "b", "c")
    pids = {name: ward.pid(name) for name in "abc"}

    for jump in ("+3600s", "-3600s", "+0s"):
        offset.write_text(jump)
        ward.rest(7.0)
        at = json.loads((ward.folder / "beats/a.json").read_text())["at"]
        print(f"\nclock {jump}: the beat says {at}")  # noqa: T201 - a figure

    assert {name: ward.pid(name) for name in "abc"} == pids
    assert ward.restarts() == 0
    was = ward.pid("a")
    offset.write_text("-3600s")
    ward.signal("a", signal.SIGSTOP)
    ward.until_healed("a", was)


def test_a_full_disk_ends_nobody_and_is_over_when_there_is_room_again(tmp_path: Path, until: Until) -> None:
    mount = shutil.which("mount")
    folder = tmp_path / "small"
    folder.mkdir()
    command = [str(mount), "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        missing("the right to mount a small disk")
    ward = Ward(folder, until)
    try:
        ward.start("a", "b", "c")
        pids = {name: ward.pid(name) for name in "abc"}
        filler = folder / "filler"
        fill(filler)
        ward.rest(3.0)
        filler.unlink()

        until(ward.all_well, WITHIN_S)
        ward.rest(3.0)
        assert {name: psutil.pid_exists(pid) for name, pid in pids.items()} == dict.fromkeys("abc", True)
        assert ward.restarts() == 0
    finally:
        ward.close()
        subprocess.run(["umount", str(folder)], check=True)
