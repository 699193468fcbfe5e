"""The person who has the home and the services' user both work in it, and nothing else of the machine is touched."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jikimi.compose.rights import HomeNotWritable, check_as_services, give_to_services, open_home
from jikimi.text import Lang

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders to others and acts as another user")
PERSON, OTHER, SERVICES = 1000, 1234, 10001
_WORK = """
import os, pathlib, sys
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1])); os.umask(0o022)
folder, theirs = pathlib.Path(sys.argv[2]), [pathlib.Path(each) for each in sys.argv[3:]]
(folder / "own").write_text("own")
(folder / "own").rename(folder / "renamed")
(folder / "renamed").unlink()
for each in theirs:
    each.read_bytes()
    each.rename(folder / "taken").unlink()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user can come to; those of pytest are closed to all but their owner."""
    place = Path(tempfile.mkdtemp(prefix="jikimi-rights-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def home(place: Path) -> Path:
    """A home that its person has made, with a file settled long ago."""
    home = place / "home"
    for name in ("inbox/card", "rejected", "rules", "done/2026/11", "outputs/results", "work"):
        (home / name).mkdir(parents=True)
    for name in ("jikimi.toml", "inbox/card/a.csv", "rules/card.toml", "done/2026/11/old.csv", "outputs/log.jsonl"):
        (home / name).write_text(name)
    for path in (home, *home.rglob("*")):
        os.chown(path, PERSON, PERSON)
        path.chmod(0o700 if path.is_dir() else 0o600)
    return home


def work(user: int, folder: Path, *theirs: Path) -> str:
    """Make, rename and remove in *folder* as *user*, and take away files of others; return what went wrong."""
    command = [sys.executable, "-IS", "-c", _WORK, str(user), str(folder), *map(str, theirs)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def rights(path: Path) -> tuple[int, int, int]:
    status = path.lstat()
    return status.st_uid, status.st_gid, status.st_mode & 0o7777


@pytest.mark.parametrize("user", [PERSON, SERVICES])
@pytest.mark.parametrize("folder", ["inbox", "inbox/card", "rejected", "rules", "work", "done", "outputs/results"])
def test_both_make_rename_and_remove_in_the_folders(home: Path, user: int, folder: str) -> None:
    open_home(home)

    assert work(user, home / folder) == ""


@pytest.mark.parametrize(("user", "other"), [(PERSON, SERVICES), (SERVICES, PERSON)])
def test_each_takes_away_what_the_other_has_dropped(home: Path, user: int, other: int) -> None:
    open_home(home)
    dropped = home / "inbox/card/dropped.csv"
    make = "import os, sys; os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1])); open(sys.argv[2], 'w').close()"
    subprocess.run([sys.executable, "-IS", "-c", make, str(other), str(dropped)], check=True)

    assert work(user, home / "inbox/card", dropped) == ""


def test_without_it_the_services_can_do_nothing_there(home: Path) -> None:
    assert "PermissionError" in work(SERVICES, home / "inbox/card")


def test_the_person_stays_the_owner_and_the_services_are_the_group(home: Path) -> None:
    open_home(home)

    for folder in (home, home / "inbox", home / "inbox/card", home / "done", home / "outputs/results"):
        assert rights(folder) == (PERSON, SERVICES, 0o2775)
    for file in (home / "jikimi.toml", home / "inbox/card/a.csv", home / "rules/card.toml"):
        assert rights(file) == (PERSON, SERVICES, 0o664)


def test_what_root_has_made_for_the_person_becomes_the_person_s(home: Path) -> None:
    (home / "rules/new.toml").write_text("")

    open_home(home)

    assert rights(home / "rules/new.toml") == (PERSON, SERVICES, 0o664)


def test_folders_that_a_restore_has_made_become_the_person_s(home: Path) -> None:
    settings, rules = home / "jikimi.toml", home / "rules"
    for path in (settings, *(each for name in ("inbox", "rules") for each in (home / name, *(home / name).rglob("*")))):
        os.chown(path, SERVICES, SERVICES)

    open_home(home)

    assert (home / "inbox").stat().st_uid == (home / "inbox/card").stat().st_uid == PERSON
    assert settings.stat().st_uid == rules.stat().st_uid == (rules / "card.toml").stat().st_uid == PERSON
    assert work(PERSON, home / "inbox/card", home / "inbox/card/a.csv") == ""


def test_what_belongs_to_a_third_one_keeps_its_owner(home: Path) -> None:
    os.chown(home / "inbox/card/a.csv", OTHER, OTHER)

    open_home(home)

    assert rights(home / "inbox/card/a.csv")[:2] == (OTHER, OTHER)


def test_the_years_of_settled_files_are_not_walked_through(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_into: list[Path] = []

    def watched(really: Callable[..., Any]) -> Callable[..., Any]:
        def look(path: Path) -> object:
            looked_into.append(Path(path))
            return really(path)

        return look

    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))

    open_home(home)

    assert rights(home / "done/2026/11/old.csv") == (PERSON, PERSON, 0o600)
    assert rights(home / "done/2026/11") == (PERSON, SERVICES, 0o2775)
    assert home / "done" in looked_into
    assert home / "done/2026/11" not in looked_into


def test_a_second_run_changes_nothing(home: Path) -> None:
    open_home(home)
    before = {path: (rights(path), path.stat().st_mtime_ns) for path in home.rglob("*")}

    open_home(home)

    assert {path: (rights(path), path.stat().st_mtime_ns) for path in home.rglob("*")} == before


def test_a_home_that_a_stack_without_containers_has_used_is_written_on(home: Path) -> None:
    with pytest.raises(HomeNotWritable):
        check_as_services([home / "outputs"])

    open_home(home)

    assert work(SERVICES, home / "done/2026/11") == ""
    assert rights(home / "outputs/log.jsonl") == (PERSON, SERVICES, 0o664)
    check_as_services([home / name for name in ("done", "outputs")])


@pytest.mark.parametrize("below", ["folder", "log.jsonl"])
def test_a_log_or_folder_of_somebody_else_is_told(home: Path, below: str) -> None:
    open_home(home)
    theirs = home / "outputs" / below
    theirs.unlink(missing_ok=True)
    theirs.mkdir() if below == "folder" else theirs.touch()
    os.chown(theirs, OTHER, OTHER)
    theirs.chmod(0o755 if below == "folder" else 0o644)

    with pytest.raises(HomeNotWritable):
        check_as_services([home / "outputs"])


def test_secrets_of_a_stack_without_containers_stay_closed(home: Path) -> None:
    (home / "keys").mkdir(mode=0o700)

    open_home(home)

    assert rights(home / "keys")[2] == 0o700


def test_what_vanishes_meanwhile_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "inbox/card/gone.csv").touch()
    really = os.chown

    def taken_away(path: Path, user: int, group: int) -> None:
        if Path(path).name == "gone.csv":
            Path(path).unlink()
        really(path, user, group)

    monkeypatch.setattr(os, "chown", taken_away)

    open_home(home)

    assert rights(home / "rules/card.toml") == (PERSON, SERVICES, 0o664)


@pytest.mark.parametrize("link", ["inbox/card/link", "inbox/link", "link", "done/link", "rules/link.toml", "link.toml"])
@pytest.mark.parametrize("kind", ["file", "folder", "nothing"])
def test_a_link_is_not_followed(home: Path, place: Path, link: str, kind: str) -> None:
    outside = place / "outside"
    if kind == "folder":
        outside.mkdir()
    kept = outside / "kept" if kind == "folder" else outside
    if kind != "nothing":
        kept.write_text("kept")
        kept.chmod(0o600)
    (home / link).symlink_to(outside)

    open_home(home)

    if kind != "nothing":
        assert rights(kept) == (0, 0, 0o600)
        assert rights(outside)[:2] == (0, 0)


def test_a_file_system_without_owners_is_left_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "chown", refused)

    open_home(home)

    assert rights(home / "inbox")[0] == PERSON


def test_what_the_services_can_write_passes_and_keeps_no_trace(home: Path) -> None:
    open_home(home)
    folders = [home / name for name in ("inbox", "work", "done", "outputs")]
    before = sorted(home.rglob("*"))

    check_as_services(folders)

    assert sorted(home.rglob("*")) == before
    assert (os.geteuid(), os.getegid()) == (0, 0)


@pytest.mark.parametrize("mode", [0o755, 0o2755, 0o555, 0o700, 0o776])
def test_a_folder_that_the_services_cannot_write_is_named_with_the_system_s_words(place: Path, mode: int) -> None:
    good, bad = place / "good", place / "bad"
    for folder in (good, bad):
        folder.mkdir()
        folder.chmod(0o777 if folder == good else mode)

    with pytest.raises(HomeNotWritable) as caught:
        check_as_services([good, bad])

    assert caught.value.facts == {"folder": bad, "user": SERVICES, "why": os.strerror(errno.EACCES)}
    assert "sudo chown -R $(id -u):10001 home" in caught.value.explain(Lang.EN)


def test_a_group_that_only_whoever_checks_belongs_to_does_not_count(place: Path) -> None:
    os.chown(place, 0, OTHER)
    place.chmod(0o775)
    before = os.getgroups()
    os.setgroups([OTHER])
    try:
        with pytest.raises(HomeNotWritable):
            check_as_services([place])
    finally:
        os.setgroups(before)


@pytest.mark.parametrize(("name", "code"), [("missing", errno.ENOENT), ("file", errno.ENOTDIR)])
def test_a_folder_that_is_none_is_named_with_the_system_s_words(place: Path, name: str, code: int) -> None:
    (place / "file").touch()

    with pytest.raises(HomeNotWritable) as caught:
        check_as_services([place / name])

    assert caught.value.facts["why"] == os.strerror(code)


def test_what_is_given_to_the_services_is_theirs_with_all_that_is_in_it(place: Path) -> None:
    (place / "data/state").mkdir(parents=True)
    (place / "data/state/journal.sqlite").touch()

    give_to_services([place / "data/state/beats", place / "data", place / "new/deep"])

    found = [place / "data", *(place / "data").rglob("*"), place / "new/deep"]
    assert {path.name for path in found} == {"data", "state", "beats", "journal.sqlite", "deep"}
    assert {rights(path)[:2] for path in found} == {(SERVICES, SERVICES)}


def test_what_a_link_in_it_points_to_is_not_given_away(place: Path) -> None:
    (place / "data").mkdir()
    (place / "outside").mkdir()
    (place / "outside/file").touch()
    (place / "data/folder").symlink_to(place / "outside")
    (place / "data/file").symlink_to(place / "outside/file")

    give_to_services([place / "data"])

    assert rights(place / "data/folder")[:2] == rights(place / "data/file")[:2] == (SERVICES, SERVICES)
    assert rights(place / "outside")[:2] == rights(place / "outside/file")[:2] == (0, 0)
