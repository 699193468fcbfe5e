"""kill -9 and zombies at any instant: every voucher exactly once, by Tryton's own database."""

import random
import signal
from collections import Counter
from dataclasses import dataclass

import pytest

from jikimi.clock import SystemClock
from jikimi.supervisor.incidents import read_lines
from tests.conftest import Until
from tests.live.stack import LiveStack

LINES = 300
SEED = 20261124
VICTIMS = ("erp-worker", "child", "erp", "redis")
FROZEN_S = 0.7


@dataclass(frozen=True)
class Storm:
    """So many blows, so many statements among which the lines are shared out, and how long a pause may be.

    Statements come in while it lasts: what is killed again and again with nothing to do in between does nothing
    useful, and is rightly given up for a while.
    """

    blows: int
    statements: int
    longest_pause_s: float


IN_CI = Storm(blows=20, statements=3, longest_pause_s=1.2)
SOAK = Storm(blows=100, statements=25, longest_pause_s=5.0)


def rage(stack: LiveStack, storm: Storm) -> Counter[str]:
    """Deal blows at seeded instants; one in three freezes its victim for a while before it lets it go on."""
    chance, clock = random.Random(SEED), SystemClock()  # noqa: S311 - repeatable instants, no secret
    dealt: Counter[str] = Counter()
    dropped = 0
    while dealt.total() < storm.blows:
        if dealt.total() * storm.statements >= dropped * storm.blows:
            stack.drop_lines(LINES // storm.statements, f"card-{dropped}.csv", first=dropped * LINES)
            dropped += 1
        clock.wait(chance.uniform(0.05, storm.longest_pause_s))
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
    storm = SOAK if request.config.getoption("--soak") else IN_CI

    dealt = rage(stack, storm)
    for number in range(storm.statements):
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
    until(lambda: stack.document("status")["vouchers"]["already"] == LINES // storm.statements, 30.0)
    assert stack.document("status")["vouchers"]["posted"] == 0
