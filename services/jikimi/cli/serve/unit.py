"""The parent of any unit of ours, put together."""

from collections.abc import Callable, Sequence

from jikimi.backup.restored import why_barred
from jikimi.beats.beat import Beat
from jikimi.cli.context import Context
from jikimi.cli.serve.asked import Asked, child_command
from jikimi.config.load import inherited
from jikimi.unit.fork import ForkNursery, Tell
from jikimi.unit.judgement import Limits
from jikimi.unit.parent import Parent
from jikimi.unit.port import Bench, Nursery, Order, Sink
from jikimi.unit.run import run_parent
from jikimi.unit.spawn import SpawnNursery
from jikimi.unit.stack_dump import StackDump


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
    child: Callable[[Context, Asked, Tell], None] | None = None,
    *,
    sink: Sink,
    bench: Bench | None = None,
    nursery: Nursery | None = None,
    dump: Callable[[int], None] = lambda _pid: None,
    owns_tree: bool = True,
    asked_to_end: Callable[[], bool] = lambda: False,
    barred: Callable[[], str] | None = None,
) -> None:
    """Be the parent of a unit: it beats and judges, its child works, unless a restore stands in the way.

    Args:
        child: what it does, unless *nursery* knows.
        dump: takes more evidence of a child that is about to be ended, besides its stacks; within two seconds.
        nursery: where its children come from, if they are neither forked nor started one after the other.
        barred: why its child may not start now; without it, what is half restored says so.
    """
    stacks = StackDump(context.home / "outputs/evidence/stacks", asked.unit)

    def both(pid: int) -> None:
        dump(pid)
        stacks(pid)

    parent = Parent(
        asked.unit,
        context.home / "state/beats",
        context.clock,
        nursery or _nursery(context, asked, child or _nothing, owns_tree=owns_tree),
        sink=sink,
        bench=bench or NoBench(),
        limits=Limits(),
        dump=both,
        barred=barred or (lambda: why_barred(context.home, takes_work=False)),
    )
    run_parent(parent, asked_to_end)


def _nursery(
    context: Context, asked: Asked, child: Callable[[Context, Asked, Tell], None], *, owns_tree: bool
) -> Nursery:
    if not asked.spawns:
        return ForkNursery(lambda tell: child(context, asked, tell), owns_tree=owns_tree)
    return SpawnNursery(
        child_command(context, asked), context.home / "logs" / f"{asked.unit}.out", inherited(), owns_tree=owns_tree
    )


def _nothing(_context: Context, _asked: Asked, _tell: Tell) -> None:
    """Be no child at all: who has none brings a nursery."""
