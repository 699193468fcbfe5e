"""A restic repository to copy: making keys is slow on purpose."""

from pathlib import Path

import pytest

from jikimi.backup.age_file import new_identity
from jikimi.backup.restic import ResticRepository
from jikimi.backup.restic_call import Restic, find_restic
from tests.conftest import missing


@pytest.fixture(scope="session")
def restic_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two keys, made once: making keys is slow on purpose."""
    program = find_restic()
    if program is None:
        missing("restic 0.17.1 or newer")
    assert program
    folder = tmp_path_factory.mktemp("restic") / "template"
    folder.mkdir()
    keys = {name: new_identity() for name in ("machine", "recovery", "stranger")}
    for name, key in keys.items():
        (folder / name).write_text(f"{key}\n")
    restic = Restic(program, folder / "restic", folder / "machine", folder / "cache")
    repository = ResticRepository(folder, restic, "jikimi", folder / "scratch")
    repository.create()
    repository.add_key(keys["recovery"])
    return folder
