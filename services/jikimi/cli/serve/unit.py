"""The parent of any unit of ours, put together."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jikimi.backup.restored import why_barred
from jikimi.beats.beat import Beat
from jikimi.cli.context import Context
from jikimi.config.load import inherited
from jikimi.unit.fork import ForkNursery, Tell
from jikimi.unit.judgement import Limits
from jikimi.unit.parent import Parent
from jikimi.unit.port import Bench, Nursery, Order, Sink
from jikimi.unit.run import run_parent
from jikimi.unit.spawn import SpawnNursery
from jikimi.unit.stack_dump import StackDump


@dataclass(frozen=True, slots=True)
class Asked:
    """Which service is run, and how.

    Attributes:
        units_only: only programs that are not ours. spawns: children are started as programs, not forked.
    """

    service: str
    unit: str
    units_only: bool = False
    spawns: bool = False


class NoBench:
    """The bench of a child that takes no jobs from a queue."""

    def fence(self) -> None:
        """Nothing is posted."""

    def hand_back(self) -> Sequence[str]:
        """Nothing was taken."""
        return []

    def hand_back_strays(self, living: int | None) -> Sequence[str]:  # noqa: ARG002 - there is none to vouch for
        """There is no queue."""
        return []


class NoSink:
    """Where beats go that only the file must carry: the supervisor's, which heals Redis itself."""

    def send(self, beat: Beat) -> Order | None:  # noqa: ARG002 - it is in the file already
        """Take a beat."""
        return None

    def leave(self, unit: str) -> None:
        """Nobody counts."""


def run_unit(
    context: Context,
    asked: Asked,
    child: Callable[[Context, Asked, Tell], None],
    *,
    sink: Sink,
    bench: Bench | None = None,
    owns_tree: bool = True,
    asked_to_end: Callable[[], bool] = lambda: False,
    barred: Callable[[], str] | None = None,
) -> None:
    """Be the parent of a unit: it beats and judges, its child works, unless a restore stands in the way.

    Args:
        barred: why its child may not start now; without it, what is half restored says so.
    """
    parent = Parent(
        asked.unit,
        context.home / "state/beats",
        context.clock,
        _nursery(context, asked, child, owns_tree=owns_tree),
        sink=sink,
        bench=bench or NoBench(),
        limits=Limits(),
        dump=StackDump(context.home / "outputs/evidence/stacks", asked.unit),
        barred=barred or (lambda: why_barred(context.home, takes_work=False)),
    )
    run_parent(parent, context.clock, asked_to_end)


def _nursery(
    context: Context, asked: Asked, child: Callable[[Context, Asked, Tell], None], *, owns_tree: bool
) -> Nursery:
    if not asked.spawns:
        return ForkNursery(lambda tell: child(context, asked, tell), owns_tree=owns_tree)
    home, options = context.home.root, ["--units-only"] if asked.units_only else []
    command = [sys.executable, "-m", "jikimi", "--home", str(home), "--lang", context.lang, "serve", asked.service]
    return SpawnNursery(
        [*command, "--unit", asked.unit, "--child", *options],
        context.home / "logs" / f"{asked.unit}.out",
        inherited(),
        owns_tree=owns_tree,
    )
