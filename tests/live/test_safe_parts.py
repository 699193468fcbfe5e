"""What the safe copies comes from live parts: databases under writers, a queue, a clone with work in it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from jikimi.backup.archive import FileRepository
from jikimi.backup.drill import Drill
from jikimi.backup.git_bundle import WORK_REF, bundle, bundle_problem
from jikimi.backup.manifest import Manifest, look
from jikimi.backup.pipeline import Pipeline
from jikimi.backup.port import NotStored, Source, Told, nobody
from jikimi.backup.redis_dump import dump_redis
from jikimi.backup.snapshot import Outcome
from jikimi.backup.sqlite_copy import copy_sqlite, problems, rows_of
from jikimi.backup.wanted import Wanted
from jikimi.broker import connect
from jikimi.cli.safe import safe_keys
from jikimi.clock import SystemClock
from jikimi.embedded.redis_server import redis_server_binary
from tests.conftest import Until
from tests.live.safe_home import SafeHome, make_ledger

# moves amounts between rows for ever: the sum stays what it was
WRITES = """
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
number = 0
while True:
    base.execute("BEGIN IMMEDIATE")
    base.execute("UPDATE account_move_line SET amount = amount + 7 WHERE id = ?", (number % 2000 + 1,))
    base.execute("UPDATE account_move_line SET amount = amount - 7 WHERE id = ?", ((number * 31) % 2000 + 1,))
    base.execute("INSERT INTO account_move_line (amount) VALUES (0)")
    base.execute("COMMIT")
    number += 1
"""
SAVES = """
import re, sys
from datetime import UTC, datetime
from pathlib import Path
from jikimi.backup.age_file import new_identity, public_of
from jikimi.backup.archive import FileRepository
from jikimi.backup.port import Source
key = new_identity()
repository = FileRepository(Path(sys.argv[2]), [key], [public_of(key)])
repository.create()
snapshot = repository.put([Source("big", Path(sys.argv[1]))], datetime.now(UTC)).snapshot
assert repository.verify()
repository.restore(snapshot, Path(sys.argv[3]))
# not ru_maxrss: that begins with what the process had that started this one
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_15_a_database_under_continuous_writes_is_copied_whole(
    request: pytest.FixtureRequest, tmp_path: Path, until: Until, journal: str
) -> None:
    base, copy = tmp_path / "ledger.sqlite", tmp_path / "copy.sqlite"
    make_ledger(base)
    with closing(sqlite3.connect(base)) as live:
        live.execute(f"PRAGMA journal_mode = {journal}")
    writer = subprocess.Popen([sys.executable, "-c", WRITES, str(base)])
    clock, slowest = SystemClock(), 0.0
    # without a write-ahead log each copy waits for a gap between two writers
    runs = 20 if journal == "WAL" or request.config.getoption("--soak") else 4
    try:
        until(lambda: _rows(base) > 2010, 30)
        for _ in range(runs):
            began = clock.ticks()
            copy_sqlite(base, copy)
            slowest = max(slowest, clock.ticks() - began)
            assert problems(copy, thorough=True) == ""
            with closing(sqlite3.connect(copy)) as found:
                assert found.execute("SELECT sum(amount) FROM account_move_line").fetchone() == (0,)
    finally:
        writer.kill()
        writer.wait()

    assert slowest < 60
    assert rows_of(copy)["account_move_line"] > 2010
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("copy")) == ["copy.sqlite"]
    print(f"sqlite {journal}: {runs} copies whole, the slowest took {slowest:.2f} s")  # noqa: T201 - a figure


def _rows(base: Path) -> int:
    with closing(sqlite3.connect(base, timeout=30)) as live:
        return int(live.execute("SELECT count(*) FROM account_move_line").fetchone()[0])


def test_what_is_no_database_or_a_damaged_one_is_not_copied(tmp_path: Path) -> None:
    base = tmp_path / "broken.sqlite"
    make_ledger(base)
    data = bytearray(base.read_bytes())
    data[8192:12288] = os.urandom(4096)
    base.write_bytes(data)
    (tmp_path / "text.sqlite").write_text("no database at all, but long enough to look like one" * 100)

    for source in (base, tmp_path / "text.sqlite"):
        with pytest.raises(NotStored):
            copy_sqlite(source, tmp_path / "copy.sqlite")
        assert not (tmp_path / "copy.sqlite").exists()


