"""kill -9 and zombies at any instant: every voucher exactly once, by Tryton's own database."""

import random
import signal
from collections import Counter

import pytest

from jikimi.clock import SystemClock
from jikimi.supervisor.incidents import read_lines
from tests.conftest import Until
from tests.live.stack import LiveStack

LINES = 300
BLOWS = 20
SOAK_BLOWS = 100
SEED = 20261124
LONGEST_PAUSE_S = 1.2
VICTIMS = ("erp-worker", "child", "erp", "redis")
FROZEN_S = 0.7


def storm(stack: LiveStack, blows: int) -> Counter[str]:
    """Deal *blows* at seeded instants; one in three freezes its victim for a while before it lets it go on."""
    chance, clock = random.Random(SEED), SystemClock()  # noqa: S311 - repeatable instants, no secret
    dealt: Counter[str] = Counter()
    while dealt.total() < blows:
        clock.wait(chance.uniform(0.05, LONGEST_PAUSE_S))
        victim = chance.choice(VICTIMS)
        if chance.random() < 2 / 3:
            dealt[f"kill {victim}"] += stack.signal(victim, signal.SIGKILL)
        elif pid_hit := stack.signal(victim, signal.SIGSTOP):
            clock.wait(FROZEN_S)
            stack.signal(victim, signal.SIGCONT)
            dealt[f"freeze {victim}"] += pid_hit
    return dealt


def test_three_hundred_lines_survive_the_storm_and_the_loss_of_the_state(
    stack: LiveStack, until: Until, request: pytest.FixtureRequest
) -> None:
    blows = SOAK_BLOWS if request.config.getoption("--soak") else BLOWS
    for number in range(3):
        stack.drop_lines(LINES // 3, f"card-{number}.csv", first=number * LINES)

    dealt = storm(stack, blows)
    for number in range(3):
        stack.wait_for_file(f"card-{number}.csv")

    print(f"\n{dict(dealt)}")  # noqa: T201 - a figure for the log
    assert sorted(stack.posted().values()) == [1] * LINES
    steps = {line["step"] for line in read_lines(stack.root / "outputs/watchdog_log.jsonl")}
    assert "quarantined" not in steps
    until(lambda: stack.document("status")["vouchers"]["posted"] == LINES, 30.0)
    assert stack.execute("SELECT count(*) FROM account_move WHERE state = 'draft'") == [(0,)]

    stack.interrupt()
    for path in sorted((stack.root / "state").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    stack.start()
    done = next((stack.root / "done").rglob("card-1.csv"))
    stack.drop(done.read_bytes(), "again.csv")
    stack.wait_for_file("again.csv")

    assert sorted(stack.posted().values()) == [1] * LINES
    until(lambda: stack.document("status")["vouchers"]["already"] == LINES // 3, 30.0)
    assert stack.document("status")["vouchers"]["posted"] == 0
