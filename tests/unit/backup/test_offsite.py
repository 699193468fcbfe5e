"""The second repository catches up when it can, tells of trouble once, and is never worse than a warning."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from jikimi.backup.keys import SafeKeys
from jikimi.backup.offsite import Noted, Offsite, OffsiteNote
from jikimi.backup.offsite_errors import NoOffsite, NotOurOffsite, OffsiteDamaged
from jikimi.backup.offsite_restic import Lock, is_left_by_us, reach_of
from jikimi.backup.port import NotStored, Source
from jikimi.backup.receipts import Receipts
from jikimi.backup.retention import Keep
from jikimi.backup.snapshot import Outcome, Receipt
from jikimi.backup.standing import Standing, offsite_freshness
from jikimi.config import Home
from jikimi.config.backup import Offsite as Settings
from jikimi.config.secret import NoSecret
from jikimi.testing.backup import FakeDisk, FakeOffsite, FakeRepository
from jikimi.testing.clock import FakeClock

SEOUL = ZoneInfo("Asia/Seoul")
NIGHT = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Both:
    """A first and a second repository in memory, on a clock that is moved by hand."""

    def __init__(self, folder: Path, keep: Keep | None = None) -> None:
        self.clock = FakeClock(NIGHT)
        self.folder, here, self.disk = folder, FakeDisk(), FakeDisk()
        self.local = FakeRepository(here)
        self.local.create()
        self.there = FakeOffsite(self.disk, FakeRepository(here))
        self.keys = SafeKeys(folder / "keys")
        self.receipts = Receipts(folder)
        self.note = OffsiteNote(folder / "state/offsite.json")
        self.offsite = Offsite(
            lambda: self.there, "there", keys=self.keys, receipts=self.receipts, keep=keep or Keep(),
            clock=self.clock, zone=SEOUL, note=self.note,
        )  # fmt: skip
        (folder / "file").write_text("x")

    def night(self, outcome: Outcome = Outcome.GOOD) -> str:
        now = self.clock.now()
        stored = self.local.put([Source("file", self.folder / "file")], now)
        self.receipts.write(Receipt(stored.snapshot, now, now.date(), outcome, stored.snapshot))
        return stored.snapshot

    def copies(self) -> list[str]:
        return [one.original for one in FakeOffsite(self.disk).snapshots()]


@pytest.fixture
def both(tmp_path: Path) -> Both:
    both = Both(tmp_path)
    both.offsite.create()
    return both


def test_only_good_ones_are_copied_and_none_twice(both: Both) -> None:
    good = both.night()
    for outcome in (Outcome.PARTIAL, Outcome.SUSPECT, Outcome.FAILED):
        both.clock.advance(3600)
        both.night(outcome)

    assert both.offsite.catch_up(both.local).copied == (good,)
    assert both.offsite.catch_up(both.local).copied == ()
    assert both.copies() == [good]


def test_it_is_never_made_by_itself(tmp_path: Path) -> None:
    both = Both(tmp_path)
    both.night()

    with pytest.raises(NoOffsite):
        both.offsite.catch_up(both.local)

    assert both.disk.kept is None
    assert both.note.read().is_made is False


def test_that_of_another_home_is_left_alone(both: Both) -> None:
    both.night()
    both.keys.set_offsite_id("another")

    with pytest.raises(NotOurOffsite):
        both.offsite.catch_up(both.local)

    assert both.copies() == []
    both.offsite.create(adopt=True)
    assert len(both.offsite.catch_up(both.local).copied) == 1


def test_ten_days_away_are_told_once_and_then_made_up_for(both: Both) -> None:
    both.night()
    both.offsite.catch_up(both.local)
    both.there.is_away = True
    with capture_logs() as lines:
        for _ in range(10):
            both.clock.advance(DAY.total_seconds())
            both.night()
            with pytest.raises(NotStored):
                both.offsite.catch_up(both.local)
        noted = both.note.read()
        both.there.is_away = False
        caught = both.offsite.catch_up(both.local)

    assert [line["event"] for line in lines] == ["offsite.failed", "offsite.caught_up"]
    assert (noted.newest, noted.failing_since) == (NIGHT, NIGHT + DAY)
    assert len(caught.copied) == 10
    assert caught.copied[0] == both.local.snapshots()[-1].id  # the newest first
    assert sorted(both.copies()) == [one.id for one in both.local.snapshots()]
    assert both.note.read() == Noted(is_made=True, newest=both.clock.now(), tidied=both.clock.now())


def test_what_was_copied_before_it_broke_off_counts_at_once(both: Both) -> None:
    for _ in range(3):
        both.clock.advance(DAY.total_seconds())
        newest = both.night()
    both.there.takes = 1

    with pytest.raises(NotStored):
        both.offsite.catch_up(both.local)

    assert both.copies() == [newest]
    assert both.note.read().newest == both.clock.now()
    both.there.takes = 2
    assert len(both.offsite.catch_up(both.local).copied) == 2


def test_it_lets_go_by_the_same_rules_and_does_not_copy_those_again(tmp_path: Path) -> None:
    both = Both(tmp_path, Keep(days=2, weeks=0, months=0))
    both.offsite.create()
    for _ in range(12):
        both.clock.advance(DAY.total_seconds())
        both.night()
        both.offsite.catch_up(both.local)

    assert len(both.local.snapshots()) == 12
    assert both.copies() == [one.id for one in both.local.snapshots()][-3:]


def test_a_copy_outlives_its_receipt(both: Both) -> None:
    first = both.night()
    both.offsite.catch_up(both.local)
    both.receipts.forget([first])
    both.local.delete([first])
    for _ in range(5):
        both.clock.advance(DAY.total_seconds())
        both.night()
        both.offsite.catch_up(both.local)

    assert first in both.copies()


def test_damage_there_is_found_told_and_looked_for_again_each_time(both: Both) -> None:
    snapshot = both.night()
    both.offsite.catch_up(both.local)
    both.disk.damage(snapshot)
    both.clock.advance(6 * DAY.total_seconds())
    both.offsite.catch_up(both.local)  # the week is not over
    both.clock.advance(DAY.total_seconds())

    for _ in range(2):
        with pytest.raises(OffsiteDamaged):
            both.offsite.catch_up(both.local)
    assert both.note.read().is_damaged


def test_a_note_that_is_lost_or_torn_is_made_anew(both: Both, tmp_path: Path) -> None:
    both.night()
    both.offsite.catch_up(both.local)
    before = both.note.read()
    for text in ("", "[]", "{", json.dumps({"newest": 5})):
        (tmp_path / "state/offsite.json").write_text(text)
        assert both.note.read() == Noted()
        both.offsite.catch_up(both.local)
        assert both.note.read() == before


def test_the_sheet_is_another_one_once_it_has_a_second_key(tmp_path: Path) -> None:
    keys = SafeKeys(tmp_path)
    keys.make(NIGHT)
    assert keys.confirm(keys.code(), NIGHT)
    code = keys.code()

    keys.make_offsite(NIGHT + 30 * DAY)
    assert (keys.confirmed_at(), keys.made_at()) == (None, NIGHT + 30 * DAY)
    assert keys.code() != code
    lines = keys.identities()
    assert len(set(lines)) == len(lines) == 4
    keys.make_offsite(NIGHT + 31 * DAY)
    assert (keys.identities(), keys.made_at()) == (lines, NIGHT + 30 * DAY)
    assert keys.offsite_recovery_key() in lines
    assert not set(keys.offsite_recipients()) & set(keys.recipients())


@pytest.mark.parametrize(
    ("newest", "facts", "state", "hours"),
    [
        (NIGHT, {}, Standing.OK, 0),
        (NIGHT - 72 * HOUR, {}, Standing.OK, 0),
        (NIGHT - 73 * HOUR, {}, Standing.WARN, 73),
        (NIGHT - 240 * HOUR, {}, Standing.WARN, 240),
        (NIGHT + DAY, {}, Standing.OK, 0),
        (None, {}, Standing.WARN, 0),
        (NIGHT, {"is_damaged": True}, Standing.WARN, 0),
        (NIGHT, {"is_made": False}, Standing.WARN, 0),
    ],
)
def test_its_age_is_warned_of(newest: datetime | None, facts: dict[str, bool], state: Standing, hours: int) -> None:
    found = offsite_freshness(newest, NIGHT, 72 * HOUR, **{"is_made": True, **facts})

    assert (found.state, found.hours) == (state, hours)
    assert (found.message is None) == (state is Standing.OK)


@pytest.mark.parametrize(
    ("host", "program", "is_ours"),
    [
        ("here", None, True),
        ("here", ("/usr/bin/restic", "copy"), False),
        ("here", ("/usr/bin/python3", "restic.py"), True),  # a container's numbers come again
        ("here", (), False),
        ("there", None, False),
    ],
)
def test_a_lock_is_ours_to_break_only_if_its_process_of_this_machine_is_gone(
    host: str, program: tuple[str, ...] | None, *, is_ours: bool
) -> None:
    assert is_left_by_us(Lock(host, 57), "here", program) is is_ours


def test_secrets_go_by_their_files_and_never_as_words(tmp_path: Path) -> None:
    for name in ("id", "hosts"):
        (tmp_path / name).write_text("a secret")
    (tmp_path / "aws").write_text("[default]\naws_access_key_id = me\naws_secret_access_key = a%secret\n")
    home = Home(tmp_path)

    sftp = reach_of(Settings(to="sftp:me@host:/books", key_file="id", known_hosts="hosts"), home)
    s3 = reach_of(Settings(to="s3:https://host/books", credentials_file="aws", region="kr"), home)

    assert "StrictHostKeyChecking=yes" in sftp.options[0]
    assert f"-i {tmp_path}/id" in sftp.options[0]
    assert s3.options == ("s3.region=kr",)
    assert s3.environment == {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws")}
    assert "secret" not in repr((sftp, s3)).replace(str(tmp_path), "")


@pytest.mark.parametrize("text", [None, "", "a%secret", "[default]\naws_access_key_id = me\n", "[other]\nx = a%secret"])
def test_credentials_that_are_none_are_told_and_not_shown(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "aws").write_text(text)

    with pytest.raises(NoSecret) as found:
        reach_of(Settings(to="s3:https://host/books", credentials_file="aws"), Home(tmp_path))

    assert "a%secret" not in str(found.value)