@pytest.fixture
def drill(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    sockets = Path("/tmp") / f"jikimi-drill-{os.getpid()}"  # noqa: S108 - a socket's path must be short
    yield Drill(tmp_path / "scratch", sockets, redis_server_binary(), SystemClock())
    shutil.rmtree(sockets, ignore_errors=True)


def test_a_queue_is_dumped_over_its_connection_and_loaded_in_the_drill(
    redis_address: str, tmp_path: Path, drill: Drill
) -> None:
    home = SafeHome(tmp_path, "file")
    with connect(redis_address, retries=0) as redis:
        for number in range(500):
            redis.set(f"job-{number}", os.urandom(300))
        redis.set("전표", "기표")
    safe = replace(home.safe(), drill=drill)

    receipt = Pipeline(safe).run(Wanted(home=home.config.home, redis_url=redis_address))

    assert receipt.outcome is Outcome.GOOD, receipt
    assert receipt.content.keys == 501
    assert receipt.drilled


def test_a_queue_that_is_away_makes_the_backup_partial(tmp_path: Path) -> None:
    home = SafeHome(tmp_path, "file")

    receipt = Pipeline(home.safe()).run(Wanted(home=home.config.home, redis_url="unix:///nowhere/redis.sock"))

    assert receipt.outcome is Outcome.PARTIAL
    assert receipt.reasons[0].startswith("not copied: redis.rdb")
    assert home.restores(receipt.snapshot, tmp_path / "out")


def test_a_dump_is_quick_and_leaves_nothing_half(redis_address: str, tmp_path: Path) -> None:
    clock = SystemClock()
    with connect(redis_address, retries=0) as redis:
        redis.set("key", b"x" * 5_000_000)
    began = clock.ticks()

    keys = dump_redis(redis_address, tmp_path / "dump.rdb")

    assert keys == 1
    assert clock.ticks() - began < 5
    assert (tmp_path / "dump.rdb").read_bytes()[:5] in (b"REDIS", b"VALKE")
    assert [path.name for path in tmp_path.iterdir()] == ["dump.rdb"]
    print(f"redis: dumped in {clock.ticks() - began:.2f} s")  # noqa: T201 - a figure


def test_a_damaged_dump_fails_the_drill(redis_address: str, tmp_path: Path, drill: Drill) -> None:
    home = SafeHome(tmp_path, "file")
    with connect(redis_address, retries=0) as redis:
        redis.set("key", os.urandom(3000))
    dump = tmp_path / "redis.rdb"
    dump_redis(redis_address, dump)
    dump.write_bytes(dump.read_bytes()[:1500])
    sources = [Source("redis.rdb", dump)]
    manifest = look(sources, {})
    manifest.about = {"rows": {}, "keys": 1}
    manifest.write(tmp_path / "manifest.json")
    sources.insert(0, Source("manifest.json", tmp_path / "manifest.json"))
    snapshot = home.repository.put(sources, home.clock.now()).snapshot

    assert drill.run(home.repository, snapshot).wrong == ("redis: the dump cannot be loaded",)


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *who, "-C", str(folder), *words], capture_output=True, text=True, check=True
    ).stdout.strip()


