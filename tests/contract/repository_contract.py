"""What the safe relies on; run against the fake and against both engines."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jikimi.backup.port import Damaged, NoRepository, NoSnapshot, Repository, RepositoryThere, Source, WrongKey

AT = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
LONG = "가" * 84 + "xyz"  # 255 bytes
NOBODY = 65534
Tree = dict[str, object]


class Ward:
    """A repository with what a test may do to it from outside."""

    repository: Repository

    def fresh(self) -> Repository:
        """Return another repository object at a place where nothing was made yet."""
        raise NotImplementedError

    def with_key(self, key: str) -> Repository:
        """Return the same repository opened by another key: "recovery" was added to it, "stranger" never."""
        raise NotImplementedError

    def key(self, name: str) -> str:
        """Return the key of that name, as the repository takes it."""
        raise NotImplementedError

    def damage(self, snapshot: str) -> None:
        """Flip a bit of what is stored."""
        raise NotImplementedError

    def leave_as_killed(self) -> None:
        """Leave what a run leaves that was killed."""
        raise NotImplementedError

    def left(self) -> int:
        """Return how many things are left of it."""
        raise NotImplementedError


def look(folder: Path) -> Tree:
    """Return everything below *folder*: kinds, rights, times, contents, and which names are one file."""
    found: Tree = {}
    first: dict[int, str] = {}
    for path in sorted(folder.rglob("*")):
        name, status = path.relative_to(folder).as_posix(), path.lstat()
        if stat.S_ISLNK(status.st_mode):
            found[name] = os.readlink(path)  # noqa: PTH115 - as written, not as a path
        elif stat.S_ISDIR(status.st_mode):
            found[name] = (stat.S_IMODE(status.st_mode), status.st_mtime_ns)
        else:
            same = first.setdefault(status.st_ino, name)
            found[name] = (stat.S_IMODE(status.st_mode), status.st_mtime_ns, path.read_bytes(), same)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with all that may be difficult."""
    folder = tmp_path / "source tree"
    (folder / "빈 폴더").mkdir(parents=True)
    (folder / "명세서.csv").write_text("카드,1000\n", encoding="utf-8")
    (folder / LONG).write_bytes(b"a long name")
    (folder / "[odd] *?name\n").write_bytes(b"odd")
    (folder / "loop").symlink_to("loop")
    (folder / "to").symlink_to("명세서.csv")
    (folder / "many").mkdir()
    for number in range(100):
        (folder / f"many/{number}").write_bytes(os.urandom(number))
    os.link(folder / "many/7", folder / "zz same as many 7")
    with (folder / "sparse").open("wb") as file:
        file.seek(8 << 20)
        file.write(b"end")
    (folder / "script.sh").write_text("true\n")
    (folder / "script.sh").chmod(0o750)
    (folder / "secret").write_bytes(b"s" * 5000)
    (folder / "secret").chmod(0o400)
    (folder / "empty").touch()
    for number, path in enumerate(sorted(folder.rglob("*"))):
        os.utime(path, ns=(0, 1_700_000_000_123_456_789 + number), follow_symlinks=False)
    return folder


