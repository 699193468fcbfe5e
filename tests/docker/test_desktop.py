"""The image with a desktop: the contract of surfaces is kept in it by a real program, as nobody, without a network."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.docker.compose import ROOT
from tests.docker.engine import needs_engine

IMAGE = "localhost/jikimi-test-desktop"
PYTHON = "/opt/jikimi/.venv/bin/python"
_BUILDS_WITHIN_S = 1200.0
_RUNS_WITHIN_S = 600.0
_LARGEST = 700_000_000  # bytes of the image
# all that pytest is made of, in pure Python: the image has none of it
_PYTEST = ("_pytest", "iniconfig", "packaging", "pluggy", "py", "pygments", "pytest")
pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("long_set")]


@pytest.fixture(scope="module")
def image() -> str:
    needs_engine("python:3.13-slim-trixie").close()
    command = ["docker", "build", "--quiet", "--target", "rpa-desktop", "--tag", IMAGE, str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=_BUILDS_WITHIN_S, check=False)
    assert built.returncode == 0, built.stderr[-3000:]
    return IMAGE


def place_of(name: str) -> Path:
    """Return the folder of a package, or the file of a module."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin)
    return file.parent if spec.submodule_search_locations else file


def run_in(image: str, *words: str, options: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
    """Run a command in the image as compose would: as nobody, with nothing to write to but a small /tmp."""
    walls = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp:mode=1777"]  # noqa: S108
    command = ["docker", "run", "--rm", "--network", "none", *walls, *options, "--entrypoint", words[0], image]
    return subprocess.run([*command, *words[1:]], capture_output=True, text=True, timeout=_RUNS_WITHIN_S, check=False)


def test_a_program_on_the_image_s_desktop_keeps_the_contract(image: str) -> None:
    mounts = [f"--volume={place}:/pytest/{place.name}:ro" for place in map(place_of, _PYTEST)]
    options = ("--init", f"--volume={ROOT}:/source:ro", "--env=PYTHONPATH=/source/services:/source:/pytest", *mounts)
    alone = ("-c", "/dev/null", "--noconftest", "--import-mode=importlib", "-p", "no:cacheprovider", "-q", "-s")
    file = "/source/tests/contract/test_surface_desktop.py"

    said = run_in(image, PYTHON, "-m", "pytest", *alone, file, options=options)

    print(f"\n{said.stdout[-2000:]}")  # noqa: T201 - its figures
    assert said.returncode == 0, said.stdout + said.stderr
    assert "skipped" not in said.stdout


def test_the_image_runs_as_nobody_of_importance_and_its_client_is_of_the_server_s_series(image: str) -> None:
    assert run_in(image, "id", "-u").stdout.strip() == "10001"
    version = "from importlib.metadata import version; print(version('tryton'))"
    assert run_in(image, "/opt/tryton/bin/python", "-c", version).stdout.startswith("8.0.")


def test_the_image_is_no_larger_than_was_promised(image: str) -> None:
    engine = needs_engine()
    size = engine.inspect_image(image)["Size"]
    engine.close()

    print(f"\nthe image with the desktop: {size / 1e6:.0f} MB")  # noqa: T201
    assert size <= _LARGEST
