"""The parent of any unit of ours, put together."""

from collections.abc import Callable, Sequence

from jikimi.beats.beat import Beat
from jikimi.cli.context import Context
from jikimi.unit.fork import ForkNursery, Tell
from jikimi.unit.judgement import Limits
from jikimi.unit.parent import Parent
from jikimi.unit.port import Bench, Order, Sink
from jikimi.unit.run import run_parent
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


def run_unit(
    context: Context,
    unit: str,
    child: Callable[[Tell], None],
    *,
    sink: Sink,
    bench: Bench | None = None,
    owns_tree: bool = True,
    asked_to_end: Callable[[], bool] = lambda: False,
) -> None:
    """Be the parent of *unit*: it beats and judges, its child works."""
    parent = Parent(
        unit,
        context.home / "state/beats",
        context.clock,
        ForkNursery(child, owns_tree=owns_tree),
        sink=sink,
        bench=bench or NoBench(),
        limits=Limits(),
        dump=StackDump(context.home / "outputs/evidence/stacks", unit),
    )
    run_parent(parent, context.clock, asked_to_end)
