"""The commands of who writes flows, as they are typed: no stack, no Redis, a real browser."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live.rpa_room import FLOWS, SETTINGS
from tests.office_site import OfficeSite

Told = Callable[..., "subprocess.CompletedProcess[str]"]
VALUES = ("일자=2026-11-20", "계정=접대비", "거래처=가나상사", "금액=12000")


@pytest.fixture
def jikimi(tmp_path: Path, site: OfficeSite) -> Told:
    """Run a command in a home whose flows are those of the example."""
    home = tmp_path / "home"

    def run(*words: str, told: str = "") -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "jikimi", "--home", str(home), "--lang", "en", *words]
        return subprocess.run(command, input=told, capture_output=True, text=True, timeout=120, check=False)

    assert run("init").returncode == 0
    (home / "jikimi.toml").write_text(SETTINGS.format(address=site.address), encoding="utf-8")
    (home / "flows/office.py").write_text(FLOWS.read_text(encoding="utf-8"), encoding="utf-8")
    assert run("flow", "secret", "office-password", told=f"{site.password}\n").returncode == 0
    return run


def document(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["exit_code"] == done.returncode
    return found


@pytest.mark.usefixtures("browser")
def test_a_flow_is_run_once_here_and_now_and_its_evidence_named(jikimi: Told, site: OfficeSite) -> None:
    done = document(jikimi("flow", "run", "office_voucher", "key=A-1", *VALUES, "--json"))

    assert (done["state"], done["result"]) == ("done", {"no": "V1"})
    evidence = Path(done["evidence"])
    assert {path.name for path in evidence.iterdir()} == {"steps.jsonl", "screen.png", "tree.txt", "session.json"}
    said = jikimi("flow", "run", "office_voucher", "key=A-2", *VALUES)
    assert "전표 입력" in said.stdout
    assert "no=V2" in said.stdout
    assert site.password not in said.stdout + said.stderr


@pytest.mark.usefixtures("browser")
def test_what_the_site_refuses_ends_with_two_and_the_reason(jikimi: Told) -> None:
    done = document(jikimi("flow", "run", "office_voucher", "key=A-1", *VALUES[:3], "금액=0", "--json"))

    assert (done["state"], done["exit_code"]) == ("business", 2)
    assert "금액이 올바르지 않습니다" in done["reason"]


@pytest.mark.usefixtures("browser")
def test_a_page_is_shown_with_how_a_flow_names_each_thing(jikimi: Told, site: OfficeSite) -> None:
    found = document(jikimi("inspect", f"{site.address}login", "--json"))

    selectors = [line["selector"] for line in found["lines"]]
    assert 'field("아이디")' in selectors
    assert 'button("로그인")' in selectors


def test_a_new_flow_is_written_listed_and_never_written_over(jikimi: Told, tmp_path: Path) -> None:
    assert jikimi("flow", "new", "order").returncode == 0
    (tmp_path / "old.py").write_text("def main():\n    return {}\n", encoding="utf-8")
    assert jikimi("flow", "new", "wrapped", "--from", str(tmp_path / "old.py")).returncode == 0

    again = jikimi("flow", "new", "order")
    assert (again.returncode, "there already" in again.stderr) == (64, True)
    assert jikimi("flow", "new", "no name").returncode == 64
    (tmp_path / "home/flows/bad.py").write_text("x = (\n", encoding="utf-8")
    listed = document(jikimi("flow", "list", "--json"))
    ours = {"office_voucher", "office_booking", "office_statement"}
    assert {flow["name"] for flow in listed["flows"]} == {*ours, "order", "wrapped"}
    assert listed["exit_code"] == 2
    assert "bad.py:1" in listed["broken"][0]


def test_an_item_is_handed_in_and_shown_once_it_was_taken(jikimi: Told, tmp_path: Path) -> None:
    assert jikimi("items", "add", "office_voucher", "key=A-1", *VALUES).returncode == 0
    assert len(list((tmp_path / "home/inbox/flows/office_voucher").iterdir())) == 1

    assert document(jikimi("items", "--json"))["items"] == []
    assert jikimi("items", "add", "no_such_flow", "a=1").returncode == 64
    assert jikimi("items", "add", "office_voucher", "novalue").returncode == 64
    unknown = jikimi("items", "retry", "A-1")
    assert (unknown.returncode, "there are 0 items" in unknown.stderr) == (64, True)