@contextmanager
def an_ordinary_user(folder: Path) -> Iterator[None]:
    """Be one who may read what the rights say, and has *folder*: root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    through = stat.S_IXOTH | stat.S_IXGRP  # root's group may still be one of ours
    opened = [parent for parent in folder.parents if parent.stat().st_mode & through != through]
    for path in opened:
        path.chmod(path.stat().st_mode | through)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        for path in opened:
            path.chmod(path.stat().st_mode & ~through)


class RepositoryContract:
    """A subclass gives `ward`, with a repository that was created."""

    @pytest.fixture
    def stored(self, ward: Ward, tree: Path) -> str:
        return ward.repository.put([Source("home/tree", tree)], AT).snapshot

    def test_it_is_never_made_by_itself(self, ward: Ward, tree: Path, tmp_path: Path) -> None:
        fresh = ward.fresh()
        before = sorted(tmp_path.iterdir())

        for attempt in (fresh.check_open, fresh.snapshots, lambda: fresh.put([Source("x", tree)], AT)):
            with pytest.raises(NoRepository):
                attempt()

        assert sorted(tmp_path.iterdir()) == before
        with pytest.raises(NoRepository):
            fresh.check_open()

    def test_it_is_never_made_over_another(self, ward: Ward, stored: str) -> None:
        with pytest.raises(RepositoryThere):
            ward.repository.create()

        assert stored in [one.id for one in ward.repository.snapshots()]

    def test_what_comes_back_is_what_went_in(self, ward: Ward, tree: Path, tmp_path: Path) -> None:
        shares: list[float] = []
        note = tmp_path / "note"
        note.write_text("first")

        done = ward.repository.put([Source("manifest.json", note), Source("home/tree", tree)], AT, told=shares.append)
        ward.repository.restore(done.snapshot, tmp_path / "out")

        assert look(tmp_path / "out/home/tree") == look(tree)
        assert (tmp_path / "out/manifest.json").read_text() == "first"
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["home", "manifest.json"]
        files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
        assert done.files == len(files) + 1
        assert all(0 <= share <= 1 for share in shares)
        assert done.unreadable == ()
        assert ward.repository.read(done.snapshot, "manifest.json") == b"first"
        assert ward.repository.read(done.snapshot, "home/tree/empty") == b""

    def test_one_file_or_one_folder_comes_back_alone(self, ward: Ward, stored: str, tree: Path, tmp_path: Path) -> None:
        ward.repository.restore(stored, tmp_path / "out", ["home/tree/명세서.csv", "home/tree/many"])

        found = look(tmp_path / "out/home/tree")
        assert set(found) == {"명세서.csv", "many", *(f"many/{number}" for number in range(100))}
        assert (tmp_path / "out/home/tree/명세서.csv").read_bytes() == (tree / "명세서.csv").read_bytes()

    def test_a_second_name_of_a_file_comes_back_without_the_first(
        self, ward: Ward, stored: str, tree: Path, tmp_path: Path
    ) -> None:
        ward.repository.restore(stored, tmp_path / "out", ["home/tree/zz same as many 7"])

        assert (tmp_path / "out/home/tree/zz same as many 7").read_bytes() == (tree / "many/7").read_bytes()

    def test_an_unknown_or_empty_name_restores_nothing(self, ward: Ward, stored: str, tmp_path: Path) -> None:
        out = tmp_path / "out"

        for snapshot, only in (("", []), ("latest", []), ("f" * 64, []), (stored, ["home/elsewhere"])):
            with pytest.raises(NoSnapshot):
                ward.repository.restore(snapshot, out, only)
        with pytest.raises(NoSnapshot):
            ward.repository.read(stored, "home/tree/no such file")

        assert not out.exists() or not list(out.iterdir())

    def test_they_are_listed_by_time_and_deleted_by_name(self, ward: Ward, stored: str, tree: Path) -> None:
        small = Source("small", tree / "명세서.csv")
        late = ward.repository.put([small], AT + timedelta(days=2)).snapshot
        early = ward.repository.put([small], AT - timedelta(days=2)).snapshot

        listed = [(one.id, one.at) for one in ward.repository.snapshots() if one.id in (early, stored, late)]
        assert listed == [(early, AT - timedelta(days=2)), (stored, AT), (late, AT + timedelta(days=2))]
        ward.repository.delete([early, "no such snapshot", ""])
        ward.repository.reclaim()

        left = [one.id for one in ward.repository.snapshots()]
        assert early not in left
        assert {stored, late} <= set(left)
        assert ward.repository.read(late, "small") == (tree / "명세서.csv").read_bytes()
        assert ward.repository.verify()

    def test_an_unreadable_file_or_folder_is_named_and_the_others_are_saved(
        self, ward: Ward, tree: Path, tmp_path: Path
    ) -> None:
        for name in ("many", "secret"):
            (tree / name).chmod(0)

        with an_ordinary_user(tmp_path):
            done = ward.repository.put([Source("home/tree", tree)], AT)
            ward.repository.restore(done.snapshot, tmp_path / "out")

        assert sorted(done.unreadable) == ["home/tree/many", "home/tree/secret"]
        found, expected = look(tmp_path / "out/home/tree"), look(tree)
        for name in expected:
            if not name.startswith(("many", "secret", "zz")):
                assert found[name] == expected[name]

    def test_damage_is_found_and_mended_from_the_source(
        self, ward: Ward, stored: str, tree: Path, tmp_path: Path
    ) -> None:
        assert ward.repository.verify()
        ward.damage(stored)

        found = ward.repository.verify()
        assert not found
        with pytest.raises(Damaged):
            ward.repository.restore(stored, tmp_path / "damaged")
        assert ward.repository.mend(found)
        again = ward.repository.put([Source("home/tree", tree)], AT, afresh=True)

        assert ward.repository.verify()
        ward.repository.restore(again.snapshot, tmp_path / "out")
        assert look(tmp_path / "out/home/tree") == look(tree)

    def test_only_our_keys_open_it(self, ward: Ward, stored: str, tree: Path) -> None:
        content = (tree / "명세서.csv").read_bytes()

        assert ward.with_key("recovery").read(stored, "home/tree/명세서.csv") == content
        with pytest.raises(WrongKey):
            ward.with_key("stranger").check_open()
        with pytest.raises(WrongKey):
            ward.with_key("stranger").read(stored, "home/tree/명세서.csv")

    def test_a_key_that_another_one_replaced_opens_nothing_new(self, ward: Ward, stored: str, tree: Path) -> None:
        for _ in range(2):  # a rotation that was killed is done again
            ward.repository.add_key(ward.key("stranger"))
            ward.repository.drop_key(ward.key("recovery"))
        new = ward.repository.put([Source("home/tree", tree)], AT + timedelta(days=1)).snapshot
        content = (tree / "명세서.csv").read_bytes()

        assert ward.with_key("stranger").read(new, "home/tree/명세서.csv") == content
        with pytest.raises(WrongKey):
            ward.with_key("recovery").read(new, "home/tree/명세서.csv")
        for snapshot in (stored, new):
            assert ward.repository.read(snapshot, "home/tree/명세서.csv") == content

    def test_what_a_killed_run_leaves_holds_up_nothing(self, ward: Ward, stored: str) -> None:
        ward.leave_as_killed()
        assert ward.left()
        before = ward.repository.snapshots()

        ward.repository.clear_leftovers()

        assert ward.left() == 0
        assert ward.repository.snapshots() == before
        assert ward.repository.verify()
        ward.repository.delete([stored])
        ward.repository.reclaim()
