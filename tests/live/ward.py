"""A supervisor over small units that misbehave on request, as real processes: run by `test_faults.py`.

ward.py FOLDER                  the supervisor: a parent and its keeper
ward.py FOLDER unit NAME        one unit: a parent and a child that does what FOLDER/NAME.do says
"""

import json
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from jikimi.beats.beat import Mode
from jikimi.cli.serve.unit import NoBench, NoSink
from jikimi.clock import SystemClock
from jikimi.logs import JsonLines, log_to
from jikimi.runtime.port import UnitSpec
from jikimi.runtime.process import ProcessRuntime
from jikimi.supervisor.events import Asked, Op
from jikimi.supervisor.hands import Hands
from jikimi.supervisor.keeper import Keeper
from jikimi.supervisor.notebook import WatchdogLog
from jikimi.supervisor.rules import Limits, Rule
from jikimi.supervisor.standing import state_of
from jikimi.supervisor.watch_beats import BeatWatch
from jikimi.supervisor.watched import Watched
from jikimi.unit.fork import ForkNursery, Tell
from jikimi.unit.judgement import Limits as ChildLimits
from jikimi.unit.parent import Parent
from jikimi.unit.pulse import Pulse
from jikimi.unit.report import Report
from jikimi.unit.run import run_parent

if "FAKETIME_TIMESTAMP_FILE" in os.environ:  # noqa: TID251 - what the test has set
    # with a monotonic clock that is left alone, libfaketime 0.9.10 answers every sleep with EINVAL
    time.sleep = threading.Event().wait  # type: ignore[assignment] # noqa: TID251 - the same wait, in another way
CLOCK = SystemClock()
wait = threading.Event().wait


def keep(folder: Path, tell: Tell) -> None:
    """Be the keeper."""
    asked = json.loads((folder / "ward.json").read_text())
    command = [sys.executable, __file__, str(folder), "unit"]
    rules = [Rule(name, **asked["rule"]) for name in asked["units"]]
    units = [
        Watched(
            UnitSpec(rule.name, [*command, rule.name], folder / f"{rule.name}.log"),
            rule,
            BeatWatch(folder / "beats", rule.name),
        )
        for rule in rules
    ]
    runtime = ProcessRuntime(str(folder))
    hands = Hands(runtime, [unit.spec for unit in units], folder / "units.json")
    orders: list[Asked] = []
    keeper = Keeper(
        units,
        runtime,
        hands,
        CLOCK,
        memory=folder / "keeper.json",
        notebook=WatchdogLog(JsonLines(folder / "notes.jsonl"), CLOCK),
        limits=Limits(**asked["limits"]),
        orders=lambda: [orders.pop() for _ in range(len(orders))],
    )
    pulse = Pulse(tell)

    def end(_number: int, _frame: FrameType | None) -> None:
        orders.append(Asked(Op.DOWN, "test"))

    signal.signal(signal.SIGTERM, end)
    while not (keeper.stack.is_ending and keeper.is_empty):
        keeper.tick()
        pulse.idle()
        publish(folder, keeper, rules, hands)
        keeper.rest()


def publish(folder: Path, keeper: Keeper, rules: list[Rule], hands: Hands) -> None:
    document = {
        rule.name: {
            "state": state_of(keeper.stack.units[rule.name], rule, keeper.stack).value,
            "restarts": keeper.stack.units[rule.name].restarts,
            "pid": hands.running[rule.name].pid if rule.name in hands.running else None,
            "flight": keeper.stack.units[rule.name].flight is not None,
        }
        for rule in rules
    }
    partial = folder / "state.partial"
    try:
        partial.write_text(json.dumps(document))
        partial.replace(folder / "state.json")
    except OSError:
        return


def order_of(folder: Path, name: str) -> str:
    try:
        return (folder / f"{name}.do").read_text().strip()
    except OSError:
        return ""


def work(folder: Path, name: str, tell: Tell) -> None:
    """Do what the file says, and say so as an honest child would."""
    lock = threading.Lock()
    for token in range(2, 1_000_000):
        order = order_of(folder, name)
        if order in ("spin", "deadlock"):
            tell(Report(Mode.BUSY, token, "posting", "job", budget_s=1.0))
            lock.acquire()
            while order == "spin":
                pass
            lock.acquire()
        if order == "hog":  # C code that holds the interpreter for seconds, within its declared budget
            tell(Report(Mode.BUSY, token, "sorting", "job", budget_s=30.0))
            sorted(range(3_000_000, 0, -1), key=lambda number: number % 7919)
        if order == "long":
            tell(Report(Mode.BUSY, token, "posting", "job", budget_s=1.0))
        elif order == "honest":  # a long job as it should be: a step every twenty seconds, each well within its budget
            tell(Report(Mode.BUSY, token, "posting", "job", budget_s=60.0))
            wait(20.0)
        elif order == "call":  # one call to the ERP that lasts, and says so before
            tell(Report(Mode.BUSY, token, "closing the year", "job", budget_s=900.0))
            wait(600.0)
        elif order == "long hog":
            tell(Report(Mode.BUSY, token, "matching", "job", budget_s=600.0))
            re.match(r"(a+)+$", "a" * 30 + "b")  # C code that gives the interpreter to nobody for over a minute
            (folder / f"{name}.do").unlink(missing_ok=True)
        else:
            tell(Report(Mode.IDLE, token))
        wait(0.1)


def be_unit(folder: Path, name: str) -> None:
    """Be a parent, unless the file says that this start shall fail or take long."""
    order = order_of(folder, name)
    if order == "exit":
        sys.exit(1)
    if order == "slow":
        wait(4.0)
    if order == "mute":  # a parent that lives, says nothing, and does not listen
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        wait()
    parent = Parent(
        name,
        folder / "beats",
        CLOCK,
        ForkNursery(lambda tell: work(folder, name, tell)),
        sink=NoSink(),
        bench=NoBench(),
        limits=ChildLimits(mute_s=2.0),
    )
    run_parent(parent)


def main() -> None:
    """Be what the arguments say."""
    folder = Path(sys.argv[1])
    if sys.argv[2:3] == ["unit"]:
        log_to(folder / f"{sys.argv[3]}.jsonl")
        be_unit(folder, sys.argv[3])
        return
    log_to(folder / "supervisor.jsonl")
    (folder / "supervisor.pid").write_text(str(os.getpid()))
    parent = Parent(
        "supervisor",
        folder / "beats",
        CLOCK,
        ForkNursery(lambda tell: keep(folder, tell), owns_tree=False),
        sink=NoSink(),
        bench=NoBench(),
        limits=ChildLimits(),
    )
    run_parent(parent)


if __name__ == "__main__":
    main()
