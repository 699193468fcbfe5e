"""The RPA worker: flows in a browser, one job a child, the next child ready before the last one ends."""

import sys
from threading import active_count

from jikimi.backup.restored import why_barred
from jikimi.broker import connect
from jikimi.cli.context import Context, redis_address, serializer
from jikimi.cli.serve.asked import Asked, child_command
from jikimi.cli.serve.rpa_child import child
from jikimi.cli.serve.unit import run_unit
from jikimi.config.load import hand_on, inherited
from jikimi.queue.hand_back import RqBench
from jikimi.queue.redis_sink import BEAT_WITHIN_S, RedisSink
from jikimi.queue.worker import build_queue
from jikimi.rpa.environment import FlowEnvironment
from jikimi.rpa.flow import QUEUE
from jikimi.rpa.outside import OutsidePicture
from jikimi.rpa.scratch import Scratch
from jikimi.unit.fork import ForkNursery
from jikimi.unit.spare import SpareNursery, WaitingChild
from jikimi.unit.spawn import SpawnNursery

CHILD = "jikimi.cli.serve.rpa_child"
_HAND_BACK_WITHIN_S = 1.0


class FlowNursery:
    """Starts children in the flows' own environment; without one they are forked, with all of ours loaded already."""

    def __init__(self, context: Context, asked: Asked, environment: FlowEnvironment, scratch: Scratch) -> None:
        self._environment, self._may_fork, self._scratch = environment, not asked.spawns, scratch
        hand_on(scratch.environment())
        self._spawned = SpawnNursery(
            lambda: child_command(context, asked, environment.python()),
            context.home / "logs" / f"{asked.unit}.out",
            inherited(),
            waits=True,
        )
        self._forked = ForkNursery(lambda tell: child(context.anew(), asked, tell), waits=True)

    def start(self) -> WaitingChild:
        """Start a child that gets ready; what those before it have left is removed."""
        self._scratch.tidy()
        if self._may_fork and self._environment.is_ours and active_count() == 1:
            return self._forked.start()
        return self._spawned.start()


def run(context: Context, asked: Asked) -> None:
    """Be the parent of the worker."""
    config, address = context.config, redis_address(context.config)
    hands = connect(address, retries=0, timeout_s=_HAND_BACK_WITHIN_S)
    packages = [path for path in sys.path if path.endswith(("site-packages", "services"))]
    environment = FlowEnvironment(config.home / "flows", config.home / "state/flows", packages, CHILD)
    scratch = Scratch()
    nursery = SpareNursery(FlowNursery(context, asked, environment, scratch))
    try:
        run_unit(
            context,
            asked,
            nursery=nursery,
            dump=OutsidePicture(config.home / "state", context.clock),
            sink=RedisSink(connect(address, retries=0, timeout_s=BEAT_WITHIN_S)),
            bench=RqBench(hands, build_queue(hands, QUEUE, serializer(config.home)), f"{QUEUE}-{asked.unit}-", ()),
            barred=lambda: why_barred(config.home, takes_work=True),
        )
    finally:
        nursery.close()
        scratch.close()
