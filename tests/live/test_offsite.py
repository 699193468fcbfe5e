"""Copies off-site in a folder, on an SFTP server and on moto's S3: each opens an empty machine, none is relied on."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jikimi.backup.keys import OFFSITE, OFFSITE_RECOVERY, RECOVERY
from jikimi.backup.snapshot import Outcome
from jikimi.cli.offsite_safe import offsite_note
from tests.conftest import Until, missing
from tests.live.offsite_home import Both, children, kill, note_words, words_of, written
from tests.live.offsite_places import SECRET, Elsewhere, Folder, Sftp, elsewhere, write_key
from tests.live.safe_home import SafeHome

DAY = 86_400.0
MUCH = 48 << 20


@pytest.fixture(params=["sftp", "s3"])
def both(request: pytest.FixtureRequest, tmp_path: Path, restic_template: Path, until: Until) -> Iterator[Both]:
    with elsewhere(request.param, tmp_path, until) as place:
        yield Both(tmp_path, "restic", restic_template, place)


@pytest.fixture
def in_folder(tmp_path: Path, restic_template: Path) -> Both:
    return Both(tmp_path, "restic", restic_template, Folder(tmp_path / "mount"))


@pytest.fixture
def files(tmp_path: Path) -> Both:
    """The same without restic."""
    return Both(tmp_path, "file", None, Folder(tmp_path / "mount"))


def same(home: SafeHome, folder: Path) -> bool:
    """Return whether *folder* has what the home has done."""
    return not subprocess.run(["diff", "-r", home.root / "done", folder], capture_output=True, check=False).returncode


def test_a_copy_and_its_key_open_an_empty_machine(both: Both, tmp_path: Path) -> None:
    home = both.home
    words = note_words(home, tmp_path)
    code, said = home.ends("backup", "offsite", "init")
    assert code == 0, said
    code, said = home.ends("backup", "run")
    assert code == 0, said
    assert "off-site" not in said.replace("copying off-site", "")
    (original,) = both.originals()
    assert home.ends("backup", "offsite", "init")[0] == 2  # never over another one
    listed = json.loads(home.ends("backup", "list", "--offsite", "--json")[1])
    (copy,) = listed["backups"]
    assert copy["original"] == original == home.safe().receipts.read()[-1].snapshot
    assert [line.get("state") for line in both.journal()] == ["began", "done", None]
    assert both.journal()[-1]["copied"] == [original]

    # on the sheet, and with stock restic alone
    sheet = home.ends("backup", "recovery-sheet", "--stdout")[1]
    key = tmp_path / "typed from the sheet"
    key.write_text(both.keys.offsite_recovery_key())
    assert key.read_text() in sheet
    assert both.place.repository in sheet
    done = both.place.restic(key, "restore", "latest", "--target", tmp_path / "stock")
    assert done.returncode == 0, done.stderr
    assert same(home, tmp_path / f"stock{home.root}/done")
    assert (
        both.place.restic(both.keys.file(RECOVERY), "snapshots").returncode == 12
    )  # the first one's key opens nothing

    # and by us, where nothing is but these settings and the key
    empty = SafeHome.__new__(SafeHome)
    empty.root = tmp_path / "empty"
    empty.root.mkdir()
    (empty.root / "jikimi.toml").write_text(f"[backup.offsite]\n{both.place.settings}\n")
    code, said = empty.ends("restore", copy["snapshot"], "--offsite", "--key-file", str(key), "--yes")
    assert code == 0, said
    assert same(home, empty.root / "done")

    # and no secret was a word of a command or of a log
    told = [words.read_text(), said]
    told += [path.read_text() for name in ("logs", "outputs") for path in (home.root / name).rglob("*.jsonl")]
    told += [path.read_text() for path in (home.root / "state/backup").glob("*.json")]
    secrets = [SECRET, *(both.keys.file(name).read_text().strip() for name in (OFFSITE, OFFSITE_RECOVERY))]
    assert "copy" in told[0].splitlines()
    assert not [secret for secret in secrets for text in told if secret in text]


def test_ten_days_away_cost_nothing_here_and_are_made_up_for(both: Both) -> None:
    ten_days_away(both, 2)
    done = both.place.restic(both.keys.file(OFFSITE_RECOVERY), "check", "--read-data")
    assert done.returncode == 0, done.stderr


def test_ten_nights_without_a_mount(files: Both) -> None:
    ten_days_away(files, 10)
    assert files.offsite.repository().verify()


def ten_days_away(both: Both, nights: int) -> None:
    """Let ten days pass with so many backups, while the place is away; then let it come back."""
    home = both.home
    both.offsite.create()
    both.run()
    assert both.check() == ("ok", "")
    newest = offsite_note(home.config).read().newest
    both.place.leave()
    for _ in range(nights):
        home.clock.advance(10 / nights * DAY)
        (home.root / f"done/{home.clock.now():%m%d}").write_text("a new day")
        receipt = both.run()
        assert receipt.outcome is Outcome.GOOD
        assert receipt.reasons[0].startswith("off-site: ")
    good = [receipt for receipt in home.safe().receipts.read() if receipt.outcome is Outcome.GOOD]
    assert len(good) == len(home.repository.snapshots()) == nights + 1
    assert home.repository.verify()
    noted = offsite_note(home.config).read()
    assert noted.newest == newest
    assert noted.failing_since == good[1].at
    state, message = both.check()
    assert (state, message.startswith("the newest copy off-site is 240 hours old: ")) == ("warn", True), message

    both.place.come_back()
    home.clock.advance(DAY)
    receipt = both.run()

    assert (receipt.outcome, receipt.reasons) == (Outcome.GOOD, ())
    assert sorted(both.originals()) == sorted(one.id for one in home.repository.snapshots())
    assert len(both.originals()) == nights + 2
    assert both.check() == ("ok", "")


def test_killed_amid_a_copy_the_next_run_completes_it(both: Both, until: Until) -> None:
    home = both.home
    (home.root / "done/much.bin").write_bytes(os.urandom(MUCH))
    home.run(replace(home.safe(), offsite=None))
    both.offsite.create()
    child = home.command("backup", "offsite", "run")
    copies = list[int]()

    def is_amid() -> bool:
        copies[:] = [pid for pid in children(child.pid) if b"copy" in words_of(pid)]
        return bool(copies) and written(copies[0]) > MUCH / 4

    until(is_amid, 60)
    child.kill()
    if isinstance(both.place, Sftp):  # else it ends with us
        kill(copies[0])
    child.communicate()
    until(lambda: not words_of(copies[0]), 20)
    assert both.originals() == []

    code, said = home.ends("backup", "offsite", "run")

    assert code == 0, said
    assert both.originals() == [one.id for one in home.repository.snapshots()]
    key = both.keys.file(OFFSITE)
    assert both.place.restic(key, "list", "locks", "--no-lock").stdout == ""
    assert both.place.restic(key, "check", "--read-data").returncode == 0


def test_a_server_with_another_key_is_not_believed(tmp_path: Path, restic_template: Path, until: Until) -> None:
    with elsewhere("sftp", tmp_path, until) as place:
        assert isinstance(place, Sftp)
        both = Both(tmp_path, "restic", restic_template, place)
        both.offsite.create()
        write_key(tmp_path / "another key")
        known = place.known_hosts.read_text()
        public = (tmp_path / "another key.pub").read_text().split()[1]
        place.known_hosts.write_text(f"{' '.join(known.split()[:2])} {public}\n")
        receipt = both.run()
        place.known_hosts.write_text("")
        not_known = both.run()
        place.known_hosts.write_text(known)

        for each in (receipt, not_known):
            assert each.outcome is Outcome.GOOD
            assert "unable to start the sftp session" in each.reasons[0]
        assert both.originals() == []  # and with the right key it is reached


def test_a_missing_mount_is_never_written_to(in_folder: Both) -> None:
    in_folder.offsite.create()
    in_folder.place.leave()
    mount = Path(in_folder.place.to)

    receipt = in_folder.run()

    assert receipt.reasons == (f"off-site: there is no repository off-site at {mount}",)
    assert list(mount.iterdir()) == []
    assert in_folder.check()[0] == "warn"


def test_a_copy_comes_back_by_its_day_and_as_an_export(in_folder: Both, tmp_path: Path) -> None:
    home = in_folder.home
    assert home.ends("backup", "offsite", "init")[0] == 0
    assert home.ends("backup", "run")[0] == 0
    day = home.safe().receipts.read()[-1].day
    code, said = home.ends("backup", "export", str(tmp_path / "books.tar.zst"), "--offsite", "--without-secrets")
    assert code == 0, said
    assert (tmp_path / "books.tar.zst").stat().st_size > 10_000
    shutil.rmtree(home.place)  # the first repository is lost
    (home.root / "rules/card.toml").write_text("# spoilt\n")

    code, said = home.ends("restore", "--at", (day - timedelta(days=1)).isoformat(), "--offsite", "--yes")
    assert code == 2, said
    code, said = home.ends("restore", "--at", day.isoformat(), "--only", "rules", "--offsite", "--yes")

    assert code == 0, said
    assert (home.root / "rules/card.toml").read_text() == "# rules\n"


def test_without_restic_a_folder_takes_copies_for_keys_of_their_own(files: Both, tmp_path: Path) -> None:
    home = files.home
    assert home.ends("backup", "offsite", "init")[0] == 0
    for _ in range(2):
        code, said = home.ends("backup", "run")
        assert code == 0, said
    assert files.originals() == [one.id for one in home.repository.snapshots()]
    key = tmp_path / "key"
    key.write_text(files.keys.offsite_recovery_key())
    sealed = Path(files.place.to) / f"snapshots/{files.originals()[-1]}.tar.zst.age"
    for tool in ("age", "zstd"):
        if not shutil.which(tool):
            missing(tool)
    (tmp_path / "out").mkdir()
    command = f"age --decrypt -i '{key}' '{sealed}' | zstd -d | tar x -C '{tmp_path / 'out'}'"
    subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], check=True)
    assert same(home, tmp_path / "out/home/done")
    shutil.rmtree(home.place)

    code, said = home.ends("restore", files.originals()[-1], "--offsite", "--key-file", str(key), "--yes")

    assert code == 0, said


def test_without_restic_sftp_and_s3_say_what_they_need(tmp_path: Path) -> None:
    for name in ("key", "hosts"):
        (tmp_path / name).write_text("x")
    settings = f'to = "sftp:me@localhost:/books"\nkey_file = "{tmp_path}/key"\nknown_hosts = "{tmp_path}/hosts"'
    both = Both(tmp_path, "file", None, Elsewhere("sftp:me@localhost:/books", settings))

    code, said = both.home.ends("backup", "offsite", "init")

    assert code == 2
    assert "SFTP and S3 need a repository of restic: sftp:me@localhost:/books" in said
    code, said = both.home.ends("backup", "run")
    assert code == 0, said
