"""The set-up needs nothing but Python, and the locks that it installs from are true."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = ROOT / "start.py"
ERP_LOCK = ROOT / "services/tryton/requirements.txt"
LOCKS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt", ERP_LOCK]
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
EXPORT = ("export", "--frozen", "--offline", "--no-cache", "--format", "requirements-txt", "--no-header")
needs_uv = pytest.mark.skipif(UV is None, reason="there is no uv to export the lock with")


def imported(tree: ast.AST) -> set[str]:
    """Return the top-level names of all that is imported."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def requirements(lock: Path) -> list[str]:
    """Return each requirement with its hashes on one line, without comments."""
    joined = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_an_old_python_can_read_the_set_up() -> None:
    ast.parse(START.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_set_up_imports_only_the_standard_library() -> None:
    names = imported(ast.parse(START.read_text(encoding="utf-8")))

    assert names <= sys.stdlib_module_names


@needs_uv
@pytest.mark.parametrize(("file", "only"), [("requirements.txt", ["--no-dev"]), ("requirements-dev.txt", [])])
def test_the_hashed_list_is_what_the_lock_says(file: str, only: list[str]) -> None:
    exported = subprocess.run(
        [str(UV), *EXPORT, *only, "--python", sys.executable],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )

    assert exported.stdout == (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_requirement_is_pinned_and_has_a_hash(lock: Path) -> None:
    lines = requirements(lock)

    assert lines
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_list_of_requirements_names_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    assert re.findall(r"://|--\S*index\S*|--find-links|--trusted-host", text) == []
