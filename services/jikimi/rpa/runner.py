"""Runs work items: one attempt at a time, the fence on the disk before the other side can see anything."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

import structlog

from jikimi.clock import Clock
from jikimi.errors import JikimiError
from jikimi.rpa.errors import Business, NoSession, Unsure
from jikimi.rpa.evidence import Evidence, Place
from jikimi.rpa.flow import Flow
from jikimi.rpa.handle import ItemHandle
from jikimi.rpa.item import Item, State
from jikimi.rpa.policy import (
    Ended,
    Next,
    Said,
    Told,
    after_attempt,
    after_probe,
    begun,
    cut_short,
    fenced,
    given_up,
    what_next,
)
from jikimi.rpa.port import Surface
from jikimi.rpa.secret import Masks, Secret
from jikimi.rpa.ui import Limits, Ui, Watcher

log = structlog.get_logger()
_PICTURE_S = 20.0
_SOURCE_FROM = 2  # the attempt from which on what the screen was made of is kept as well


class Items(Protocol):
    """Where items are written down."""

    def get(self, flow: str, key: str) -> Item | None:
        """Return the item, if there is one."""
        ...

    def put(self, *items: Item) -> None:
        """Write items down, and return once they are on the disk."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What an attempt works with.

    Attributes:
        surface: opens the windows for one attempt. secrets: returns a secret's value by its name.
        masks: the secrets that this process has read; they are hidden wherever it writes.
        evidence: the folder of all evidence. downloads: where a flow's downloads go first.
        values: what flows read by name.
        deliver: puts a file into a folder of the inbox, and returns its name there.
        began: called with the folder of an attempt's evidence before anything is done.
        failed: called after an attempt that is not done, while its windows are still there.
    """

    surface: Callable[[], Surface]
    secrets: Callable[[str], str]
    evidence: Path
    downloads: Path
    watcher: Watcher
    clock: Clock
    values: Mapping[str, str] = field(default_factory=dict)
    deliver: Callable[[Path, str], str] = lambda file, _profile: file.name
    began: Callable[[Path], object] = lambda _folder: None
    failed: Callable[[], object] = lambda: None
    masks: Masks = field(default_factory=Masks)


class Runner:
    """Brings items on, an attempt each call."""

    def __init__(self, items: Items, desk: Desk) -> None:
        self._items, self._desk = items, desk

    def run(self, flow: Flow, key: str) -> Item | None:
        """Do what is to be done with the item now; return it as it stands then, None if there is no such item."""
        item = self._items.get(flow.name, key)
        if item is None:
            return None
        if item.state is State.RUNNING:
            log.warning("attempt.cut_short", flow=flow.name, key=key, attempt=item.attempts, in_fence=item.is_fenced)
            item = cut_short(item)
        if self._next(flow, item) is Next.PROBE:
            item = self._put(self._asked(flow, item))
        if self._next(flow, item) is Next.RUN:
            item = self._put(begun(item))
            ended = self._attempt(flow, item)
            item = self._put(after_attempt(item, ended, flow.attempts, self._now(), has_probe=flow.has_probe))
            log.info("attempt.ended", flow=flow.name, key=key, attempt=item.attempts, told=ended.told, why=ended.reason)
        elif not item.is_over and item.next_at <= self._now():
            item = self._put(given_up(item))
        return item

    def _next(self, flow: Flow, item: Item) -> Next:
        return what_next(item, flow.attempts, self._now(), has_probe=flow.has_probe)

    def _attempt(self, flow: Flow, item: Item) -> Ended:
        """Run the flow once, and keep what the screen showed at its end, however it ends."""
        was_fenced = False

        def fence() -> None:
            nonlocal was_fenced
            self._items.put(fenced(item))
            was_fenced = True
            work.evidence.step("fence")

        with _Work(self._desk, flow, item, f"{item.attempts}") as work:
            told, reason, result = work.call(flow.body, ItemHandle(item, fence, self._desk.deliver))
            work.evidence.step("ended", told=told, reason=reason)
            work.picture(told is not Told.DONE and item.attempts >= _SOURCE_FROM)
            if told is not Told.DONE:
                self._desk.failed()
        return Ended(told, reason, result, in_fence=was_fenced)

    def _asked(self, flow: Flow, item: Item) -> Item:
        """Ask the flow's probe whether the item went through; its own evidence lies beside the attempts'."""
        with _Work(self._desk, flow, item, f"probe-{item.attempts}-{item.asked + 1}") as work:
            said, reason, result = work.ask(flow.asks[0], ItemHandle(item, lambda: None))
            work.evidence.step("ended", said=said, reason=reason)
            if said not in (Said.WENT_THROUGH, Said.NOT_THERE):
                work.picture(source=True)
        log.info("probe.answered", flow=flow.name, key=item.key, said=said, why=reason)
        return after_probe(item, said, reason, self._now(), result)

    def _put(self, item: Item) -> Item:
        self._items.put(item)
        return item

    def _now(self) -> float:
        return self._desk.clock.now().timestamp()


class _Work:
    """One attempt's windows, evidence and secrets, all closed at its end."""

    def __init__(self, desk: Desk, flow: Flow, item: Item, name: str) -> None:
        self._desk, self._flow, self._item = desk, flow, item
        self._masks = desk.masks
        folder = Place.of(desk.evidence, flow.name, item.key).folder / name
        self.evidence = Evidence(folder, desk.clock, self._masks)
        self._surface: Surface | None = None
        desk.began(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._surface is not None:
            self._surface.close()
        self.evidence.close()

    def call(self, body: Callable[[Any, Any], Any], handle: ItemHandle) -> tuple[Told, str, Mapping[str, Any]]:
        """Run the flow; whatever it raises is how the attempt ended."""
        try:
            return Told.DONE, "", body(handle, self._ui()) or {}
        except Business as refused:
            return Told.BUSINESS, self._masks.hide(str(refused.facts["reason"])), {}
        except NoSession as none:
            return Told.NO_SESSION, str(none), {}
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a flow is somebody else's program
            return Told.APPLICATION, self._why(error), {}

    def ask(self, body: Callable[[Any, Any], Any], handle: ItemHandle) -> tuple[Said, str, Mapping[str, Any]]:
        """Ask the probe."""
        try:
            found = body(handle, self._ui())
        except Unsure as unsure:
            return Said.UNSURE, self._masks.hide(str(unsure)), {}
        except NoSession as none:
            return Said.NO_SESSION, str(none), {}
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the same
            return Said.NO_ANSWER, self._why(error), {}
        if found is None or found is False:
            return Said.NOT_THERE, "", {}
        return Said.WENT_THROUGH, "", found if isinstance(found, Mapping) else {}

    def picture(self, source: bool) -> None:  # noqa: FBT001 - it says whether the source is kept
        """Keep the screen as it is; a hung program lets each part of it wait."""
        if self._surface is not None:
            self._desk.watcher.moved("evidence", _PICTURE_S)
            facts = {"flow": self._flow.name, "key": self._item.key, "attempt": self._item.attempts}
            self.evidence.screen(self._surface, facts, source=source)

    def _ui(self) -> Ui:
        self._desk.watcher.moved("opening", self._flow.stall_s)
        self._surface = self._desk.surface()
        clock, flow = self._desk.clock, self._flow
        limits = Limits(flow.timeout_s, flow.stall_s, clock.ticks() + flow.timeout_s)
        self._desk.downloads.mkdir(parents=True, exist_ok=True)
        return Ui(
            self._surface,
            self.evidence,
            clock,
            self._desk.watcher,
            limits,
            self._secret,
            self._desk.downloads,
            self._desk.values,
        )

    def _secret(self, name: str) -> Secret:
        value = self._desk.secrets(name)
        self._masks.add(value)
        return Secret(name, value)

    def _why(self, error: BaseException) -> str:
        """Return what an error says, with the line of the flow where it came up; the whole of it is evidence."""
        self.evidence.step("error", text="".join(traceback.format_exception(error)))
        text = str(error) if isinstance(error, JikimiError) else f"{type(error).__name__}: {error}"
        file = self._flow.body.__code__.co_filename
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        place = f" ({Path(file).name}:{lines[-1]})" if lines else ""
        return self._masks.hide(text) + place
