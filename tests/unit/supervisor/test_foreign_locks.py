"""A lock that a program has left goes only when its holder is proved dead."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jikimi.runtime.port import Running
from jikimi.runtime.process_list import Listed
from jikimi.supervisor.leftovers import Leftovers

UNIT, NEWER = 417, 418
LONG_AGO, LATER = 1_000_000.0, 2_000_000.0
Clear = Callable[..., bool]


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    lock = tmp_path / "runtime.lock"
    lock.write_text(str(UNIT))
    os.utime(lock, (LONG_AGO, LONG_AGO))
    return lock


@pytest.fixture
def clears(lock: Path) -> Clear:
    """Say whether the lock is gone when the unit is started, with so many processes alive."""

    def clear(*alive: Listed, last: Running | None = None) -> bool:
        by_id = {each.pid: each for each in alive}
        leftovers = Leftovers(
            {"a": [lock]},
            {"a": ["python", "C:/office/main.py"]},
            last=lambda _: last,
            is_running=lambda running: running.pid in by_id,
            process_of=by_id.get,
            processes=lambda: alive,
        )
        leftovers.before_start("a")
        return not lock.exists()

    return clear


def test_a_lock_whose_process_is_gone_is_removed(clears: Clear) -> None:
    assert clears()


def test_a_lock_whose_process_lives_stays(clears: Clear) -> None:
    assert not clears(Listed(UNIT, LONG_AGO - 9, ("python", "main.py")))


def test_a_lock_whose_process_id_went_to_a_later_stranger_is_removed(clears: Clear) -> None:
    assert clears(Listed(UNIT, LATER, ("nginx",)))


@pytest.mark.parametrize(
    "process",
    [
        Listed(UNIT, LATER, ("pythonw", r"C:\office\main.py")),  # the clock was set, or somebody started it anew
        Listed(UNIT, LONG_AGO + 1, ("helper",)),  # a helper of the unit
        Listed(UNIT, LATER, ()),  # we may not see what it is
    ],
)
def test_a_lock_whose_process_may_be_its_holder_stays(clears: Clear, process: Listed) -> None:
    assert not clears(process)


def test_a_lock_without_a_process_goes_when_the_last_one_is_dead(lock: Path, clears: Clear) -> None:
    lock.write_text("locked since 05:55")

    assert clears(last=Running("a", UNIT, LONG_AGO))


@pytest.mark.parametrize(
    ("last", "alive"),
    [
        (None, ()),
        (Running("a", UNIT, LONG_AGO), (Listed(UNIT, LONG_AGO, ("python",)),)),
        (Running("a", UNIT, LONG_AGO), (Listed(NEWER, LATER, ("python", "main.py")),)),
    ],
)
def test_a_lock_without_a_process_stays_while_anything_may_hold_it(
    lock: Path, clears: Clear, last: Running | None, alive: tuple[Listed, ...]
) -> None:
    lock.write_text("locked since 05:55")

    assert not clears(*alive, last=last)


def test_a_folder_in_the_place_of_a_lock_stays(lock: Path, clears: Clear) -> None:
    lock.unlink()
    lock.mkdir()

    assert not clears()


def test_a_file_that_is_too_large_for_a_lock_stays(lock: Path, clears: Clear) -> None:
    lock.write_text(f"{UNIT}\n" + "voucher\n" * 1000)

    assert not clears()


def test_a_lock_that_is_not_there_is_nobody_s_trouble(lock: Path, clears: Clear) -> None:
    lock.unlink()

    assert clears()
