"""Keys are made once, kept for this user alone, and old ones go on opening what they opened."""

import base64
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.backup.archive import FileRepository
from jikimi.backup.keys import MACHINE, RECOVERY, SafeKeys
from jikimi.backup.port import Source
from jikimi.backup.sheet import Sheet, escrow_from, escrow_text, sheet_page
from jikimi.backup.standing import Standing, key_standing

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


def test_after_a_rotation_every_snapshot_opens(keys: SafeKeys, tmp_path: Path) -> None:
    """Case 19."""
    (tmp_path / "file").write_text("content")
    sources = [Source("file", tmp_path / "file")]

    def repository() -> FileRepository:
        return FileRepository(tmp_path / "repository", keys.identities(), keys.recipients())

    repository().create()
    old = repository().put(sources, NOW).snapshot
    retired = keys.rotate()
    middle = repository().put(sources, NOW + timedelta(hours=1)).snapshot
    keys.rotate()
    keys.file(RECOVERY).rename(keys.file(RECOVERY).with_name("on paper"))
    assert {repository().read(snapshot, "file") for snapshot in (old, middle)} == {b"content"}
    keys.file(RECOVERY).with_name("on paper").rename(keys.file(RECOVERY))
    new = repository().put(sources, NOW + timedelta(days=1)).snapshot

    assert retired not in keys.identities()[:1]
    for snapshot in (old, new):
        assert repository().read(snapshot, "file") == b"content"
        alone = FileRepository(tmp_path / "repository", [keys.recovery_key()], [])
        assert alone.read(snapshot, "file") == b"content"


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
    keys.rotate()

    restored.make_way_for(SafeKeys(tmp_path / "nothing"))
    assert restored.identities() == theirs
    restored.make_way_for(keys)

    assert restored.identities()[0] == keys.identities()[0]
    assert set(restored.identities()) == {*keys.identities(), *ours, *theirs}
    assert restored.recovery_key() == keys.recovery_key()
