"""The real stack: Redis, Tryton, worker, watcher and keeper, by its commands."""

import os
import re
import signal
import subprocess
from decimal import Decimal
from pathlib import Path

import psutil

from jikimi.config.model import Ledger
from tests.conftest import Until
from tests.live.stack import LiveStack
from tests.unit.vouchers.office import card_file, card_row


def family_of(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def test_a_dropped_file_stands_in_the_ledger_and_its_story_can_be_told(stack: LiveStack, until: Until) -> None:
    stack.drop(card_file(card_row(1), card_row(2, "별빛상회", "45000"), card_row(1, cancelled="취소", day="05")))

    stack.wait_for_file("card.csv")

    until(lambda: stack.document("status")["vouchers"]["posted"] == 2, 20.0)
    status = stack.document("status")
    assert status["verdict"] == "ok"
    assert {name: status["vouchers"][name] for name in ("posted", "rejected", "cancellations", "waiting")} == {
        "posted": 2,
        "rejected": 1,
        "cancellations": 1,
        "waiting": 0,
    }
    (number, key), *_ = stack.execute("SELECT number, jikimi_key FROM account_move WHERE state = 'posted' ORDER BY id")
    (story,) = stack.document("why", str(number))["story"]
    assert (story["key"], story["file"], story["row"], story["outcome"]) == (key, "card.csv", 2, "posted")
    page = (stack.root / "outputs/results/card.csv.html").read_text(encoding="utf-8")
    assert str(number) in page
    sums = stack.execute("SELECT sum(CAST(debit AS REAL)), sum(CAST(credit AS REAL)) FROM account_move_line")
    assert Decimal(str(sums[0][0])) == Decimal(str(sums[0][1])) == Decimal(9000)


def test_a_second_up_in_the_same_home_says_what_runs(stack: LiveStack) -> None:
    second = stack.run("up")

    assert second.returncode == 2
    assert "already runs in this home" in second.stderr
    assert re.search(r"process \d+", second.stderr)
    assert stack.is_well()


def test_two_homes_run_side_by_side(stack: LiveStack, tmp_path: Path, until: Until) -> None:
    other = LiveStack(tmp_path / "other", until)
    other.start()
    try:
        stack.drop_lines(2)
        other.drop_lines(3)
        stack.wait_for_file("card.csv")
        other.wait_for_file("card.csv")

        assert sum(stack.posted().values()) == 2
        assert sum(other.posted().values()) == 3
    finally:
        other.close()


def test_ctrl_c_stops_everything_in_order_children_included(stack: LiveStack) -> None:
    units = [psutil.Process(pid) for pid in stack.pids().values()]
    everyone = [member for unit in units for member in family_of(unit.pid)]

    said = stack.interrupt()

    assert said.rstrip().endswith("stopped.")
    assert [process for process in everyone if process.is_running()] == []
    assert stack.run("status").returncode == 2


def test_down_stops_a_stack_in_the_background(stack: LiveStack) -> None:
    stack.interrupt()
    assert stack.run("up", "--detach").returncode == 0
    assert stack.run("status").returncode == 0

    down = stack.run("down")

    assert (down.returncode, down.stdout.strip()) == (0, "stopped.")
    assert stack.run("down").returncode == 2


def test_what_a_killed_supervisor_left_running_is_taken_over_and_not_started_twice(
    stack: LiveStack, until: Until
) -> None:
    before = stack.pids()
    supervisor = stack.unit("supervisor")["pid"]
    assert stack._up is not None
    stack._up.kill()
    stack._up.communicate()
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(supervisor), 10.0)
    assert all(psutil.pid_exists(pid) for pid in before.values())

    stack.start()

    assert stack.pids() == before
    assert {unit["name"]: unit["restarts"] for unit in stack.document("status")["units"]} == {
        "supervisor": 0,
        **dict.fromkeys(before, 0),
    }


def test_demo_uses_a_running_stack_and_posts_nothing_new_the_second_time(stack: LiveStack) -> None:
    first = stack.document("demo")
    second = stack.document("demo")

    assert (first["in"], first["proof"], first["ledger"]) == (35, True, "practice")
    assert first["posted"] == sum(stack.posted(Ledger.PRACTICE).values()) > 20
    assert (second["posted"], second["duplicates"], second["proof"]) == (0, 5, True)
    assert stack.posted() == {}
    assert stack.is_well()


def test_a_file_can_be_foretold_before_it_is_dropped_and_a_cycle_asked_for(stack: LiveStack, tmp_path: Path) -> None:
    statement = card_file(card_row(1), card_row(2, "별빛상회"))
    beside = tmp_path / "card.csv"
    beside.write_bytes(statement)

    foretold = stack.document("preview", str(beside), "--profile", "card")
    stack.drop(statement)
    stack.wait_for_file("card.csv")
    again = stack.document("cycle")

    assert (foretold["posted"], foretold["rejected"], foretold["erp_asked"]) == (1, 1, True)
    assert (again["in"], again["outcome"]) == (0, "done")
    assert sum(stack.posted().values()) == 1


def test_two_workers_at_once_post_everything_once(stack: LiveStack, until: Until) -> None:
    second = subprocess.Popen(stack.command("serve", "erp-worker", "--unit", "erp-worker-2"))
    try:
        until((stack.root / "state/beats/erp-worker-2.json").exists, 30.0)
        for number in range(6):
            rows = [card_row(100 * number + row, amount=str(1000 + row)) for row in range(10)]
            stack.drop(card_file(*rows), f"card-{number}.csv")
        for number in range(6):
            stack.wait_for_file(f"card-{number}.csv")
    finally:
        second.terminate()
        second.wait(30)

    assert sorted(stack.posted().values()) == [1] * 60


def test_the_bookkeeper_gets_a_password_and_the_bot_has_none(stack: LiveStack) -> None:
    given = stack.document("erp", "login", "--ledger", "practice")

    assert given["user"] == "bookkeeper"
    assert given["database"] == "practice"
    assert len(given["password"]) >= 12
    ((password_hash,),) = stack.execute("SELECT password_hash FROM res_user WHERE login = 'jikimi'", Ledger.PRACTICE)
    assert not password_hash
    key = (stack.root / "keys/erp-application").read_text()
    assert (stack.root / "keys/erp-application").stat().st_mode & 0o777 == 0o600
    for folder in ("logs", "outputs"):
        for path in (stack.root / folder).rglob("*"):
            assert not path.is_file() or key not in path.read_text(errors="replace")
    for pid in stack.pids().values():
        assert key not in " ".join(psutil.Process(pid).cmdline())


def test_a_worker_whose_children_are_programs_of_their_own_posts_as_well(stack: LiveStack, until: Until) -> None:
    assert stack.run("stop", "erp-worker").returncode == 0
    spawned = subprocess.Popen(stack.command("serve", "erp-worker", "--unit", "erp-worker", "--spawn"))
    try:
        until(stack.child, 30.0)
        stack.drop_lines(12)
        until(lambda: sum(stack.posted().values()) >= 4, 60.0)
        child = stack.child()
        assert child is not None
        os.kill(child, signal.SIGKILL)
        stack.wait_for_file("card.csv")
    finally:
        spawned.terminate()
        spawned.wait(60)

    assert sorted(stack.posted().values()) == [1] * 12
