"""Keys are made once, kept for this user alone, and old ones go on opening what they opened."""

import base64
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.backup.archive import FileRepository
from jikimi.backup.keys import MACHINE, RECOVERY, SafeKeys
from jikimi.backup.port import Source, WrongKey
from jikimi.backup.rotation import rotate
from jikimi.backup.sheet import Sheet, escrow_from, escrow_text, sheet_page
from jikimi.backup.standing import Standing, key_standing
from jikimi.testing.backup import FakeDisk, FakeRepository

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> SafeKeys:
    keys = SafeKeys(tmp_path / "keys/backup")
    keys.make(NOW)
    return keys


def test_they_are_made_once_and_nobody_else_may_read_them(keys: SafeKeys) -> None:
    before = keys.identities()
    keys.make(NOW + timedelta(days=1))

    assert keys.identities() == before
    assert len(before) == 2
    assert keys.made_at() == NOW
    for name in (MACHINE, RECOVERY):
        assert keys.file(name).stat().st_mode & 0o777 == 0o600
        assert keys.file(name).parent.stat().st_mode & 0o777 == 0o700


def turn(keys: SafeKeys, now: datetime = NOW) -> None:
    keys.prepare()
    keys.turn(now)


def test_after_a_rotation_every_snapshot_opens(keys: SafeKeys, tmp_path: Path) -> None:
    """Case 19."""
    (tmp_path / "file").write_text("content")
    sources = [Source("file", tmp_path / "file")]

    def repository() -> FileRepository:
        return FileRepository(tmp_path / "repository", keys.identities(), keys.recipients())

    def opens(key: str, snapshot: str) -> bool:
        try:
            return FileRepository(tmp_path / "repository", [key], []).read(snapshot, "file") == b"content"
        except WrongKey:
            return False

    repository().create()
    sheets, snapshots = [keys.recovery_key()], [repository().put(sources, NOW).snapshot]
    for hours in (1, 2):
        rotate(keys, repository, NOW + timedelta(hours=hours))
        sheets.append(keys.recovery_key())
        snapshots.append(repository().put(sources, NOW + timedelta(hours=hours)).snapshot)

    assert [repository().read(one, "file") for one in snapshots] == [b"content"] * 3
    assert [[opens(sheet, one) for one in snapshots] for sheet in sheets] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    keys.file(RECOVERY).unlink()
    assert [repository().read(one, "file") for one in snapshots] == [b"content"] * 3


