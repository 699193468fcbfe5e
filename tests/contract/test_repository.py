"""The fake and both engines keep what the safe relies on."""

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from jikimi.backup.age_file import new_identity, public_of
from jikimi.backup.archive import FileRepository
from jikimi.backup.port import NoRepository, Repository, Source, WrongKey
from jikimi.backup.restic import ResticRepository
from jikimi.backup.restic_call import Restic, find_restic
from jikimi.testing.backup import FakeDisk, FakeRepository
from tests.conftest import missing
from tests.contract.repository_contract import (  # noqa: F401 - fixtures
    AT,
    RepositoryContract,
    Ward,
    look,
    tree,
)


class FakeWard(Ward):
    def __init__(self) -> None:
        self._disk = FakeDisk()
        self.repository = FakeRepository(self._disk)
        self.repository.create()
        self.repository.add_key("recovery")

    def fresh(self) -> Repository:
        return FakeRepository(FakeDisk())

    def with_key(self, key: str) -> Repository:
        return FakeRepository(self._disk, key)

    def key(self, name: str) -> str:
        return name

    def damage(self, snapshot: str) -> None:
        self._disk.damage(snapshot)

    def leave_as_killed(self) -> None:
        self._disk.leftovers += 1

    def left(self) -> int:
        return self._disk.leftovers


class FileWard(Ward):
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = {name: new_identity() for name in ("machine", "recovery", "stranger")}
        self.repository = self._at(folder, "machine")
        self.repository.create()
        self.repository.add_key(self._keys["recovery"])

    def _at(self, folder: Path, key: str) -> FileRepository:
        return FileRepository(folder, [self._keys[key]], [public_of(self._keys["machine"])])

    def fresh(self) -> Repository:
        return self._at(self._folder / "nothing", "machine")

    def with_key(self, key: str) -> Repository:
        return self._at(self._folder, key)

    def key(self, name: str) -> str:
        return self._keys[name]

    def file(self, snapshot: str) -> Path:
        return self._folder / "snapshots" / f"{snapshot}.tar.zst.age"

    def damage(self, snapshot: str) -> None:
        flip(self.file(snapshot))

    def leave_as_killed(self) -> None:
        (self._folder / "snapshots/20261124T033000Z-00000000.tar.zst.age.partial").write_bytes(b"half")

    def left(self) -> int:
        return len(list(self._folder.rglob("*.partial")))


