"""A snapshot that somebody else has made writes nothing outside of the folder; damage is told from change."""

import io
import os
import tarfile
import threading
from pathlib import Path

import pytest

from jikimi.backup.age_file import Unreadable, new_identity, opened, public_of, write_sealed
from jikimi.backup.archive import FileRepository
from jikimi.backup.manifest import compare, look
from jikimi.backup.port import Damaged, Source
from jikimi.backup.tar_stream import TarStream
from jikimi.backup.untar import Untar
from jikimi.backup.untar import content as content_of
from jikimi.backup.untar import members as members_of
from tests.conftest import Until

NAME = "20261124T033000Z-0123abcd"


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.size = kind, link, 3 if kind == tarfile.REGTYPE else 0
    return found


@pytest.mark.parametrize(
    "members",
    [
        [member("../out")],
        [member("a/../../out")],
        [member("..", tarfile.DIRTYPE)],
        [member("x"), member("..", tarfile.DIRTYPE)],
        [member("/tmp/jikimi-out")],  # noqa: S108 - it is refused
        [member("link", tarfile.SYMTYPE, ".."), member("link/out")],
        [member("d", tarfile.DIRTYPE), member("d/x"), member("d/l", tarfile.SYMTYPE, "../.."), member("d/l/out")],
        [member("hard", tarfile.LNKTYPE, "../secret")],
    ],
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, members: list[tarfile.TarInfo]) -> None:
    (tmp_path / "secret").write_text("secret")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for each in members:
            tar.addfile(each, io.BytesIO(b"bad"))
    packed.seek(0)
    key = new_identity()
    repository = FileRepository(tmp_path / "repository", [key], [public_of(key)])
    repository.create()
    write_sealed(packed, tmp_path / f"repository/snapshots/{NAME}.tar.zst.age", [public_of(key)])

    with pytest.raises(Damaged):
        repository.restore(NAME, tmp_path / "into")

    assert {path.name for path in tmp_path.iterdir()} <= {"into", "repository", "secret"}
    assert (tmp_path / "secret").read_text() == "secret"
    assert not (tmp_path / "into/hard").exists()
    assert not Path("/tmp/jikimi-out").exists()  # noqa: S108 - where the bad one wanted to go


def test_a_second_member_of_a_links_name_is_not_written_where_it_points(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for each in (member("x", tarfile.SYMTYPE, "../secret"), member("x")):
            tar.addfile(each, io.BytesIO(b"bad"))
    packed.seek(0)
    (tmp_path / "into").mkdir()
    untar = Untar(tmp_path / "into")
    for open_tar, each in members_of(packed):
        untar.write(open_tar, each, lambda _: None)

    assert (tmp_path / "secret").read_text() == "secret"
    assert (tmp_path / "into/x").read_text() == "bad"


def test_a_member_whose_size_leads_back_is_damage(tmp_path: Path) -> None:
    bad = member("bad")
    bad.size = -4096
    data = member("a", tarfile.DIRTYPE).tobuf() * 8 + bad.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    key = new_identity()
    repository = FileRepository(tmp_path / "repository", [key], [public_of(key)])
    repository.create()
    write_sealed(io.BytesIO(data), tmp_path / f"repository/snapshots/{NAME}.tar.zst.age", [public_of(key)])

    with pytest.raises(Damaged):
        repository.restore(NAME, tmp_path / "into")


def test_content_that_ends_too_early_is_damage() -> None:
    tar, one = next(members_of(io.BytesIO(member("a").tobuf() + b"12")))
    with pytest.raises(tarfile.ReadError):
        list(content_of(tar, one))


def test_a_size_below_nothing_is_no_content() -> None:
    tar, one = next(members_of(io.BytesIO(member("a").tobuf() + b"12")))
    one.size = -1
    assert list(content_of(tar, one)) == []


def test_what_stands_before_the_damage_is_given(tmp_path: Path) -> None:
    key, content = new_identity(), os.urandom(200_000)
    write_sealed(io.BytesIO(content), tmp_path / "sealed", [public_of(key)])
    data = bytearray((tmp_path / "sealed").read_bytes())
    data[-1] ^= 1
    (tmp_path / "sealed").write_bytes(data)

    with pytest.raises(Unreadable), opened(tmp_path / "sealed", [key]) as stream:
        read = stream.read(len(content) + 1)

    assert 100_000 < len(read) < len(content)
    assert content.startswith(read)


@pytest.mark.parametrize("size", [0, 1, 600, 5000])
def test_a_file_that_is_cut_while_it_is_read_costs_no_other(tmp_path: Path, size: int) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(name.encode() * 4096)
    stream = TarStream([Source(name, tmp_path / name) for name in ("a", "b", "c")])
    data = b""
    while len(data) < 3 * 512 + 4096 + 3 * 512:  # the header of b stands, its content is still to come
        data += stream.read(1)
    assert data.endswith(bytes(12))
    with (tmp_path / "b").open("r+b") as file:
        file.truncate(size)
    while chunk := stream.read(700):
        data += chunk

    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = {each.name: tar.extractfile(each) for each in tar}
        read = {name: file.read() for name, file in found.items() if file}
    assert read["a"] == b"a" * 4096
    assert read["c"] == b"c" * 4096
    assert len(read["b"]) == 4096
    assert read["b"].startswith(b"b" * min(size, 4096))
    assert stream.noted.changed == ["b"]
    assert stream.noted.unreadable == []


def test_whoever_reads_to_the_end_hears_that_the_end_is_damaged(tmp_path: Path, until: Until) -> None:
    key = new_identity()
    write_sealed(io.BytesIO(os.urandom(200_000)), tmp_path / "sealed", [public_of(key)])
    data = bytearray((tmp_path / "sealed").read_bytes())
    data[-1] ^= 1
    (tmp_path / "sealed").write_bytes(data)

    def read_all() -> None:
        with opened(tmp_path / "sealed", [key]) as stream:
            while stream.read(1000):
                pass

    with pytest.raises(Unreadable):
        read_all()
    with opened(tmp_path / "sealed", [key]) as stream:
        assert len(stream.read(1000)) == 1000  # whoever has enough does not
        until(lambda: not any(thread.name == "age" for thread in threading.enumerate()), 10)


def test_damage_is_told_from_change(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("same", "damaged", "changed", "grown", "gone"):
        (folder / name).write_text("content")
        os.utime(folder / name, ns=(0, 1_700_000_000_123_456_789))
    (folder / "link").symlink_to("same")
    (folder / "other link").symlink_to("same")
    manifest = look([Source("folder", folder)], {})

    (folder / "damaged").write_text("cOntent")
    os.utime(folder / "damaged", ns=(0, 1_700_000_000_123_456_789))
    os.utime(folder / "changed", ns=(0, 1_700_000_000_123_456_790))
    (folder / "grown").write_text("content and more")
    os.utime(folder / "grown", ns=(0, 1_700_000_000_123_456_789))
    (folder / "gone").unlink()
    (folder / "other link").unlink()
    (folder / "other link").symlink_to("elsewhere")

    damaged, changed = compare(manifest, tmp_path)

    assert sorted(damaged) == ["folder/damaged", "folder/gone", "folder/other link"]
    assert sorted(changed) == ["folder/changed", "folder/grown"]
