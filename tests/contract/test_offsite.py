"""The fake and both engines keep what the safe relies on in a second repository."""

import json
import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from jikimi.backup.age_file import new_identity, public_of
from jikimi.backup.archive import FileRepository
from jikimi.backup.offsite_files import OffsiteFiles
from jikimi.backup.offsite_restic import OffsiteRestic
from jikimi.backup.port import OffsiteRepository
from jikimi.backup.restic import ResticRepository
from jikimi.backup.restic_call import Restic, find_restic
from jikimi.testing.backup import FakeDisk, FakeOffsite, FakeRepository
from tests.contract.offsite_contract import OffsiteContract, OffsiteWard
from tests.contract.repository_contract import tree  # noqa: F401 - a fixture
from tests.contract.test_repository import flip


class FakeWard(OffsiteWard):
    def __init__(self) -> None:
        self._here, self._there = FakeDisk(), FakeDisk()
        self.local = FakeRepository(self._here)
        self.local.create()
        self.there = FakeOffsite(self._there, FakeRepository(self._here))
        self.there.create()
        self.there.add_key("recovery")

    def fresh(self) -> OffsiteRepository:
        return FakeOffsite(FakeDisk(), FakeRepository(self._here))

    def with_key(self, key: str) -> OffsiteRepository:
        return FakeOffsite(self._there, key=key)

    def damage_local(self, snapshot: str) -> None:
        self._here.damage(snapshot)


class FilesWard(OffsiteWard):
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = {name: new_identity() for name in ("local", "own", "recovery")}
        self.local = FileRepository(folder / "here", [self._keys["local"]], [public_of(self._keys["local"])])
        self.local.create()
        self.there = self._at("there", "own")
        self.there.create()

    def _at(self, name: str, key: str) -> OffsiteFiles:
        recipients = [public_of(self._keys[each]) for each in ("own", "recovery")]
        source = (self._folder / "here", [self._keys["local"]])
        return OffsiteFiles(self._folder / name, [self._keys[key]], recipients, source)

    def fresh(self) -> OffsiteRepository:
        return self._at("nothing", "own")

    def with_key(self, key: str) -> OffsiteRepository:
        return self._at("there", key)

    def damage_local(self, snapshot: str) -> None:
        flip(self._folder / f"here/snapshots/{snapshot}.tar.zst.age")


class ResticWard(OffsiteWard):
    """The template's keys serve the other way round: making keys is slow on purpose."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        shutil.copytree(template, folder)
        program = find_restic()
        assert program
        self._program = program
        (folder / "local").write_text(f"{new_identity()}\n")
        self._source = self._restic(folder / "here/restic", "local")
        self.local = ResticRepository(folder / "here", self._source, "jikimi", folder / "scratch")
        self.local.create()
        (folder / "there").mkdir()
        (folder / "restic").rename(folder / "there/restic")
        self.there = self._at("there", "machine")

    def _restic(self, place: Path, key: str) -> Restic:
        return Restic(self._program, place, self.folder / key, self.folder / "cache")

    def _at(self, name: str, key: str) -> OffsiteRestic:
        folder = self.folder / name
        restic = self._restic(folder / "restic", key)
        return OffsiteRestic(restic, str(folder), "jikimi", self.folder / "scratch", folder=folder, source=self._source)

    def fresh(self) -> OffsiteRepository:
        return self._at("nothing", "machine")

    def with_key(self, key: str) -> OffsiteRepository:
        return self._at("there", key)

    def damage_local(self, snapshot: str) -> None:
        del snapshot  # the largest pack has the content
        flip(max((self.folder / "here/restic/data").rglob("*"), key=lambda path: path.stat().st_size * path.is_file()))

    def locks(self) -> list[Path]:
        return [path for path in (self.folder / "there/restic/locks").iterdir() if "-tmp-" not in path.name]

    def lock(self) -> "subprocess.Popen[bytes]":
        """Have another process hold a lock."""
        child = subprocess.Popen(
            [self._program, "-r", self.folder / "there/restic", "-p", self.folder / "machine", "backup", "--stdin"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while not self.locks():
            assert child.poll() is None
        return child


class TestFakeOffsite(OffsiteContract):
    @pytest.fixture
    def ward(self) -> OffsiteWard:
        return FakeWard()


class TestOffsiteFiles(OffsiteContract):
    @pytest.fixture
    def ward(self, tmp_path: Path) -> OffsiteWard:
        return FilesWard(tmp_path / "both")


class TestOffsiteRestic(OffsiteContract):
    @pytest.fixture
    def ward(self, restic_template: Path, tmp_path: Path) -> ResticWard:
        return ResticWard(tmp_path / "both", restic_template)

    def test_a_lock_of_a_dead_process_of_this_machine_is_broken(self, ward: ResticWard) -> None:
        child = ward.lock()
        child.kill()
        child.communicate()
        assert len(ward.locks()) == 1

        ward.there.clear_leftovers()

        assert ward.locks() == []

    def test_a_lock_of_a_living_process_is_not_broken(self, ward: ResticWard) -> None:
        child = ward.lock()
        try:
            ward.there.clear_leftovers()

            assert len(ward.locks()) == 1
        finally:
            child.kill()
            child.communicate()

    def test_a_lock_of_another_machine_is_not_broken(self, ward: ResticWard, tmp_path: Path) -> None:
        if not shutil.which("unshare") or os.geteuid() != 0:
            pytest.skip("only root can give a process another host name")
        command = f"hostname another-machine && exec {ward._program} -r $R -p $P backup --stdin"
        child = subprocess.Popen(
            ["unshare", "--uts", "sh", "-c", command],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env={"R": str(ward.folder / "there/restic"), "P": str(ward.folder / "machine"), "PATH": os.defpath},
        )  # fmt: skip
        while not ward.locks():
            assert child.poll() is None
        child.kill()
        child.communicate()
        says = json.loads(ward.there._call("cat", "lock", ward.locks()[0].name, "--no-lock").out)  # type: ignore[attr-defined]
        assert says["hostname"] == "another-machine" != platform.node()

        ward.there.clear_leftovers()

        assert len(ward.locks()) == 1
