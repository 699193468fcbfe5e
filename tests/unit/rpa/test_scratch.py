"""Folders of children, with real processes behind their numbers."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jikimi.rpa.scratch import VARIABLE, Scratch, is_compiled, of_child

GONE = 2**22 + 1  # no system gives so high a number


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def alive() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as process:
        yield process.pid
        process.kill()


def made(folder: Path) -> Path:
    (folder / "profile").mkdir(parents=True)
    (folder / "profile/Cookies").write_text("session")
    return folder


def test_what_a_parent_left_that_is_gone_is_removed_and_nothing_else(temporary: Path, alive: int) -> None:
    left = made(temporary / f"jikimi-scratch-{GONE}-abc")
    same_number = made(temporary / f"jikimi-scratch-{os.getpid()}-abc")
    kept = [
        made(temporary / f"jikimi-scratch-{alive}-abc"),
        made(temporary / "jikimi-scratch-of-mine"),
        made(temporary / f"other-{GONE}-abc"),
    ]

    scratch = Scratch()

    assert not left.exists()
    assert not same_number.exists()
    assert all((folder / "profile/Cookies").exists() for folder in kept)
    assert scratch.folder.parent == temporary
    assert scratch.folder.stat().st_mode & 0o077 == 0


def test_a_link_that_bears_the_name_is_not_followed(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = made(tmp_path_factory.mktemp("elsewhere"))
    (temporary / f"jikimi-scratch-{GONE}-abc").symlink_to(elsewhere)

    Scratch()

    assert (elsewhere / "profile/Cookies").exists()


def test_what_a_child_left_goes_once_it_is_gone(temporary: Path, alive: int) -> None:
    scratch = Scratch()
    of_one_gone, of_one_alive = made(scratch.folder / str(GONE)), made(scratch.folder / str(alive))
    compiled = made(scratch.folder / "compiled")

    scratch.tidy()

    assert not of_one_gone.exists()
    assert of_one_alive.exists()
    assert compiled.exists()
    scratch.close()
    assert list(temporary.iterdir()) == []


def test_a_child_keeps_to_a_folder_of_its_own(temporary: Path) -> None:
    scratch = Scratch()

    told = of_child(Path(scratch.environment()[VARIABLE]))

    assert set(told) == {"TMPDIR", "TEMP", "TMP"}
    assert set(told.values()) == {str(scratch.folder / str(os.getpid()))}
    assert of_child(scratch.folder) == told


def test_a_driver_has_written_down_what_it_compiled_once_there_is_a_file(temporary: Path) -> None:
    scratch = Scratch()
    compiled = Path(scratch.environment()["NODE_COMPILE_CACHE"])
    assert not is_compiled(scratch.folder)

    compiled.mkdir()
    (compiled / "v26").mkdir()
    assert not is_compiled(scratch.folder)

    (compiled / "v26/0a1b2c3d").touch()
    assert is_compiled(scratch.folder)
