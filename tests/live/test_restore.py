"""Restores of a whole home: on both engines, on an empty host, killed midway, and with its queue."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jikimi.backup.building import Building, InTheWay, MadeByNewer, NoRoomToRestore
from jikimi.backup.pipeline import Pipeline
from jikimi.backup.port import Damaged, NoSnapshot
from jikimi.backup.rotation import rotate
from jikimi.backup.scratch_redis import ScratchRedis
from jikimi.backup.switch_files import JOURNAL, PAUSED
from jikimi.backup.wanted import Wanted
from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.embedded.redis_server import redis_part, redis_server_binary, redis_url
from jikimi.runtime.process import ProcessRuntime
from tests.conftest import Until
from tests.live.safe_home import NIGHT, SafeHome

KILLS = 24
DATA = ("jikimi.toml", "rules", "inbox", "work", "done", "rejected", "duplicate", "keys/erp-application")


@pytest.fixture(params=["file", "restic"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> SafeHome:
    template = request.getfixturevalue("restic_template") if request.param == "restic" else None
    return SafeHome(tmp_path, request.param, template)


@pytest.fixture
def file_home(tmp_path: Path) -> SafeHome:
    return SafeHome(tmp_path, "file")


def content(root: Path) -> dict[str, str]:
    """Return the checksum of each file of a home's data."""
    found = [path for name in DATA for path in ((root / name).rglob("*") if (root / name).is_dir() else [root / name])]
    files = [*found, *(path for folder in ("state", "erp") for path in (root / folder).glob("*.sqlite"))]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


def change(home: SafeHome) -> None:
    """Change, add and remove; a stale log stands beside a database."""
    (home.root / "done/2026/11/명세서-1.csv").write_text("changed")
    (home.root / "done/2026/11/명세서-2.csv").unlink(missing_ok=True)
    (home.root / "inbox/later.csv").write_text("later")
    (home.root / "rules/card.toml").write_text("# other rules\n")
    shutil.copyfile(home.root / "state/journal.sqlite", home.root / "state/journal.sqlite-wal")


def saved(home: SafeHome) -> tuple[str, dict[str, str]]:
    """Make a backup; return its snapshot and what a restore of it has to bring back."""
    snapshot = home.run().snapshot
    home.repository.restore(snapshot, home.root.parent / "seen")
    return snapshot, content(home.root.parent / "seen/home")


def test_everything_comes_back_and_the_old_is_kept(home: SafeHome) -> None:
    snapshot, was = saved(home)
    change(home)
    changed = content(home.root)

    code, said = home.ends("restore", snapshot, "--yes")

    assert code == 0, said
    assert content(home.root) == was != changed
    assert not list((home.root / "state").glob("*.sqlite-*"))
    (old,) = home.root.glob("done.before-restore-*")
    assert (old / "2026/11/명세서-1.csv").read_text() == "changed"
    assert (home.root / PAUSED).exists()
    assert not (home.root / JOURNAL).exists()
    assert not list(home.root.glob("*.new"))
    assert home.run().outcome == "good"  # the safe goes on with its keys and its repository


def test_19_21_an_empty_host_needs_the_repository_and_the_key_of_the_sheet(home: SafeHome, tmp_path: Path) -> None:
    snapshot, was = saved(home)
    key, repository, host = tmp_path / "key.txt", tmp_path / "repository", tmp_path / "host"
    key.write_text(f"{home.safe().keys.recovery_key()}\n")
    shutil.move(home.place, repository)
    shutil.rmtree(home.root)
    command = [sys.executable, "-m", "jikimi", "--home", str(host), "--lang", "en", "restore"]
    words = ["--from", str(repository), "--yes"]

    def run(*more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command, *words, *more], env=home.environment(), capture_output=True, text=True, check=False
        )

    assert run(snapshot).returncode == 2  # no key
    other = tmp_path / "other.txt"
    other.write_text("AGE-SECRET-KEY-1QQQQ\n")
    assert run(snapshot, "--key-file", str(other)).returncode != 0
    done = run("--at", "2026-11-24", "--key-file", str(key))

    assert done.returncode == 0, done.stderr
    assert snapshot in done.stdout
    assert content(host) == was
    assert (host / "keys/backup/machine").stat().st_mode & 0o077 == 0
    assert (host / "keys").stat().st_mode & 0o077 == 0


