"""The supervisor: its parent owns the home, its child is the keeper over all other units."""

import signal
from threading import Thread
from types import FrameType

import structlog

from jikimi.cli.context import Context
from jikimi.cli.serve.asked import Asked as Called
from jikimi.cli.serve.containers import containers
from jikimi.cli.serve.keeping import Keeping
from jikimi.cli.serve.processes import processes
from jikimi.cli.serve.unit import NoSink, run_unit
from jikimi.supervisor.events import Asked, Op
from jikimi.supervisor.stack import Ownership, owning
from jikimi.unit.fork import Tell
from jikimi.unit.pulse import Pulse

log = structlog.get_logger()


def run(context: Context, called: Called) -> None:
    """Own the home, and be the parent of the keeper.

    Raises:
        RunsAlready: another stack owns the home.
    """
    with owning(context.home, context.clock, context.config.settings.zone) as ownership:
        run_unit(
            context,
            called,
            child,
            sink=NoSink(),
            owns_tree=False,
            asked_to_end=ownership.asked_to_stop,
            # in containers it is the supervisor that keeps the others still, and starts them when all is restored
            barred=(lambda: "") if context.home.elsewhere else None,
        )


def child(context: Context, called: Called, tell: Tell) -> None:
    """Keep the units until told to end; those that end with us are stopped in order. The home is its parent's."""
    ownership = Ownership(context.home, context.clock, context.config.settings.zone)
    in_containers = bool(context.config.settings.engine.url)
    ground = containers(context) if in_containers else processes(context, units_only=called.units_only)
    keeping = Keeping(context, ownership, ground, units_only=called.units_only)
    pulse, ends = Pulse(tell), []
    if not in_containers:
        Thread(target=keeping.warn_of_rivals, name="rivals", daemon=True).start()

    def end(_number: int, _frame: FrameType | None) -> None:
        ends.append(True)
        if ground.ends_units:
            keeping.ask(Asked(Op.DOWN, "down"))

    signal.signal(signal.SIGTERM, end)
    while not (ends if not ground.ends_units else keeping.has_ended):
        keeping.tick()
        if ends:
            pulse.moved("stopping the units", 0)  # an idle child that was asked to end would be taken for hung
        else:
            pulse.idle()
        keeping.rest()
    keeping.close()
    if ground.ends_units:
        log.info("stack.stopped")
    else:
        log.info("supervisor.stopped")