def test_a_rotation_asks_for_the_sheet_again(keys: SafeKeys) -> None:
    old = keys.code()
    assert keys.confirm(old, NOW)
    later = NOW + timedelta(days=100)
    turn(keys, later)

    assert keys.confirmed_at() is None
    assert key_standing(keys.made_at(), keys.confirmed_at(), later).state is Standing.WARN
    assert not keys.confirm(old, later)
    assert keys.confirm(keys.code(), later)
    for name in (MACHINE, RECOVERY, "retired"):
        assert keys.file(name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("dies_at", range(8))
def test_a_rotation_that_was_killed_is_finished_by_the_next(keys: SafeKeys, tmp_path: Path, dies_at: int) -> None:
    (tmp_path / "file").write_text("content")
    disk, left = FakeDisk(), dies_at

    class Dies(FakeRepository):
        def step(self) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt

        def check_open(self) -> None:
            self.step()
            super().check_open()

        def add_key(self, key: str) -> None:
            self.step()
            super().add_key(key)

        def drop_key(self, key: str) -> None:
            self.step()
            super().drop_key(key)

    def machine() -> str:
        return keys.file(MACHINE).read_text().strip()

    first = FakeRepository(disk, machine())
    first.create()
    first.add_key(keys.recovery_key())
    snapshot = first.put([Source("file", tmp_path / "file")], NOW).snapshot
    with suppress(KeyboardInterrupt):
        rotate(keys, lambda: Dies(disk, machine()), NOW)
    FakeRepository(disk, machine()).check_open()  # a backup runs in between
    rotate(keys, lambda: FakeRepository(disk, machine()), NOW)

    assert disk.keys == {machine(), keys.recovery_key()}
    assert FakeRepository(disk, machine()).read(snapshot, "file") == b"content"


def test_only_the_code_of_this_very_sheet_confirms_it(keys: SafeKeys) -> None:
    assert keys.confirmed_at() is None
    assert not keys.confirm("0000-0000", NOW)
    assert keys.confirm(f" {keys.code().lower()} ", NOW)
    assert keys.confirmed_at() == NOW

    keys.set_repository_id()

    assert keys.confirmed_at() is None


@pytest.mark.parametrize(
    ("made", "confirmed", "state", "days"),
    [
        (NOW, None, Standing.WARN, 14),
        (NOW - timedelta(days=13, hours=1), None, Standing.WARN, 1),
        (NOW - timedelta(days=14), None, Standing.WARN, 0),
        (NOW - timedelta(days=14, seconds=1), None, Standing.NG, 0),
        (NOW - timedelta(days=100), NOW, Standing.OK, 0),
        (NOW + timedelta(days=4000), None, Standing.WARN, 14),
        (None, None, Standing.WARN, 14),
    ],
)
def test_a_warning_until_it_is_confirmed_then_ng(
    made: datetime | None, confirmed: datetime | None, state: Standing, days: int
) -> None:
    found = key_standing(made, confirmed, NOW)

    assert (found.state, found.days_left) == (state, days)
    assert (found.message is None) is (state is Standing.OK)


SHEET = Sheet(
    company="<우리> & 회사",
    day=date(2026, 11, 24),
    engine="restic",
    folder="/mnt/backups",
    key="AGE-SECRET-KEY-1ABC",
    code="12AB-34CD",
    escrow={"config": b"\x00\xff" * 70, "keys/ab": b"{}"},
)


def test_the_sheet_has_all_that_a_stranger_needs() -> None:
    page = sheet_page(SHEET)

    for part in (SHEET.key, SHEET.code, SHEET.folder, "&lt;우리&gt; &amp; 회사", "restic -r", "인쇄", "Print"):
        assert part in page
    assert "http" not in page
    assert "src=" not in page
    start = page.index("<pre>") + 5
    assert escrow_from(page[start : page.index("</pre>")]) == SHEET.escrow


def test_the_sheet_of_the_file_engine_names_the_stock_tools() -> None:
    page = sheet_page(Sheet("a", date(2026, 1, 1), "file", "/b", "KEY", "CODE"))

    assert "age --decrypt" in page
    assert "<pre>" not in page


def test_the_sheet_is_well_formed_and_fits_one_page() -> None:
    open_tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    page = sheet_page(SHEET)
    Reader().feed(page)
    assert not open_tags
    assert len(page[page.index("<body>") :].splitlines()) < 45


@given(st.dictionaries(st.text(min_size=1), st.binary(), min_size=1))
def test_any_escrow_comes_back(escrow: dict[str, bytes]) -> None:
    text = escrow_text(escrow)

    assert escrow_from("\n ".join(text[at : at + 10] for at in range(0, len(text), 10))) == escrow
    assert base64.b64decode(text)


def test_restored_keys_make_way_for_the_living_and_go_on_opening(keys: SafeKeys, tmp_path: Path) -> None:
    restored = SafeKeys(tmp_path / "restored")
    restored.make(NOW)
    theirs, ours = restored.identities(), keys.identities()
    turn(keys)

    restored.make_way_for(SafeKeys(tmp_path / "nothing"))
    assert restored.identities() == theirs
    restored.make_way_for(keys)

    assert restored.identities()[0] == keys.identities()[0]
    assert set(restored.identities()) == {*keys.identities(), *ours, *theirs}
    assert restored.recovery_key() == keys.recovery_key()