def snapshot_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        # git marks an object that it has again as new, where it may
        path.relative_to(folder).as_posix(): ("objects" in path.parts or path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("kind", ["clone", "worktree", "no commit yet"])
def test_a_clone_is_bundled_with_its_work_and_not_a_byte_of_it_changes(tmp_path: Path, kind: str) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    git(clone, "init")
    (clone / ".gitignore").write_text("ignored\n")
    (clone / "committed").write_text("one")
    if kind != "no commit yet":
        git(clone, "add", "--all")
        git(clone, "commit", "-m", "first")
        git(clone, "tag", "v1")
    if kind == "worktree":
        git(clone, "worktree", "add", str(tmp_path / "worktree"), "-b", "other")
        clone = tmp_path / "worktree"
    (clone / "committed").write_text("two")
    (clone / "staged").write_text("staged")
    git(clone, "add", "staged")
    (clone / "untracked 파일").write_text("untracked")
    (clone / "ignored").write_text("secret")
    before = snapshot_of(tmp_path)

    bundle(clone, tmp_path / "clone.bundle")

    after = snapshot_of(tmp_path)
    after.pop("clone.bundle")
    assert after == before
    assert bundle_problem(tmp_path / "clone.bundle") == ""
    copy = tmp_path / "copy"
    copy.mkdir()
    git(copy, "init")
    git(copy, "fetch", str(tmp_path / "clone.bundle"), f"{WORK_REF}:refs/heads/work")
    git(copy, "checkout", "work")
    names = sorted(path.name for path in copy.iterdir() if path.name != ".git")
    assert names == sorted([".gitignore", "committed", "staged", "untracked 파일"])
    assert (copy / "committed").read_text() == "two"
    if kind != "no commit yet":
        assert (
            "v1"
            in subprocess.run(
                ["git", "ls-remote", str(tmp_path / "clone.bundle")], capture_output=True, text=True, check=True
            ).stdout
        )


def test_a_cut_off_bundle_is_found(tmp_path: Path) -> None:
    (tmp_path / "x.bundle").write_bytes(b"# v2 git bundle\n")

    assert bundle_problem(tmp_path / "x.bundle")


def test_27_many_small_files_and_a_large_one_in_little_memory(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    soak = request.config.getoption("--soak")
    folder = tmp_path / "big"
    folder.mkdir()
    for number in range(10_000 if soak else 3000):
        (folder / f"작은 파일 {number}").write_bytes(f"{number}".encode() * (number % 50))
    with (folder / "large").open("wb") as file:
        chunk = os.urandom(1 << 20)
        for _ in range(5000 if soak else 150):
            file.write(chunk)
    clock = SystemClock()
    began = clock.ticks()

    done = subprocess.run(
        [sys.executable, "-c", SAVES, str(folder), str(tmp_path / "repository"), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= 256
    assert subprocess.run(["diff", "-r", folder, tmp_path / "out/big"], check=False).returncode == 0
    megabytes = sum(path.stat().st_size for path in folder.iterdir()) >> 20
    print(f"file: {megabytes} MB in {clock.ticks() - began:.1f} s, at most {done.stdout.strip()} MB")  # noqa: T201 - a figure


def test_27_the_same_by_restic(request: pytest.FixtureRequest, tmp_path: Path, restic_template: Path) -> None:
    soak = request.config.getoption("--soak")
    home = SafeHome(tmp_path, "restic", restic_template)
    folder = home.root / "done/2026/10"
    folder.mkdir(parents=True)
    for number in range(10_000 if soak else 1000):
        (folder / f"작은 파일 {number}").write_bytes(f"{number}".encode() * (number % 50))
    (folder / ("가" * 85)).write_bytes(b"x" * 4096)  # 255 bytes: as long as a name may be
    with (folder / "large").open("wb") as file:
        for _ in range(5000 if soak else 60):
            file.write(os.urandom(1 << 20))

    receipt = home.run()

    assert receipt.outcome is Outcome.GOOD, receipt
    home.repository.restore(receipt.snapshot, tmp_path / "out", ["home/done"])
    assert subprocess.run(["diff", "-r", folder, tmp_path / "out/home/done/2026/10"], check=False).returncode == 0


def test_what_has_not_changed_is_not_read_again_and_what_has_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    source = [Source("a", tmp_path / "a")]
    first = look(source, {})
    lie = {"a": replace(first.files["a"], sha256="known")}

    assert look(source, lie).files["a"].sha256 == "known"
    (tmp_path / "a").write_text("two")
    assert look(source, lie).files["a"].sha256 not in ("known", first.files["a"].sha256)
    first.write(tmp_path / "manifest")
    assert Manifest.read(tmp_path / "manifest").files == first.files
    assert Manifest.read(tmp_path / "nothing").files == {}


def test_what_is_asked_for_besides_and_is_gone_makes_it_suspect(tmp_path: Path) -> None:
    home = SafeHome(tmp_path, "file")
    (home.root / "config.json").write_text("{}")
    (tmp_path / "program").mkdir()
    (tmp_path / "program/main.py").write_text("print()\n")
    wanted = Wanted(home=home.config.home, runs=False, also=("config.json", str(tmp_path / "program")))

    good = Pipeline(home.safe()).run(wanted)
    assert good.outcome is Outcome.GOOD, good
    assert home.repository.read(good.snapshot, "also/config.json") == b"{}"
    home.repository.restore(good.snapshot, tmp_path / "out", ["also"])
    assert list((tmp_path / "out").rglob("main.py"))
    shutil.rmtree(tmp_path / "program")
    home.clock.advance(86_400)

    found = Pipeline(home.safe()).run(wanted)

    assert found.outcome is Outcome.SUSPECT
    assert found.reasons[0].startswith("missing: also/")


def test_where_all_is_too_much_the_drill_restores_what_matters_and_a_part(tmp_path: Path) -> None:
    home = SafeHome(tmp_path, "file")
    for number in range(400):
        (home.root / f"inbox/{number}").write_bytes(b"x")
    snapshot = home.run().snapshot
    scratch = tmp_path / "scratch"
    seen: list[int] = []

    class Counting(FileRepository):
        def restore(self, snapshot: str, into: Path, only: Sequence[str] = (), *, told: Told = nobody) -> None:
            seen.append(len(only))
            assert {"home/state/journal.sqlite", "home/erp/company.sqlite", "home/rules/card.toml"} <= set(only)
            super().restore(snapshot, into, only, told=told)

    keys = safe_keys(home.config)
    repository = Counting(home.place, keys.identities(), keys.recipients())
    found = Drill(scratch, tmp_path, None, SystemClock(), free=lambda _: 1 << 18).run(repository, snapshot)

    assert found.is_partial
    assert not found.wrong
    assert 8 < seen[0] < 80


def test_a_database_that_was_damaged_before_it_was_saved_fails_the_drill(tmp_path: Path, drill: Drill) -> None:
    home = SafeHome(tmp_path, "file")
    base = tmp_path / "ledger.sqlite"
    make_ledger(base)
    with closing(sqlite3.connect(base)) as live, live:
        live.execute("CREATE INDEX by_amount ON account_move_line (amount)")
        live.execute("PRAGMA writable_schema = ON")
        live.execute("UPDATE sqlite_master SET sql = replace(sql, 'amount)', 'id)') WHERE name = 'by_amount'")
    sources = [Source("ledger.sqlite", base)]
    manifest = look(sources, {})
    manifest.about = {"rows": {"ledger.sqlite:account_move_line": 2000}, "keys": None}
    manifest.write(tmp_path / "manifest.json")
    sources.insert(0, Source("manifest.json", tmp_path / "manifest.json"))
    snapshot = home.repository.put(sources, home.clock.now()).snapshot

    (wrong,) = drill.run(home.repository, snapshot).wrong

    assert wrong.startswith("sqlite: ledger.sqlite: ")
