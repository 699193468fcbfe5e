"""A clone on a machine with Python and pip and nothing else: the README's first command."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from jikimi.embedded.tryton_server import CLONE
from tests.conftest import missing

IMAGE = "localhost/jikimi-test-bare"
DOCKERFILE = """\
FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-pip ca-certificates
"""
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
START = ("python3", "start.py")
_BUILD_WITHIN_S = 300
_RUN_WITHIN_S = 300


@pytest.fixture(scope="module")
def image() -> str:
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    ):
        missing("a running Docker engine")
    subprocess.run(
        ["docker", "build", "--quiet", "--tag", IMAGE, "-"],
        input=DOCKERFILE,
        text=True,
        check=True,
        capture_output=True,
        timeout=_BUILD_WITHIN_S,
    )
    return IMAGE


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all that git would clone, as it stands now."""
    target = tmp_path_factory.mktemp("bare") / "jikimi"
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CLONE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (CLONE / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CLONE / name, target / name)
    return target


def run_bare(image: str, clone: Path, *arguments: str, network: str = "bridge") -> subprocess.CompletedProcess[str]:
    """Run `python3 start.py` in a new container; its pip trusts what this machine trusts."""
    trust = ["--volume", f"{TRUSTED}:{TRUSTED}:ro", "--env", f"PIP_CERT={TRUSTED}"] if TRUSTED.exists() else []
    who = ["--user", f"{os.getuid()}:{os.getgid()}", "--env", "HOME=/tmp"]
    place = ["--volume", f"{clone}:/jikimi", "--workdir", "/jikimi"]
    return subprocess.run(
        ["docker", "run", "--rm", "--init", "--network", network, *trust, *who, *place, image, *START, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=_RUN_WITHIN_S,
    )


def test_the_demo_works_at_once_again_and_without_a_network(image: str, clone: Path) -> None:
    first = run_bare(image, clone, "demo")
    assert first.returncode == 0, first.stdout + first.stderr
    took = re.search(r"from the start to posted vouchers: ([\d.]+) s", first.stdout)
    assert took
    print(f"\nfrom start.py to posted vouchers on a bare machine: {took[1]} s")  # noqa: T201 - a figure for the log

    second = run_bare(image, clone, "demo", "--json", network="none")

    assert second.returncode == 0, second.stdout + second.stderr
    document = json.loads(second.stdout.splitlines()[-1])
    assert (document["posted"], document["duplicates"], document["proof"]) == (0, 5, True)
    assert {path.name for path in clone.iterdir()} - {path.name for path in CLONE.iterdir()} <= {
        ".venv",
        ".venv-erp",
        ".cache",
        "home",
    }
