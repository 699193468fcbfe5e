"""`jikimi backup rotate-key` on both engines: nothing becomes unreadable, and the sheet must be printed anew."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from jikimi.backup.age_file import new_identity
from jikimi.backup.keys import SafeKeys
from jikimi.backup.lock import holding
from jikimi.backup.port import WrongKey
from jikimi.backup.snapshot import Outcome
from jikimi.backup.standing import Standing, key_standing
from jikimi.cli.safe import key_dates, repository_at
from jikimi.clock import SystemClock
from tests.live.safe_home import NIGHT, SafeHome


@pytest.fixture(params=["file", "restic"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> SafeHome:
    template = request.getfixturevalue("restic_template") if request.param == "restic" else None
    return SafeHome(tmp_path, request.param, template)


def test_after_new_keys_all_is_readable_and_the_sheet_is_asked_for(home: SafeHome, tmp_path: Path) -> None:
    old = home.run()
    keys = home.safe().keys
    assert keys.confirm(keys.code(), NIGHT)
    sheet = tmp_path / "old sheet"
    sheet.write_text(keys.recovery_key())
    was = set(keys.identities())

    code, said = home.ends("backup", "rotate-key")

    assert code == 0, said
    assert "recovery-sheet" in said
    assert ("keep it, too" in said) is (home.engine == "file")
    assert not {line for key in was for line in said.splitlines() if key in line}
    made, confirmed = key_dates(home.config)
    assert made
    assert key_standing(made, confirmed, made + timedelta(days=1)).state is Standing.WARN
    assert json.loads((home.root / "state/backup/keys.json").read_text())["confirmed"] is None
    home.clock.advance(86_400)
    new = home.run()
    assert new.outcome is Outcome.GOOD, new.reasons
    for receipt in (old, new):
        assert home.restores(receipt.snapshot, tmp_path / "out")

    # who has the new sheet and no machine
    paper = tmp_path / "new sheet"
    paper.write_text(keys.recovery_key())
    nobodys = SafeKeys(tmp_path / "no keys")
    alone = repository_at(home.place, nobodys, paper, tmp_path / "scratch")
    assert alone.read(new.snapshot, "manifest.json")
    former = repository_at(home.place, nobodys, sheet, tmp_path / "scratch")
    with pytest.raises(WrongKey):
        former.read(new.snapshot, "manifest.json")
    if home.engine == "restic":
        assert alone.read(old.snapshot, "manifest.json")
        assert len(list((home.place / "restic/keys").iterdir())) == 2
    else:
        assert former.read(old.snapshot, "manifest.json")
        retired = alone.read(new.snapshot, "home/keys/backup/retired").decode().split()
        assert set(retired) == was  # the new sheet opens the new backup, and what lies in it the old ones


def test_a_wrong_key_or_a_run_under_way_changes_nothing(home: SafeHome) -> None:
    home.run()
    keys = home.safe().keys
    was = keys.identities()
    machine = keys.file("machine").read_text()
    keys.file("machine").write_text(f"{new_identity()}\n")
    keys.file("recovery").rename(keys.file("recovery").with_name("elsewhere"))
    keys.file("recovery").write_text(f"{new_identity()}\n")

    code, said = home.ends("backup", "rotate-key")

    assert code == 2
    assert "does not open" in said
    keys.file("recovery").with_name("elsewhere").rename(keys.file("recovery"))
    keys.file("machine").write_text(machine)
    with holding(home.safe().state, SystemClock(), home.safe().zone):
        assert home.ends("backup", "rotate-key")[0] == 2
    assert keys.identities() == was
    assert home.run().outcome is Outcome.GOOD
