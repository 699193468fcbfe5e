"""A child of the RPA worker: a program of its own with a browser, for one job."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import disk_usage

import structlog

from jikimi.broker import connect
from jikimi.cli.context import Context, redis_address, serializer
from jikimi.cli.desk import may_have_sandbox
from jikimi.cli.serve.asked import Asked
from jikimi.config import Home
from jikimi.config.load import hand_on, inherited
from jikimi.inbox import LEAST_FREE_BYTES
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.task import forbid_pickle
from jikimi.queue.worker import build_worker
from jikimi.rpa.browsers import find_browser
from jikimi.rpa.delivery import deliver
from jikimi.rpa.drivers.web import WebBrowser
from jikimi.rpa.flow import QUEUE
from jikimi.rpa.flow_files import load_flow
from jikimi.rpa.port import Surface
from jikimi.rpa.reception import Reception
from jikimi.rpa.runner import Desk, Runner
from jikimi.rpa.running import Running, free_port, note_running
from jikimi.rpa.scratch import VARIABLE, is_compiled, of_child, tidy
from jikimi.rpa.secret import MaskedStream, Masks
from jikimi.rpa.secret_files import read_secret
from jikimi.rpa.store import RESTORED, ItemStore
from jikimi.rpa.tasks import RpaTasks, submit_due
from jikimi.unit.pulse import Pulse
from jikimi.unit.report import Report
from jikimi.unit.spare import wait_for_go

log = structlog.get_logger()
_PATIENT = 1_000_000  # retries: a worker outlives any absence of Redis
_ASKS_WITHIN_S = 2.0  # an idle child that says nothing for five seconds is taken for hung
_LOOKS_EACH_S = 2.0
_TRIES_EACH_S = 10.0
_CLOSES_WITHIN_S = 10.0


def child(context: Context, asked: Asked, tell: Callable[[Report], None]) -> None:
    """Get a browser ready, wait for one job, do it, and end."""
    forbid_pickle()
    scratch = Path(inherited()[VARIABLE])
    hand_on(of_child(scratch))
    config, clock, pulse, port = context.config, context.clock, Pulse(tell), free_port()
    rpa = config.settings.rpa
    program = find_browser(rpa.browser)
    browser = WebBrowser(clock, program=program, sandbox=may_have_sandbox(), port=port, neighbours=rpa.neighbours)
    ready_at = clock.ticks()
    wait_for_go()
    pulse.begin("looking at the items")
    store = _store(config.home)
    desk = _desk(context, browser.surface, Progress(pulse), port)
    # a flow may print what it likes
    sys.stdout = sys.stderr = MaskedStream(sys.stderr, desk.masks)
    reception = Reception(config, clock, store)
    flows = config.home / "flows"
    tasks = RpaTasks(reception, Runner(reception, desk), clock, lambda name: load_flow(flows, name), reception.changed)
    worker = build_worker(
        connect(redis_address(config), retries=_PATIENT),
        QUEUE,
        f"{QUEUE}-{asked.unit}-{os.getpid()}",
        serializer(config.home),
        tasks.tasks(),
    )
    asks = connect(redis_address(config), retries=0, timeout_s=_ASKS_WITHIN_S)
    queue = RqQueue(asks, serializer(config.home), clock)
    pulse.must_stop = lambda: worker.stopping
    worker.on_idle = Idle(
        context,
        pulse,
        browser,
        reception,
        submit=lambda now: submit_due(store, queue, now),
        scratch=scratch,
        tried_at=ready_at,
    )
    worker.on_job = pulse.begin
    worker.wait_until_able()
    worker.work(logging_level="WARNING", max_jobs=1)
    store.close()
    if not is_compiled(scratch):
        pulse.moved("closing the browser", 0, _CLOSES_WITHIN_S)
        browser.close()  # else all that is left is ended by force, which is faster
    sys.stdout.flush()
    pulse.last()
    os._exit(0)  # what a flow has left in this process must not keep it


def _store(home: Home) -> ItemStore:
    """Return the items; after a restore those that are open are doubted, once."""
    store, restored = ItemStore(home / "state/items.sqlite"), home / RESTORED
    if restored.exists():
        log.info("items.doubted", count=store.doubt_open())
        restored.unlink()
    return store


def _desk(context: Context, surface: Callable[[], Surface], progress: "Progress", port: int) -> Desk:
    """Return what an attempt in this process works with."""
    config = context.config
    return Desk(
        surface,
        lambda name: read_secret(config.home, name),
        config.home / "outputs/evidence",
        config.home / "work/downloads",
        progress,
        context.clock,
        masks=Masks(),
        values=config.settings.rpa.values,
        began=lambda folder: note_running(config.home / "state", Running(os.getpid(), str(folder), port)),
        deliver=lambda file, profile: deliver(config, file, profile),
    )


class Idle:
    """What is done each second while there is no job: files and items that are due are looked after."""

    def __init__(
        self,
        context: Context,
        pulse: Pulse,
        browser: WebBrowser,
        reception: Reception,
        *,
        submit: Callable[[float], object],
        scratch: Path,
        tried_at: float,
    ) -> None:
        self._scratch, self._tried_at = scratch, tried_at
        self._context, self._clock, self._pulse = context, context.clock, pulse
        self._browser, self._reception, self._submit = browser, reception, submit
        self._looked_at = float("-inf")

    def __call__(self) -> None:
        """Tell that there is nothing to do, and now and then look whether there is."""
        self._pulse.idle()
        now = self._clock.ticks()
        if now - self._tried_at >= _TRIES_EACH_S:
            self._tried_at = now
            tidy(self._scratch)
            if not self._browser.answers():
                log.warning("browser.gone")
                os._exit(1)  # before a job is taken: the next child has another browser
        if now - self._looked_at >= _LOOKS_EACH_S and disk_usage(self._context.home.root).free >= LEAST_FREE_BYTES:
            self._looked_at = now
            self._reception.look()
            self._submit(self._clock.now().timestamp())


class Progress:
    """Tells the parent of an attempt's steps."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    def moved(self, phase: str, budget_s: float) -> None:
        """Tell that work has moved."""
        self._pulse.moved(phase, 0, budget_s)
