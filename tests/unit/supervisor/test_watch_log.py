"""A log is a sign of life while it grows, however it is rotated."""

import os
from pathlib import Path

import pytest

from jikimi.supervisor.foreign_files import MOST_BYTES
from jikimi.supervisor.watch_log import LogWatch

UNIT, NEXT_LIFE = 417, 500


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text("before\n")
    return path


@pytest.fixture
def watch(path: Path) -> LogWatch:
    watch = LogWatch(path)
    watch.look(UNIT)
    return watch


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_what_was_there_before_is_no_sign(path: Path) -> None:
    sight = LogWatch(path).look(UNIT)

    assert (sight.seen.sign, sight.seen.is_ready) == ("", False)


def test_growth_is_a_sign_and_a_touch_is_none(watch: LogWatch, path: Path) -> None:
    append(path, "work\n")
    grown = watch.look(UNIT).seen
    os.utime(path, (2_000_000_000, 2_000_000_000))

    assert (grown.sign, grown.is_ready, watch.look(UNIT).seen.sign) == ("1", True, "1")


def test_zeros_and_empty_lines_are_no_sign(watch: LogWatch, path: Path) -> None:
    append(path, "\0\0\n\n")

    assert watch.look(UNIT).seen.sign == ""


def test_a_log_that_was_moved_away_goes_on_in_its_new_file(watch: LogWatch, path: Path) -> None:
    path.rename(path.with_suffix(".1"))
    absent = watch.look(UNIT).seen.sign
    path.write_text("")
    empty = watch.look(UNIT).seen.sign
    path.write_text("on\n")

    assert (absent, empty, watch.look(UNIT).seen.sign) == ("", "", "1")


def test_a_log_that_was_cut_goes_on_from_its_beginning(watch: LogWatch, path: Path) -> None:
    path.write_text("")
    cut = watch.look(UNIT).seen.sign
    append(path, "on\n")

    assert (cut, watch.look(UNIT).seen.sign) == ("", "1")


def test_what_the_last_life_wrote_at_its_end_is_no_sign_of_the_next(watch: LogWatch, path: Path) -> None:
    append(path, "dying\n")
    first = watch.look(NEXT_LIFE).seen.sign
    append(path, "born\n")

    assert (first, watch.look(NEXT_LIFE).seen.sign) == ("", "1")


def test_of_a_flood_only_the_end_is_read(watch: LogWatch, path: Path) -> None:
    append(path, "ERROR a\n" * MOST_BYTES)

    seen = watch.look(UNIT).seen

    assert (seen.sign, seen.failures) == ("1", MOST_BYTES // len("ERROR a\n"))


def test_the_newest_of_several_is_read(tmp_path: Path) -> None:
    for age, name in enumerate(("app-1125.log", "app-1124.log")):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    watch = LogWatch(tmp_path / "app-*.log")
    watch.look(UNIT)

    append(tmp_path / "app-1125.log", "work\n")
    grown = watch.look(UNIT).seen.sign
    (tmp_path / "app-1126.log").write_text("a new day\n")
    signs = [watch.look(UNIT).seen.sign for _ in range(10)]

    assert (grown, signs[-1]) == ("1", "2")


def test_a_folder_that_is_not_there_is_no_sign(tmp_path: Path) -> None:
    assert LogWatch(tmp_path / "none" / "*.log").look(UNIT).seen.sign == ""


def test_errors_in_a_row_are_told(watch: LogWatch, path: Path) -> None:
    append(path, "ERROR a\nERR")
    first = watch.look(UNIT).seen.failures
    append(path, "OR b\n")

    assert (first, watch.look(UNIT).seen.failures) == (1, 2)
