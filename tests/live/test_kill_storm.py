"""kill -9 at any instant: every voucher exactly once, by Tryton's own database."""

import random

from jikimi.clock import SystemClock
from tests.conftest import Until
from tests.live.stack import LiveStack

LINES = 100
KILLS = 20
SEED = 20261124
LONGEST_PAUSE_S = 1.2


def test_a_hundred_lines_survive_twenty_kills_and_the_loss_of_the_state(stack: LiveStack, until: Until) -> None:
    chance, clock = random.Random(SEED), SystemClock()  # noqa: S311 - repeatable instants, no secret
    killed = {"erp-worker": 0, "erp": 0}
    stack.drop_lines(LINES)

    while sum(killed.values()) < KILLS:
        clock.wait(chance.uniform(0.05, LONGEST_PAUSE_S))
        unit = chance.choice(list(killed))
        killed[unit] += stack.kill(unit)
    stack.wait_for_file("card.csv")

    print(f"killed {killed}, restarts {[unit['restarts'] for unit in stack.document('status')['units']]}")  # noqa: T201
    assert sorted(stack.posted().values()) == [1] * LINES
    until(lambda: stack.document("status")["vouchers"]["posted"] == LINES, 30.0)
    assert stack.execute("SELECT count(*) FROM account_move WHERE state = 'draft'") == [(0,)]

    stack.interrupt()
    for path in sorted((stack.root / "state").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    stack.start()
    done = next((stack.root / "done").rglob("card.csv"))
    stack.drop(done.read_bytes(), "again.csv")
    stack.wait_for_file("again.csv")

    assert sorted(stack.posted().values()) == [1] * LINES
    vouchers = stack.document("status")["vouchers"]
    assert (vouchers["posted"], vouchers["already"]) == (0, LINES)
