"""The safe of a stack of containers: saved, restored once for proof, seen by the supervisor."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.docker.compose import ROOT, ComposeStack
from tests.docker.faults import dropped

pytestmark = pytest.mark.timeout(400)
_SAVED_WITHIN_S = 200.0


def said(well: ComposeStack, *words: str) -> str:
    answer = well.compose("exec", "-T", "backup", "jikimi", *words, within_s=_SAVED_WITHIN_S)
    assert answer.returncode == 0, answer.stdout[:2000] + answer.stderr
    return answer.stdout


def test_a_backup_is_made_proved_and_seen(well: ComposeStack) -> None:
    name, _ = dropped(well, 5)
    well.until_done(name)

    receipt = json.loads(said(well, "backup", "run", "--json"))
    listed = json.loads(said(well, "backup", "list", "--json"))

    assert (receipt["outcome"], receipt["verified"], receipt["drilled"]) == ("good", True, True)
    assert receipt["snapshot"] in json.dumps(listed)
    well.until(lambda: well.status()["backup"]["last_good"], 90.0)
    assert well.status()["backup"]["verified"]


def test_the_books_the_queue_the_keys_and_the_home_are_in_it(well: ComposeStack, tmp_path: Path) -> None:
    saved = sum(well.posted().values())
    snapshot = json.loads(said(well, "backup", "run", "--json"))["snapshot"]
    target = f"/backups/{tmp_path.name}.tar.zst.age"

    assert json.loads(said(well, "backup", "drill", snapshot, "--json"))["drilled"]

    receipts = [json.loads(path.read_text()) for path in (well.home / "backups").glob("receipts/*.json")]
    counted = next(receipt["content"]["rows"] for receipt in receipts if receipt["snapshot"] == snapshot)
    rows = {name: count for name, count in counted.items() if name.endswith(":account_move")}
    assert rows["databases/company.sql:account_move"] >= saved
    assert set(rows) == {"databases/company.sql:account_move", "databases/practice.sql:account_move"}
    said(well, "backup", "export", target, "--snapshot", snapshot)
    assert (well.home / "backups" / f"{tmp_path.name}.tar.zst.age").stat().st_size > 0


def test_without_the_ledger_s_server_no_backup_is_called_good(well: ComposeStack) -> None:
    network = f"{well.project}_books"
    well.engine.disconnect_container_from_network(well.container("backup"), network)
    try:
        answer = well.compose("exec", "-T", "backup", "jikimi", "backup", "run", "--json", within_s=_SAVED_WITHIN_S)
    finally:
        well.engine.connect_container_to_network(well.container("backup"), network, aliases=["backup"])

    receipt = json.loads(answer.stdout)
    assert answer.returncode == 2
    assert receipt["outcome"] != "good"
    assert "databases/company.sql" in json.dumps(receipt["reasons"])


def test_the_keys_are_in_no_container_but_the_safe_s_own(well: ComposeStack) -> None:
    key = said(well, "backup", "recovery-sheet", "--stdout")
    assert "AGE-SECRET-KEY" in key
    secrets = [word for word in key.replace("<", " ").replace(">", " ").split() if word.startswith("AGE-SECRET-KEY")]

    for service in ("supervisor", "erp-worker", "rpa-worker", "scheduler"):
        found = well.compose("exec", "-T", service, "sh", "-c", "cat /keys/* /data/state/backup/* 2> /dev/null").stdout
        assert not [secret for secret in secrets if secret in found]
        elsewhere = well.compose("exec", "-T", service, "jikimi", "backup", "list")
        assert elsewhere.returncode == 64
        assert "docker compose exec backup jikimi backup --help" in elsewhere.stderr


def test_a_folder_of_backups_that_cannot_be_written_is_told(well: ComposeStack) -> None:
    folder = well.home / "backups"
    mode = folder.stat().st_mode
    folder.chmod(0o500)
    try:
        answer = well.compose("exec", "-T", "backup", "jikimi", "backup", "run", within_s=_SAVED_WITHIN_S)
    finally:
        folder.chmod(mode)

    assert answer.returncode == 2
    assert "/backups" in answer.stdout


@contextmanager
def locked(well: ComposeStack, table: str) -> Iterator[None]:
    """Let nobody read a table of the company's ledger, so that a dump waits."""
    words = ("exec", "-T", "erp-db", "psql", "-q", "-U", "jikimi", "-h", "/run/postgresql", "-d", "company")
    with subprocess.Popen(
        ["docker", "compose", *words], cwd=ROOT, env=well.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as psql:
        assert psql.stdin is not None
        assert psql.stdout is not None
        psql.stdin.write(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;\n\\echo held\n".encode())
        psql.stdin.flush()
        assert psql.stdout.readline() == b"held\n"
        yield
        psql.stdin.close()


def dumping(well: ComposeStack) -> list[psutil.Process]:
    """Return the processes of the safe's container that dump."""
    found = []
    for pid in well.pids("backup"):
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            found += [process] if process.name() == "pg_dump" else []
    return found


@contextmanager
def saving(well: ComposeStack) -> "Iterator[subprocess.Popen[bytes]]":
    """Have a backup under way that has come as far as the ledger."""
    words = ["docker", "compose", "exec", "-T", "backup", "jikimi", "backup", "run", "--json"]
    with subprocess.Popen(words, cwd=ROOT, env=well.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        well.until(lambda: dumping(well), 60.0)
        yield run


def test_16_a_dump_that_dies_midway_is_no_good_backup(well: ComposeStack) -> None:
    with locked(well, "account_move"), saving(well) as run:
        for process in dumping(well):
            process.kill()
        said_then, _ = run.communicate(timeout=_SAVED_WITHIN_S)

    receipt = json.loads(said_then)
    assert run.returncode == 2
    assert receipt["outcome"] != "good"
    assert "databases/company.sql" in json.dumps(receipt["reasons"])


def test_02_a_container_killed_amid_a_backup_needs_nobody(well: ComposeStack) -> None:
    with locked(well, "account_move"), saving(well) as run:
        well.signal("backup", signal.SIGKILL)
        run.communicate(timeout=_SAVED_WITHIN_S)
    well.until_ok()

    receipt = json.loads(said(well, "backup", "run", "--json"))

    assert (receipt["outcome"], receipt["verified"], receipt["drilled"]) == ("good", True, True)
    assert "retain" in receipt["seconds"]


def test_30_a_small_container_is_enough(well: ComposeStack) -> None:
    name, most = well.container("backup"), well.inspect("backup")["HostConfig"]["Memory"]
    well.engine.update_container(name, mem_limit="256m", memswap_limit="256m")
    try:
        receipt = json.loads(said(well, "backup", "run", "--json"))
    finally:
        well.engine.update_container(name, mem_limit=most, memswap_limit=2 * most)

    assert receipt["outcome"] == "good"
