"""One attempt of a flow on the author's own desk: no queue, no stack, the same runner."""

import os
from collections.abc import Callable, Sequence

import click

from jikimi.cli.context import Context
from jikimi.config.load import inherited
from jikimi.errors import WrongUse
from jikimi.rpa.browsers import find_browser
from jikimi.rpa.delivery import deliver
from jikimi.rpa.desktops import Desktop, open_desktop
from jikimi.rpa.drivers.web import WebBrowser
from jikimi.rpa.evidence import Place
from jikimi.rpa.flow import DESKTOP_QUEUE, Flow
from jikimi.rpa.item import Data, Item
from jikimi.rpa.runner import Desk, Runner
from jikimi.rpa.secret_files import read_secret
from jikimi.text import Text

_KEY = "key"
_UNNAMED = "desk"


class NotAValue(WrongUse):
    """A value for a flow is not written as one."""

    what = Text("값은 이름=값 으로 씁니다: {word}", "write a value as name=value: {word}")
    remedy = Text("예: key=A-1 금액=12000", "for example: key=A-1 amount=12000")


def values_of(words: Sequence[str]) -> tuple[str, Data]:
    """Return the key and the values in words such as "amount=12000"; the key is "desk" if none is given.

    Raises:
        NotAValue: a word has no equals sign, or no name.
    """
    data = {}
    for word in words:
        name, is_one, value = word.partition("=")
        if not is_one or not name:
            raise NotAValue(word=word)
        data[name] = value
    return data.pop(_KEY, _UNNAMED), data


def may_have_sandbox() -> bool:
    """Return whether Chromium's own sandbox can be had: root has none."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0


class DeskRun:
    """Runs flows where a person can watch.

    Attributes:
        evidence: where the evidence of the newest run lies.
    """

    def __init__(self, context: Context, *, slow_ms: float, says: bool) -> None:
        self._context, self._slow_ms, self._says = context, slow_ms, says
        self.evidence = context.home / "outputs/evidence"
        self._said = ""

    def run(self, flow: Flow, item: Item, stop: Callable[[], object] | None) -> Item:
        """Run *flow* once on *item*, and return how it ended.

        Args:
            stop: called at a failing step while the window is still open; with it a browser can be seen.
        """
        clock, home = self._context.clock, self._context.home
        place = Place.of(home / "outputs/evidence", flow.name, item.key)
        item = Item(item.flow, item.key, item.data, attempts=place.attempts(), is_clear=True)
        program = self._program(flow, seen=stop is not None)
        items = OneItem(item)
        desk = Desk(
            program.surface,
            lambda name: read_secret(home, name),
            home / "outputs/evidence",
            home / "work/downloads",
            self,
            clock,
            values=self._context.config.settings.rpa.values,
            deliver=lambda file, profile: deliver(self._context.config, file, profile),
            failed=stop or (lambda: None),
        )
        try:
            Runner(items, desk).run(flow, item.key)
        finally:
            program.close()
        self.evidence = place.folder / str(items.item.attempts)
        return items.item

    def _program(self, flow: Flow, *, seen: bool) -> Desktop:
        """Return what shows the windows that *flow* works in."""
        clock = self._context.clock
        if flow.queue == DESKTOP_QUEUE:
            return open_desktop(clock, inherited())
        settings = self._context.config.settings.rpa
        return WebBrowser(
            clock,
            program=find_browser(settings.browser, windows=seen),
            sandbox=may_have_sandbox(),
            headless=not seen,
            slow_ms=self._slow_ms,
            neighbours=settings.neighbours,
        )

    def moved(self, phase: str, budget_s: float) -> None:  # noqa: ARG002 - nobody ends what a person watches
        """Say which step is being done."""
        if self._says and phase != self._said:
            self._said = phase
            click.echo(f"· {phase}")


class OneItem:
    """The only item, in memory."""

    def __init__(self, item: Item) -> None:
        self.item = item

    def get(self, flow: str, key: str) -> Item | None:  # noqa: ARG002 - there is one only
        """Return it."""
        return self.item

    def put(self, *items: Item) -> None:
        """Keep its newest state."""
        self.item = items[-1]