def test_one_file_or_one_folder_comes_back_alone(home: SafeHome) -> None:
    snapshot, was = saved(home)
    change(home)
    only = ("--only", "done/2026/11/명세서-2.csv", "--only", "state/journal.sqlite")
    assert home.ends("restore", snapshot, "--yes", *only)[0] == 0
    now = content(home.root)
    assert now["done/2026/11/명세서-2.csv"] == was["done/2026/11/명세서-2.csv"]
    assert now["done/2026/11/명세서-1.csv"] != was["done/2026/11/명세서-1.csv"]
    assert (home.root / "inbox/later.csv").exists()
    assert not (home.root / "state/journal.sqlite-wal").exists()
    kept = {path.name for path in home.root.glob("state.before-restore-*/*")}
    assert kept >= {"journal.sqlite", "journal.sqlite-wal"}
    code, said = home.ends("restore", snapshot, "--yes", "--only", "nothing")
    assert (code, "no such part" in said) == (64, True)


def test_a_damaged_snapshot_changes_nothing(file_home: SafeHome) -> None:
    snapshot, _ = saved(file_home)
    (path,) = (file_home.place / "snapshots").glob("*.age")
    data = bytearray(path.read_bytes())
    data[-2000] ^= 1
    path.write_bytes(data)
    change(file_home)
    changed = content(file_home.root)

    code, said = file_home.ends("restore", snapshot, "--yes")

    assert (code, "damaged" in said) == (2, True)
    assert content(file_home.root) == changed
    assert not [path.name for path in file_home.root.iterdir() if "restore" in path.name]


def building(home: SafeHome, free: int = 1 << 30, version: str = "") -> Building:
    def no_redis() -> ScratchRedis:
        raise AssertionError("no dump was saved")

    return Building(home.config.home, home.repository, no_redis, version=version, free=lambda _: free)


