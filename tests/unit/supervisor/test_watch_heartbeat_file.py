"""A heartbeat file is a sign of life when its content changes, in the hand of the unit, and not otherwise."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jikimi.supervisor.foreign_files import MOST_BYTES
from jikimi.supervisor.watch_heartbeat_file import HeartbeatFileWatch

UNIT, CHILD, STRANGER, NEXT_LIFE = 417, 418, 999, 500
BELOW = {(UNIT, UNIT), (CHILD, UNIT), (NEXT_LIFE, NEXT_LIFE)}
Write = Callable[..., None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heartbeat.txt"


@pytest.fixture
def watch(path: Path) -> HeartbeatFileWatch:
    return HeartbeatFileWatch(path, lambda pid, unit: (pid, unit) in BELOW)


@pytest.fixture
def write(path: Path) -> Write:
    def write(minute: int, pid: int = UNIT, stats: str = "{'success': 1, 'failure': 0}") -> None:
        path.write_text(f"2026-11-24T05:{minute:02}:00\nPID: {pid}\nStats: {stats}\n", encoding="utf-8")

    return write


def test_each_new_content_is_a_sign(watch: HeartbeatFileWatch, write: Write) -> None:
    signs = []
    for minute in (1, 1, 2):
        write(minute)
        signs.append(watch.look(UNIT).seen.sign)

    assert signs == ["1", "1", "2"]


def test_a_file_that_was_only_touched_is_no_sign(watch: HeartbeatFileWatch, write: Write, path: Path) -> None:
    write(1)
    before = watch.look(UNIT)

    os.utime(path, (2_000_000_000, 2_000_000_000))

    assert watch.look(UNIT) == before


def test_a_descendant_may_write_it(watch: HeartbeatFileWatch, write: Write) -> None:
    write(1, pid=CHILD)

    assert watch.look(UNIT).seen.is_ready


def test_what_a_stranger_writes_is_no_sign(watch: HeartbeatFileWatch, write: Write) -> None:
    write(1, pid=STRANGER)
    watch.look(UNIT)
    write(2, pid=STRANGER)

    assert watch.look(UNIT).seen.sign == ""


def test_what_an_earlier_life_left_says_nothing_of_this_one(watch: HeartbeatFileWatch, write: Write) -> None:
    write(1)
    watch.look(UNIT)

    sight = watch.look(NEXT_LIFE)

    assert (sight.seen.sign, sight.seen.is_ready) == ("", False)


def test_a_file_without_a_process_counts_from_its_first_change(watch: HeartbeatFileWatch, path: Path) -> None:
    signs = []
    for content in ("left behind", "left behind", "alive 1"):
        path.write_text(content)
        signs.append(watch.look(UNIT).seen.sign)

    assert signs == ["", "", "1"]


def test_a_file_that_appears_while_the_unit_runs_is_a_sign(watch: HeartbeatFileWatch, path: Path) -> None:
    watch.look(UNIT)
    path.write_text("alive")

    assert watch.look(UNIT).seen.sign == "1"


@pytest.mark.parametrize("part", ["", "2026-11", "2026-11-24T05:09:00\nPID: 417", "2026-11-24T05:09:00\nPID: 41"])
def test_a_part_of_the_file_is_no_sign(watch: HeartbeatFileWatch, write: Write, path: Path, part: str) -> None:
    write(1)
    before = watch.look(UNIT)

    path.write_text(part)

    assert watch.look(UNIT) == before


@given(st.tuples(st.binary(max_size=99), st.just(b"\0"), st.binary(max_size=99)).map(b"".join))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_binary_is_no_sign(watch: HeartbeatFileWatch, path: Path, data: bytes) -> None:
    path.write_bytes(data)

    assert watch.look(UNIT).seen.sign == ""


def test_a_huge_file_is_no_sign(watch: HeartbeatFileWatch, path: Path) -> None:
    watch.look(UNIT)
    path.write_bytes(b"a" * (MOST_BYTES + 1))

    assert watch.look(UNIT).seen.sign == ""


def test_a_folder_in_its_place_is_no_sign(watch: HeartbeatFileWatch, path: Path) -> None:
    path.mkdir()

    assert watch.look(UNIT).seen.sign == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_its_place_holds_nobody_up(watch: HeartbeatFileWatch, path: Path) -> None:
    os.mkfifo(path)

    assert watch.look(UNIT).seen.sign == ""


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_no_sign_unless_the_folder_is_his(
    watch: HeartbeatFileWatch, write: Write, path: Path
) -> None:
    write(1)
    os.chown(path, 12345, 12345)
    stranger = watch.look(UNIT).seen.sign

    os.chown(path.parent, 12345, 12345)

    assert (stranger, watch.look(UNIT).seen.sign) == ("", "1")


def test_work_has_moved_when_the_statistics_changed(watch: HeartbeatFileWatch, write: Write) -> None:
    tokens = []
    for minute, done in enumerate((1, 1, 2, 3)):
        write(minute, stats=f"{{'success': {done}}}")
        tokens.append(watch.look(UNIT).seen.token)

    assert tokens == [1, 1, 2, 3]


def test_failures_in_a_row_are_told_and_end_with_the_life(watch: HeartbeatFileWatch, write: Write) -> None:
    rows = []
    for minute, failed in enumerate((0, 1, 3)):
        write(minute, stats=f"{{'success': 5, 'failure': {failed}}}")
        rows.append(watch.look(UNIT).seen.failures)
    write(9, pid=NEXT_LIFE, stats="{'success': 0, 'failure': 3}")

    assert (rows, watch.look(NEXT_LIFE).seen.failures) == ([0, 1, 3], 0)


def test_to_fail_once_more_is_no_work(watch: HeartbeatFileWatch, write: Write) -> None:
    tokens = []
    for minute, failed in enumerate((0, 1, 2, 3)):
        write(minute, stats=f"{{'success': 0, 'failure': {failed}}}")
        tokens.append(watch.look(UNIT).seen.token)

    assert tokens == [1, 1, 1, 1]
