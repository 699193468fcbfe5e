"""The ERP's scripts, as far as they go without the ERP itself."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "services" / "tryton"
UNAVAILABLE, IN_THE_WAY, WRONG_USE = 69, 73, 2


def run(script: str, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPTS / script), *arguments],
        env={"PATH": path, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_without_npm_the_web_client_is_refused_with_a_reason(tmp_path: Path) -> None:
    done = run("webclient.py", "--into", str(tmp_path / "web"))

    assert done.returncode == UNAVAILABLE
    assert "npm" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")

    done = run("webclient.py", "--into", str(tmp_path))

    assert done.returncode == IN_THE_WAY
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_client_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("", encoding="utf-8")

    done = run("webclient.py", "--into", str(tmp_path))

    assert done.returncode == 0
    assert '"built": false' in done.stdout


@pytest.mark.parametrize("script", ["prepare.py", "ready.py", "serve.py", "login.py"])
def test_a_script_without_arguments_says_how_it_is_used(script: str) -> None:
    done = run(script)

    assert done.returncode == WRONG_USE
    assert "--config" in done.stderr


def test_every_package_of_the_erp_is_pinned_by_its_digest() -> None:
    lines = (SCRIPTS / "requirements.txt").read_text(encoding="utf-8").splitlines()

    pinned = [line for line in lines if "==" in line]
    hashed = [line for line in lines if "--hash=sha256:" in line]

    assert len(hashed) >= len(pinned) > 0
    assert not [line for line in lines if "://" in line]
