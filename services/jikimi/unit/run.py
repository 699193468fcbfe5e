"""Run a parent until it is told to end."""

import os
import signal
from collections.abc import Callable
from types import FrameType

from jikimi.unit.first_process import FIRST, reap_orphans
from jikimi.unit.parent import Parent


def run_parent(parent: Parent, asked_to_end: Callable[[], bool] = lambda: False) -> None:
    """Tick until SIGTERM or SIGINT, or until *asked_to_end*, then let the child end after what it is doing."""

    def end(_number: int, _frame: FrameType | None) -> None:
        parent.end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        while not parent.is_done:
            if asked_to_end():
                parent.end()
            parent.tick()
            if os.getpid() == FIRST:
                reap_orphans(parent.child_pid)
            parent.wait()
    finally:
        parent.close()
