"""Vouchers entered through Tryton's own web client, in the browser of the stack, checked in the ledger's database."""

import json
import shutil

import pytest

from tests.docker.compose import ROOT, ComposeStack
from tests.docker.office import dropped, item, kill_attempt

FLOW = "tryton_voucher"
_WITHIN_S = 180.0
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def client(compose: ComposeStack) -> ComposeStack:
    """A stack whose flow may get into the practice ledger as the bookkeeper."""
    compose.until_ok()
    shutil.copy(ROOT / "examples/flows/tryton.py", compose.home / "flows/tryton.py")
    given = json.loads(compose.compose("exec", "-T", "erp", "erp-login", "practice").stdout.splitlines()[-1])
    enter = ("exec", "-T", "rpa-worker", "jikimi", "flow", "secret", "tryton-password")
    assert compose.compose(*enter, told=f"{given['password']}\n").returncode == 0
    return compose


def hand_in(client: ComposeStack, *keys: str) -> None:
    """Drop a file of vouchers, the amount of each its place times a thousand."""
    rows = [f"{key},2026-11-27,831 - 지급수수료,103 - 보통예금,{place}000" for place, key in enumerate(keys, 1)]
    dropped(client, FLOW, keys[0], "\n".join(["key,date,debit,credit,amount", *rows, ""]))


def until_done(client: ComposeStack, *keys: str) -> None:
    for key in keys:
        client.until(lambda key=key: item(client, key)["state"] == "done", _WITHIN_S)  # type: ignore[misc]


def has_begun(client: ComposeStack, key: str, step: str) -> bool:
    """Return whether an attempt has come as far as *step*."""
    files = (client.home / f"outputs/evidence/{FLOW}-{key}").glob("[0-9]*/steps.jsonl")
    return any(step in file.read_text(encoding="utf-8") for file in files)


def test_vouchers_are_entered_through_the_web_client_and_stand_in_the_ledger(client: ComposeStack) -> None:
    hand_in(client, "web-1", "web-2")

    until_done(client, "web-1", "web-2")

    posted = client.posted("practice")
    assert [posted[key] for key in ("web-1", "web-2")] == [1, 1]
    numbers = {item(client, key)["result"]["no"] for key in ("web-1", "web-2")}
    assert len(numbers) == 2
    assert all(number.startswith("2026-") for number in numbers)


@pytest.mark.parametrize("step", ["writing a draft", '"fence"'])
def test_an_attempt_that_is_killed_is_made_again_and_its_voucher_stands_once(client: ComposeStack, step: str) -> None:
    key = f"killed-{len(step)}"
    hand_in(client, key)
    client.until(lambda: has_begun(client, key, step), _WITHIN_S)

    kill_attempt(client)

    until_done(client, key)
    assert client.posted("practice")[key] == 1
    # behind the fence it may have gone through, which the probe says; where much else runs there may be one more
    assert item(client, key)["attempts"] <= 3
    drafts = client.query("practice", f"SELECT count(*) FROM account_move WHERE description = '{key}'")  # noqa: S608
    assert drafts == ["1"]


def test_what_the_ledger_refuses_comes_back_with_its_words(client: ComposeStack) -> None:
    dropped(client, FLOW, "old", "key,date,debit,credit,amount\nold,1999-01-04,831 - 지급수수료,103 - 보통예금,1000\n")

    client.until(lambda: item(client, "old")["state"] == "business", _WITHIN_S)

    assert "period" in item(client, "old")["reason"].casefold()
    assert client.posted("practice")["old"] == 0