class ResticWard(Ward):
    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        shutil.copytree(template, folder)
        self.repository = self._at(folder, "machine")

    def _at(self, folder: Path, key: str) -> ResticRepository:
        program = find_restic()
        assert program
        restic = Restic(program, folder / "restic", self._folder / key, self._folder / "cache")
        return ResticRepository(folder, restic, "jikimi", self._folder / "scratch")

    def fresh(self) -> Repository:
        return self._at(self._folder / "nothing", "machine")

    def with_key(self, key: str) -> Repository:
        return self._at(self._folder, key)

    def key(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="ascii").strip()

    def damage(self, snapshot: str) -> None:
        del snapshot  # all share their packs; the largest one has content
        flip(max((self._folder / "restic/data").rglob("*"), key=lambda path: path.stat().st_size * path.is_file()))

    def leave_as_killed(self) -> None:
        """Leave the lock of a process of another machine, as a container's is; none of ours would be removed by age."""
        source = self._folder / "much"
        source.write_bytes(b"x" * (64 << 20))
        program = find_restic()
        assert program
        child = subprocess.Popen(
            [program, "-r", self._folder / "restic", "-p", self._folder / "machine", "backup", "--stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        while not [path for path in (self._folder / "restic/locks").iterdir() if "-tmp-" not in path.name]:
            assert child.poll() is None
        child.kill()
        child.wait()
        assert child.stdin
        child.stdin.close()
        (self._folder / "restic/data/00/0123-tmp-4567").write_bytes(b"half")

    def left(self) -> int:
        return len([*(self._folder / "restic/locks").iterdir(), *self._folder.rglob("*-tmp-*")])


def flip(path: Path) -> None:
    """Flip one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


class TestFakeRepository(RepositoryContract):
    @pytest.fixture
    def ward(self) -> Ward:
        return FakeWard()


class TestFileRepository(RepositoryContract):
    @pytest.fixture
    def ward(self, tmp_path: Path) -> FileWard:
        return FileWard(tmp_path / "repository")

    def test_the_stock_tools_open_it(self, ward: FileWard, tree: Path, tmp_path: Path) -> None:  # noqa: F811 - a fixture
        for tool in ("age", "zstd", "tar"):
            if not shutil.which(tool):
                missing(tool)
        snapshot = ward.repository.put([Source("home/tree", tree)], AT).snapshot
        key, out = tmp_path / "key.txt", tmp_path / "out"
        key.write_text(ward._keys["recovery"])
        out.mkdir()

        command = f"age --decrypt -i {key} {ward.file(snapshot)} | zstd -d | tar x --preserve-permissions -C {out}"
        subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], check=True)

        assert look(out / "home/tree") == look(tree)

    def test_the_one_file_is_all_there_is(self, ward: FileWard, tree: Path) -> None:  # noqa: F811 - a fixture
        snapshot = ward.repository.put([Source("home/tree", tree)], AT).snapshot

        assert [path.name for path in ward.file(snapshot).parent.iterdir()] == [ward.file(snapshot).name]
        assert b"home/tree" not in ward.file(snapshot).read_bytes()

    def test_a_cut_off_file_is_damaged(self, ward: FileWard, tree: Path) -> None:  # noqa: F811 - a fixture
        snapshot = ward.repository.put([Source("home/tree", tree)], AT).snapshot
        size = ward.file(snapshot).stat().st_size
        for cut in (size - 1, size - 70_000 if size > 140_000 else size // 2, 200, 0):
            with ward.file(snapshot).open("r+b") as file:
                file.truncate(cut)

            assert ward.repository.verify().broken == (snapshot,)

    def test_the_files_that_are_lost_are_named(self, ward: FileWard, tmp_path: Path) -> None:
        from jikimi.backup.manifest import look as mark  # noqa: PLC0415 - only here

        folder = tmp_path / "two"
        folder.mkdir()
        for name in ("a", "b"):
            (folder / name).write_bytes(os.urandom(300_000))
        sources = [Source("two", folder)]
        mark(sources, {}).write(tmp_path / "manifest.json")
        snapshot = ward.repository.put([Source("manifest.json", tmp_path / "manifest.json"), *sources], AT).snapshot
        data = bytearray(ward.file(snapshot).read_bytes())
        data[-100_000] ^= 1
        ward.file(snapshot).write_bytes(data)

        assert ward.repository.verify().files == ("two/b",)


class TestResticRepository(RepositoryContract):
    @pytest.fixture
    def ward(self, restic_template: Path, tmp_path: Path) -> ResticWard:
        return ResticWard(tmp_path / "repository", restic_template)

    @pytest.mark.parametrize("lost", ["config", "keys"])
    def test_lost_key_files_come_back_from_the_sheet(self, ward: ResticWard, lost: str) -> None:
        escrow = ward.repository.escrow()
        assert {name.split("/")[0] for name in escrow} == {"config", "keys"}
        path = ward._folder / "restic" / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        with pytest.raises((NoRepository, WrongKey)):
            ward.repository.check_open()

        ward.repository.recover(escrow)

        ward.repository.check_open()

    def test_the_fixed_names_let_the_next_one_add_little(self, ward: ResticWard, tree: Path) -> None:  # noqa: F811 - a fixture
        first = ward.repository.put([Source("home/tree", tree)], AT)
        second = ward.repository.put([Source("home/tree", tree)], AT + timedelta(days=1))

        assert second.added_bytes < first.added_bytes / 2
        assert second.files == first.files
