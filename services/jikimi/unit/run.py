"""Run a parent until it is told to end."""

import signal
from types import FrameType

from jikimi.clock import Clock
from jikimi.unit.parent import TICK_S, Parent


def run_parent(parent: Parent, clock: Clock) -> None:
    """Tick until SIGTERM or SIGINT, then let the child end after what it is doing."""

    def end(_number: int, _frame: FrameType | None) -> None:
        parent.end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        while not parent.is_done:
            parent.tick()
            clock.wait(TICK_S)
    finally:
        parent.close()
