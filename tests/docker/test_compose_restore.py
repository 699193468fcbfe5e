"""A whole stack of containers goes back to a backup, beside a supervisor that lives on; and once killed on its way."""

import json
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.docker.compose import ROOT, ComposeStack
from tests.docker.conftest import PERSON
from tests.docker.faults import dropped

pytestmark = pytest.mark.timeout(600)
_WITHIN_S = 200.0


def in_safe(well: ComposeStack, *words: str) -> "subprocess.CompletedProcess[str]":
    return well.compose("exec", "-T", "backup", "jikimi", *words, within_s=_WITHIN_S)


def saved(well: ComposeStack) -> str:
    answer = in_safe(well, "backup", "run", "--json")
    assert answer.returncode == 0, answer.stdout
    return str(json.loads(answer.stdout)["snapshot"])


def resumed(well: ComposeStack) -> None:
    """Do what the restore has said that a person does then."""
    assert well.compose("exec", "-T", "supervisor", "jikimi", "resume").returncode == 0
    well.until_ok(120.0)
    said = well.up()
    assert said.returncode == 0, said.stderr


def test_everything_is_as_it_was_and_today_s_statement_is_posted_once_again(well: ComposeStack) -> None:
    well.until_done(dropped(well, 10)[0])
    snapshot, before = saved(well), well.posted()
    name, first = dropped(well, 20)
    well.until_done(name)
    assert sum(well.posted().values()) == sum(before.values()) + 20

    answer = in_safe(well, "restore", snapshot, "--yes", "--json")

    assert answer.returncode == 0, answer.stderr
    stamp = json.loads(answer.stdout)["stamp"]
    assert well.posted() == before
    assert not well.is_done(name)
    assert list((well.home / f"done.before-restore-{stamp}").rglob(name))
    for worker in ("erp-worker", "rpa-worker"):
        well.until(lambda worker=worker: well.unit(worker).get("state") == "paused", 60.0)  # type: ignore[misc]
    well.lines(20, name, first=first)
    resumed(well)
    well.until_done(name)
    assert sum(well.posted().values()) == sum(before.values()) + 20
    assert set(well.posted().values()) == {1}
    assert {(well.home / name).stat().st_uid for name in ("inbox", "inbox/card", "rules")} == {PERSON}


@pytest.mark.parametrize("way", ["--resume", "--abort"])
def test_killed_midway_nothing_runs_until_it_is_finished_or_undone(well: ComposeStack, way: str) -> None:
    snapshot, old = saved(well), well.posted()
    well.until_done(dropped(well, 7)[0])
    new = well.posted()
    words = ["docker", "compose", "exec", "-T", "backup", "jikimi", "restore", snapshot, "--yes"]
    with subprocess.Popen(
        words, cwd=ROOT, env=well.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        killed_while(well, "switching")
        asked.communicate()

    concerned = ("erp", "erp-worker", "rpa-worker", "scheduler")
    well.until(lambda: {well.unit(name).get("state") for name in concerned} == {"stopped"}, 30.0)
    assert in_safe(well, "backup", "run").returncode == 2
    well.engine.restart(well.container("supervisor"), timeout=5)  # it must be there for what follows
    well.engine.start(well.container("erp"))  # as an engine does that was restarted
    well.until(lambda: not well.inspect("erp")["State"]["Running"], 60.0)
    answer = in_safe(well, "restore", way, "--yes")

    assert answer.returncode == 0, answer.stderr
    assert well.posted() == (old if way == "--resume" else new)
    assert not (well.home / "restore.json").exists()
    if way == "--resume":
        resumed(well)
    well.until_ok(120.0)


def test_what_cannot_be_done_stops_nobody(well: ComposeStack) -> None:
    lives = {service: well.inspect(service)["State"]["StartedAt"] for service in ("erp", "erp-worker", "scheduler")}

    for words in (("restore", "0" * 64, "--yes"), ("restore", "--resume", "--yes"), ("restore", "--abort", "--yes")):
        assert in_safe(well, *words).returncode != 0

    assert {service: well.inspect(service)["State"]["StartedAt"] for service in lives} == lives


def test_who_was_stopped_by_a_person_is_not_started_by_a_restore(well: ComposeStack) -> None:
    snapshot = saved(well)
    assert well.compose("exec", "-T", "supervisor", "jikimi", "stop", "erp-worker").returncode == 0

    assert in_safe(well, "restore", snapshot, "--only", "rules", "--yes").returncode == 0

    well.until(lambda: well.unit("erp").get("state") == "healthy", 60.0)
    assert well.unit("erp-worker")["state"] == "stopped"
    assert well.compose("exec", "-T", "supervisor", "jikimi", "start", "erp-worker").returncode == 0
    well.until_ok()
    assert well.up().returncode == 0  # gives the rules back to their person
    assert (well.home / "rules/card.toml").stat().st_uid == PERSON


def killed_while(well: ComposeStack, phase: str) -> None:
    """Kill the restore as soon as its journal says so."""
    journal = well.home / "restore.json"
    well.until(lambda: journal.exists() and phase in read(journal), _WITHIN_S)
    for pid in well.pids("backup"):
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            if "restore" in process.cmdline():
                process.kill()


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
