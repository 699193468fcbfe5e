"""What every nursery must do; subclass it and give a `ward` fixture."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psutil

from jikimi.beats.beat import Mode
from jikimi.clock import SystemClock
from jikimi.unit.port import Child, Life, Nursery
from jikimi.unit.report import Report

WORKS, LITTERS, LEAVES = "works", "litters", "leaves"


class NurseryWard(Protocol):
    """Nurseries whose children do one thing, and a way to wait."""

    folder: Path

    def nursery(self, what: str) -> Nursery:
        """Return one whose children report twice and wait; litter: start a process, note its id; or leave at once."""
        ...

    def until(self, condition: Callable[[], object]) -> None: ...

    def freeze(self, child: Child) -> None: ...


class NurseryContract:
    def test_what_a_child_tells_is_heard_in_its_order_and_once(self, ward: NurseryWard) -> None:
        child = ward.nursery(WORKS).start()
        heard: list[Report] = []

        def has_heard_two() -> bool:
            heard.extend(child.reports())
            return len(heard) == 2

        ward.until(has_heard_two)

        assert [(report.mode, report.token) for report in heard] == [(Mode.BUSY, 1), (Mode.IDLE, 2)]
        assert child.reports() == []
        assert child.life() is Life.RUNNING
        child.kill()

    def test_what_a_child_tells_and_its_end_are_waited_for_no_longer_than_it_takes(self, ward: NurseryWard) -> None:
        clock = SystemClock()
        began = clock.ticks()

        child = ward.nursery(LEAVES).start()
        child.wait(30.0)
        child.kill()
        child = ward.nursery(WORKS).start()
        heard: list[Report] = []
        while len(heard) < 2:
            child.wait(30.0)
            heard.extend(child.reports())
        child.kill()

        assert clock.ticks() - began < 30.0

    def test_who_says_nothing_is_waited_for_to_the_end_of_the_time(self, ward: NurseryWard) -> None:
        child = ward.nursery(WORKS).start()
        heard: list[Report] = []
        while len(heard) < 2:
            child.wait(1.0)
            heard.extend(child.reports())
        child.wait(0.0)  # one that is read by a thread may have been told of both at once
        clock = SystemClock()
        began = clock.ticks()

        child.wait(0.3)

        assert clock.ticks() - began >= 0.3
        child.kill()

    def test_a_child_that_leaves_is_seen_to_have_exited(self, ward: NurseryWard) -> None:
        child = ward.nursery(LEAVES).start()

        ward.until(lambda: child.life() is Life.EXITED)

        child.kill()

    def test_a_child_that_somebody_else_has_reaped_is_seen_to_have_exited(self, ward: NurseryWard) -> None:
        child = ward.nursery(LEAVES).start()
        os.waitpid(child.pid, 0)

        assert child.life() is Life.EXITED

        child.kill()

    def test_a_frozen_child_is_seen_to_be_stopped_and_can_be_killed(self, ward: NurseryWard) -> None:
        child = ward.nursery(WORKS).start()
        ward.until(child.reports)

        ward.freeze(child)

        ward.until(lambda: child.life() is Life.STOPPED)
        child.kill()
        assert child.life() is Life.EXITED
        assert not psutil.pid_exists(child.pid)

    def test_a_child_that_is_asked_to_end_ends(self, ward: NurseryWard) -> None:
        child = ward.nursery(WORKS).start()
        ward.until(child.reports)

        child.ask_to_end()

        ward.until(lambda: child.life() is Life.EXITED)
        child.kill()

    def test_what_it_has_left_running_is_ended_and_counted(self, ward: NurseryWard) -> None:
        child = ward.nursery(LITTERS).start()
        mark = ward.folder / "left"
        ward.until(lambda: mark.exists() and mark.read_text())

        assert child.end_leftovers() == 1

        ward.until(lambda: _is_gone(int(mark.read_text())))
        assert child.life() is Life.RUNNING
        child.kill()

    def test_a_kill_takes_everything_below_with_it(self, ward: NurseryWard) -> None:
        child = ward.nursery(LITTERS).start()
        mark = ward.folder / "left"
        ward.until(lambda: mark.exists() and mark.read_text())

        child.kill()

        ward.until(lambda: _is_gone(int(mark.read_text())))

    def test_children_are_told_apart(self, ward: NurseryWard) -> None:
        nursery = ward.nursery(WORKS)
        first, second = nursery.start(), nursery.start()

        first.kill()

        assert second.life() is Life.RUNNING
        second.kill()


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
