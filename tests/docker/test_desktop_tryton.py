"""Tryton's desktop client, worked by a flow: what it enters stands in the ERP, and a client that hangs is given up."""

import json
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.docker.compose import CLOCK, ROOT, ComposeStack

VALUES = ("debit=813 - 접대비", "credit=253 - 미지급금", "amount=34000")
_BUILDS_WITHIN_S = 1200.0
_RUNS_WITHIN_S = 120.0
_HANG_TOLD_WITHIN_S = 30.0  # a step waits ten seconds; then the evidence is gathered, of which nothing answers
# the probe of the example, as a flow that says what it found
_ASKED = """
from jikimi.rpa import flow
from tryton_desktop import client_voucher


@flow(queue="ui", attempts=5)
def asked(item, ui):
    return {"found": "no" if client_voucher.asks[0](item, ui) is None else "yes"}
"""
_LINES = """
SELECT move.description, move.state, account.code, line.debit, line.credit FROM account_move AS move
JOIN account_move_line AS line ON line.move = move.id JOIN account_account AS account ON account.id = line.account
ORDER BY account.code
"""
pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("long_set")]


@pytest.fixture
def client(compose: ComposeStack) -> Iterator[ComposeStack]:
    """The stack with the image of the desktop, the flow, and a password for it."""
    compose.until_ok()
    built = compose.compose("build", "rpa-desktop", within_s=_BUILDS_WITHIN_S)
    assert built.returncode == 0, built.stderr[-3000:]
    shutil.copy(ROOT / "examples/flows/tryton_desktop.py", compose.home / "flows/tryton_desktop.py")
    (compose.home / "flows/asked.py").write_text(_ASKED, encoding="utf-8")
    password = json.loads(compose.compose("exec", "-T", "erp", "erp-login", "practice").stdout)["password"]
    said = compose.compose(
        "run", "--rm", "-T", "rpa-desktop", "flow", "secret", "tryton-client-password", told=f"{password}\n"
    )
    assert said.returncode == 0, said.stderr
    yield compose
    for name in ("tryton_desktop.py", "asked.py"):
        (compose.home / "flows" / name).unlink()


def run(stack: ComposeStack, flow: str, key: str, *values: str) -> Mapping[str, Any]:
    """Run a flow once, and return the item as it ended."""
    words = ("run", "--rm", "-T", "rpa-desktop", "flow", "run", flow, f"key={key}", *values, "--json")
    said = stack.compose(*words, within_s=_RUNS_WITHIN_S)
    assert said.stdout.startswith("{"), said.stderr
    item: Mapping[str, Any] = json.loads(said.stdout)
    return item


def entered(stack: ComposeStack, key: str) -> list[str]:
    """Return the lines of all vouchers with that description, from the ERP's own database."""
    psql = ("psql", "-U", "jikimi", "-d", "practice", "-h", "/run/postgresql", "-At", "-c", _LINES)
    rows = stack.compose("exec", "-T", "erp-db", *psql).stdout.splitlines()
    return [row.partition("|")[2] for row in rows if row.startswith(f"{key}|")]


def test_what_the_flow_enters_stands_in_the_erp_and_its_probe_finds_it(client: ComposeStack) -> None:
    assert run(client, "asked", "desk-1")["result"] == {"found": "no"}

    item = run(client, "client_voucher", "desk-1", *VALUES)

    assert item["state"] == "done", item
    assert entered(client, "desk-1") == ["draft|253|0|34000", "draft|813|34000|0"]
    assert run(client, "asked", "desk-1")["result"] == {"found": "yes"}


def test_a_client_that_is_stopped_is_given_up_as_hung_and_the_next_attempt_succeeds(client: ComposeStack) -> None:
    name = f"{client.project}-hangs"
    folder = client.home / "outputs/evidence/client_voucher-desk-2/1"
    words = ("run", "-d", "-T", "--name", name, "rpa-desktop", "flow", "run", "client_voucher", "key=desk-2", *VALUES)
    assert client.compose(*words).returncode == 0
    try:
        client.until(lambda: "entering the voucher" in steps(folder), _RUNS_WITHIN_S)
        rows = client.engine.top(name, ps_args="-eo pid,args")["Processes"]
        (pid,) = [int(pid) for pid, command in rows if "bin/tryton --user" in command]
        os.kill(pid, signal.SIGSTOP)
        began = CLOCK.ticks()

        client.until(lambda: '"did": "ended"' in steps(folder), _HANG_TOLD_WITHIN_S)

        print(f"\na client that was stopped was given up after {CLOCK.ticks() - began:.1f} s")  # noqa: T201
        client.engine.wait(name, timeout=_HANG_TOLD_WITHIN_S)
    finally:
        client.engine.remove_container(name, force=True)
    assert json.loads((folder / "session.json").read_text(encoding="utf-8"))["program"] == "hung"
    assert entered(client, "desk-2") == []
    assert run(client, "client_voucher", "desk-2", *VALUES)["state"] == "done"
    assert len(entered(client, "desk-2")) == 2


def steps(folder: Path) -> str:
    """Return what an attempt has written of its steps so far."""
    with suppress(OSError):
        return (folder / "steps.jsonl").read_text(encoding="utf-8")
    return ""
