"""The long set: what `test_faults.py` and `test_redis_faults.py` scale down, at its full length."""

import os
import shutil
import signal
import subprocess
import sys

import psutil
import pytest

from jikimi.clock import SystemClock
from jikimi.config import Home
from tests.conftest import Until
from tests.live.stack import LiveStack
from tests.live.test_faults import Ward, ward  # noqa: F401 - a fixture
from tests.live.test_redis_faults import restarts

pytestmark = [pytest.mark.usefixtures("long_set"), pytest.mark.timeout(4000)]
MINUTE = 60.0


@pytest.fixture
def long_set(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--soak"):
        pytest.skip("part of the long set: just soak")


def test_an_honest_job_of_45_minutes_and_a_call_of_ten_are_left_alone(ward: Ward) -> None:  # noqa: F811
    ward.start("a", "b", "c")
    for name, order in (("a", "honest"), ("b", "call"), ("c", "long hog")):
        ward.order(name, order)
    ward.rest(5.0)
    children = {name: ward.child(name) for name in "abc"}

    for _ in range(45):
        ward.rest(MINUTE)
        assert {name: ward.child(name) for name in "abc"} == children
        assert ward.restarts() == 0

    print("\n45 min honest job, 10 min calls, over a minute without the interpreter: 0 restarts")  # noqa: T201


def test_ten_minutes_of_eight_times_the_load_are_nobody_s_fault(ward: Ward) -> None:  # noqa: F811
    ward.start("a", "b", "c")
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8 * (os.cpu_count() or 1))]
    try:
        ward.rest(10 * MINUTE)
    finally:
        for one in busy:
            one.kill()
            one.wait()

    print(f"\n10 min of load: {ward.restarts()} restarts")  # noqa: T201
    assert ward.restarts() == 0
    assert ward.all_well()


def test_everything_frozen_for_a_minute_as_in_a_sleep(ward: Ward) -> None:  # noqa: F811
    ward.start("a", "b", "c")
    assert ward.process is not None
    everybody = [psutil.Process(ward.process.pid), *map(psutil.Process, (ward.pid(name) for name in "abc"))]
    family = [one for each in everybody for one in (each, *each.children(recursive=True))]

    for one in family:
        one.suspend()
    ward.rest(MINUTE)
    for one in reversed(family):
        one.resume()

    ward.rest(MINUTE)
    assert ward.restarts() == 0
    assert ward.all_well()


@pytest.mark.parametrize("way", ["killed", "frozen"])
def test_redis_away_for_ten_minutes_is_nobody_else_s_fault(stack: LiveStack, until: Until, way: str) -> None:
    until(stack.child, 20.0)
    child, clock = stack.child(), SystemClock()
    socket = Home(stack.root).run_dir / "redis.sock"
    if way == "killed":
        shutil.move(socket, socket.with_suffix(".away"))
        (socket / "in the way").mkdir(parents=True)  # so that none can be started
        stack.signal("redis", signal.SIGKILL)
    end = clock.ticks() + 10 * MINUTE
    while clock.ticks() < end:
        if way == "frozen":  # each new one as well
            stack.signal("redis", signal.SIGSTOP)
        clock.wait(0.2)
    if way == "killed":
        shutil.rmtree(socket)
    else:
        stack.signal("redis", signal.SIGCONT)
    began = clock.ticks()
    until(stack.is_well, 400.0)
    back = clock.ticks() - began
    stack.drop_lines(20)
    stack.wait_for_file("card.csv")

    print(f"\nredis {way} for 10 min: all well {back:.0f} s after it could live again")  # noqa: T201
    assert sorted(stack.posted().values()) == [1] * 20
    assert stack.child() == child
    assert {
        name: count for name, count in restarts(stack).items() if name not in ("redis", "rpa-worker")
    } == dict.fromkeys(("supervisor", "erp", "erp-worker", "scheduler", "backup"), 0)