def test_too_little_room_and_what_lies_in_the_way_are_told_before_anything_is_done(file_home: SafeHome) -> None:
    receipt = file_home.run()
    size = sum(path.stat().st_size for path in (file_home.root / "done").rglob("*.csv"))
    least = size * 12 // 10
    assert building(file_home, least).plan(receipt.snapshot, ["done"], "1").parts
    with pytest.raises(NoRoomToRestore):
        building(file_home, least - size // 20).plan(receipt.snapshot, ["done"], "1")
    with pytest.raises(NoSnapshot):
        building(file_home).plan("", (), "1")
    (file_home.root / "rules.new").mkdir()
    with pytest.raises(InTheWay):
        building(file_home).plan(receipt.snapshot, (), "1")


def test_29_what_a_newer_version_made_is_refused_with_its_name(file_home: SafeHome) -> None:
    home, versions = file_home.config.home, (("jikimi", "0.10.0"),)
    receipt = Pipeline(file_home.safe()).run(Wanted(home=home, runs=False, versions=versions))

    for version in ("0.10.0", "0.11.2", "1.0.0"):
        assert building(file_home, version=version).plan(receipt.snapshot, (), "1").parts
    for version in ("0.9.0", "0.9.99"):
        with pytest.raises(MadeByNewer, match=r"0\.10\.0"):
            building(file_home, version=version).plan(receipt.snapshot, (), "1")


def test_the_keys_of_the_safe_are_never_set_back(file_home: SafeHome) -> None:
    snapshot, _ = saved(file_home)
    keys = file_home.safe().keys
    rotate(keys, lambda: file_home.repository, NIGHT)
    later = file_home.run().snapshot
    before = keys.identities()

    assert file_home.ends("restore", snapshot, "--yes")[0] == 0

    assert set(before) <= set(file_home.safe().keys.identities())
    file_home.repository.read(later, "manifest.json")


def test_nothing_starts_on_a_restore_that_is_not_finished(file_home: SafeHome) -> None:
    snapshot, was = saved(file_home)
    change(file_home)
    child = file_home.command("restore", snapshot, "--yes")
    _kill_when(file_home.root / JOURNAL, child, 1)
    for words in (("up",), ("up", "--detach"), ("backup", "run"), ("restore", snapshot, "--yes")):
        code, said = file_home.ends(*words)
        assert code == 2, said
        assert "--resume" in said
        assert "--abort" in said
    assert file_home.ends("restore", "--resume")[0] == 0
    assert content(file_home.root) == was


def test_23_killed_at_random_points_it_is_the_old_or_the_new(file_home: SafeHome) -> None:
    snapshot, new = saved(file_home)
    hits, phases = 0, set[str]()
    for number in range(KILLS):
        change(file_home)
        old = content(file_home.root)
        child = file_home.command("restore", snapshot, "--yes")
        _kill_when(file_home.root / JOURNAL, child, number + 1)
        if not (file_home.root / JOURNAL).exists():
            assert content(file_home.root) == new
        else:
            hits += 1
            phases.add(json.loads((file_home.root / JOURNAL).read_text())["phase"])
            way = ("--resume", "--abort")[number % 2]
            code, said = file_home.ends("restore", way)
            assert code == 0, said
            assert content(file_home.root) == (new if way == "--resume" else old), number
        assert not list(file_home.root.glob("*.new"))
        for kept in file_home.root.glob("*.before-restore-*"):
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
    print(f"{hits} kills of {KILLS} hit, in {phases}")  # noqa: T201 - a figure for the reader
    assert hits >= KILLS // 2  # how many come in time is up to the machine
    assert phases == {"building", "switching"}


def _kill_when(journal: Path, child: "subprocess.Popen[str]", changes: int) -> None:
    """Kill *child* as soon as its journal has changed so often."""
    seen, last = 0, (0, 0)
    while child.poll() is None:
        try:
            found = journal.stat()
        except FileNotFoundError:
            continue
        if (found.st_mtime_ns, found.st_ino) != last:
            seen, last = seen + 1, (found.st_mtime_ns, found.st_ino)
            if seen >= changes:
                break
    child.send_signal(signal.SIGKILL)
    child.communicate()


def test_24_a_queue_comes_back_with_all_its_keys(file_home: SafeHome, until: Until, tmp_path: Path) -> None:
    home, clock = file_home.config.home, SystemClock()
    runtime, part = ProcessRuntime(home.run_dir.name), redis_part(home)
    running = runtime.start(part.spec)
    try:
        until(lambda: part.ready(running.pid), 20)
        with connect(redis_url(home), retries=0) as redis:
            for number in range(500):
                redis.set(f"key-{number}", number)
            redis.set("ends", 1, px=1)
            receipt = Pipeline(file_home.safe()).run(Wanted(home=home, redis_url=redis_url(home)))
            redis.flushall()
    finally:
        runtime.stop(running, 5.0)
    assert receipt.outcome == "good", receipt.reasons

    assert file_home.ends("restore", receipt.snapshot, "--yes")[0] == 0

    part = redis_part(home)
    running = runtime.start(part.spec)
    try:
        until(lambda: part.ready(running.pid), 20)
        with connect(redis_url(home), retries=0) as redis:
            assert redis.dbsize() == 500
            assert redis.get("key-499") == b"499"
            assert redis.config_get("appendonly") == {"appendonly": "yes"}
    finally:
        runtime.stop(running, 5.0)
    broken = tmp_path / "broken.rdb"
    broken.write_bytes(b"REDIS0011 nothing")
    with pytest.raises(Damaged):
        ScratchRedis(redis_server_binary(), home.run_dir / "scratch", clock).write_log(broken, tmp_path / "log")
