"""Redis frozen, emptied, and back from an older disk: nobody is killed for it, and every voucher stands once."""

import shutil
import signal

from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.config import Home
from jikimi.embedded.redis_server import redis_url
from tests.conftest import Until
from tests.live.stack import LiveStack

FROZEN_S = 20.0


def restarts(stack: LiveStack) -> dict[str, int]:
    return {unit["name"]: unit["restarts"] for unit in stack.document("status")["units"]}


def test_while_redis_is_frozen_nobody_is_killed_and_the_work_goes_on_afterwards(stack: LiveStack, until: Until) -> None:
    until(stack.child, 20.0)
    child, beats = stack.child(), stack.root / "state/beats/erp-worker.json"
    stack.drop_lines(200)
    until(lambda: sum(stack.posted().values()) > 10, 60.0)

    stack.signal("redis", signal.SIGSTOP)
    began, beat = SystemClock().ticks(), beats.read_text()
    until(lambda: SystemClock().ticks() - began > FROZEN_S, FROZEN_S + 5)
    assert beats.read_text() != beat
    stack.signal("redis", signal.SIGCONT)
    stack.wait_for_file("card.csv")

    assert sorted(stack.posted().values()) == [1] * 200
    assert stack.child() == child
    found = restarts(stack)
    assert found.pop("redis") == 1
    assert found.keys() >= {"supervisor", "erp", "erp-worker", "scheduler", "backup"}
    assert set(found.values()) == {0}


def test_a_redis_that_was_emptied_in_mid_batch_costs_nothing(stack: LiveStack, until: Until) -> None:
    stack.drop_lines(200)
    until(lambda: sum(stack.posted().values()) > 10, 60.0)

    with connect(redis_url(Home(stack.root)), retries=0) as redis:
        redis.flushall()
    stack.wait_for_file("card.csv")

    assert sorted(stack.posted().values()) == [1] * 200
    assert restarts(stack)["erp-worker"] == 0


def test_a_redis_that_went_back_in_time_makes_nothing_stand_twice(stack: LiveStack, until: Until) -> None:
    stack.drop_lines(20, "first.csv")
    stack.wait_for_file("first.csv")
    until(lambda: stack.document("status")["vouchers"]["posted"] == 20, 20.0)
    older = stack.root / "older"
    shutil.copytree(stack.root / "redis/appendonlydir", older)
    stack.drop_lines(20, "second.csv", first=100)
    stack.wait_for_file("second.csv")

    stack.signal("redis", signal.SIGSTOP)
    shutil.rmtree(stack.root / "redis/appendonlydir")
    shutil.copytree(older, stack.root / "redis/appendonlydir")
    stack.signal("redis", signal.SIGKILL)
    until(lambda: restarts(stack)["redis"] == 1 and stack.is_well(), 30.0)
    stack.drop_lines(20, "third.csv", first=200)
    stack.wait_for_file("third.csv")

    assert sorted(stack.posted().values()) == [1] * 60
