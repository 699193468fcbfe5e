"""What a flow works with: steps, fields by their labels, and what must be on the screen afterwards.

Every call is progress that the unit's parent hears of, a line of evidence, and over within its time.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jikimi.clock import Clock
from jikimi.config.span import parse_span
from jikimi.errors import JikimiError
from jikimi.rpa.errors import Application, Business, Mismatch, NoSuchSetting, NotFound, TookTooLong, Unexpected
from jikimi.rpa.evidence import Evidence
from jikimi.rpa.port import Dialog, Node, Surface
from jikimi.rpa.secret import Secret
from jikimi.rpa.selector import Selector, button, role
from jikimi.rpa.selector import field as labelled

WITHIN_S = 10.0  # a look takes so long at most, unless the flow says otherwise; never longer than its stall
_LOOKS_EACH_S = 0.1
_GRACE_S = 1.0  # who ends by himself at his limit leaves better evidence than who is ended


class Watcher(Protocol):
    """Whoever judges from outside whether this attempt still moves."""

    def moved(self, phase: str, budget_s: float) -> None:
        """Hear that work has moved within *phase*, which may now stand still for *budget_s* seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an attempt may take, in ticks of the clock.

    Attributes:
        ends_at: when it must be over. stall_s: how long it may stand still beyond what a call allows itself.
    """

    timeout_s: float
    stall_s: float
    ends_at: float


@dataclass
class Ui:
    """The driven program, as a flow sees it.

    Attributes:
        secret: returns a secret by its name; it is entered with `jikimi flow secret NAME`.
        folder: where downloads go until the flow has put them elsewhere.
        values: what `[rpa.values]` in the settings says, for `value`.
    """

    surface: Surface
    evidence: Evidence
    clock: Clock
    watcher: Watcher
    limits: Limits
    secret: Callable[[str], Secret]
    folder: Path
    values: Mapping[str, str] = field(default_factory=dict)
    _step: str = "beginning"
    _known: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    def value(self, name: str) -> str:
        """Return a value of `[rpa.values]`, such as a site's address."""
        if name not in self.values:
            raise NoSuchSetting(name=name)
        return self.values[name]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Do one step of the work, named as a bookkeeper would name it."""
        self._step = name
        self._moved(0.0)
        self.evidence.step("step", name=name)
        yield

    def open(self, address: str, *, within: str = "") -> None:
        """Go to *address*, within the flow's stall unless *within* says otherwise."""
        within_s = parse_span(within).total_seconds() if within else self.limits.stall_s
        with self._did("open", within_s, address=address):
            self._settle(self.surface.answered())
            self.surface.open(address, within_s)

    def settle(self, *, within: str = "") -> None:
        """Wait until the program has all that it is fetching: needed before "it is not there" may be believed.

        A page that is drawn by its own program is shown empty first, and filled with what its server answers.
        """
        with self._did("settle", self._within_s(within)):
            self._settle(self.surface.dialogs())
            self.surface.settle(self._within_s(within))

    def fill(self, values: Mapping[str | Selector, str | Secret | int], *, within: str = "") -> None:
        """Write values into fields by their labels; entries of a list are chosen by their names.

        All are read back once the last one is written, for one field may change another.
        """
        wait_s, filled = self._within_s(within), []
        for name, value in values.items():
            selector = labelled(name) if isinstance(name, str) else name
            with self._did("fill", wait_s, on=str(selector), value=str(value)):
                text = value.reveal() if isinstance(value, Secret) else str(value)
                node = self._find(selector, wait_s)
                node.set(text)
                filled.append((str(selector), node, text))
        with self._did("check", wait_s, on=", ".join(name for name, _, _ in filled)):
            changed = self._not_held(filled, wait_s) and self._not_held(filled, wait_s)
            if changed:
                raise Mismatch(selector=changed[0])

    def choose(self, what: Selector | str, text: str, entry: Selector | str, *, within: str = "") -> None:
        """Write *text* into a field that then offers entries, and press the one that is named *entry*.

        Args:
            entry: its whole name, or a selector where it is no "option".
        """
        field = labelled(what) if isinstance(what, str) else what
        offered = role("option", entry) if isinstance(entry, str) else entry
        wait_s = self._within_s(within)
        with self._did("choose", 2 * wait_s, on=str(field), value=text, entry=str(offered)):
            self._find(field, wait_s).write(text)
            self._find(offered, wait_s).click()

    def click(self, what: Selector | str, *, confirm: str = "", within: str = "") -> None:
        """Press a button, or whatever *what* names.

        Args:
            confirm: a pattern of the question that comes up then, and is answered with yes.
        """
        selector = button(what) if isinstance(what, str) else what
        with self._did("click", self._within_s(within), on=str(selector)):
            if confirm:
                self.surface.agree(confirm)
            self._find(selector, self._within_s(within)).click()

    def read(self, what: Selector | str, *, within: str = "") -> str:
        """Return what a field holds or a thing shows."""
        selector = labelled(what) if isinstance(what, str) else what
        with self._did("read", self._within_s(within), on=str(selector)):
            return self._find(selector, self._within_s(within)).text()

    def sees(self, what: Selector | str) -> bool:
        """Return whether it is on the screen now: a selector, or a pattern of text."""
        with self._did("look", 0.0, on=str(what)):
            self._settle(self.surface.dialogs())
            if isinstance(what, Selector):
                return self.surface.shows(what)
            return re.search(what, self.surface.text()) is not None

    def expect(self, pattern: str, *, within: str = "", otherwise: type[Business] | None = None) -> str:
        """Wait until *pattern* can be read; return its first group, or all of it.

        Args:
            otherwise: raised with the text of an alert or a message box that comes instead: the other side said no.

        Raises:
            NotFound: neither came in time; behind the fence nobody knows then what became of the item.
        """
        wait_s = self._within_s(within)
        with self._did("expect", wait_s, pattern=pattern):
            self._settle(self.surface.answered())
            give_up_at = self.clock.ticks() + wait_s
            while True:
                if (found := re.search(pattern, self.surface.text())) is not None:
                    return found[1] if found.groups() else found[0]
                if otherwise is None:
                    self._settle(self.surface.dialogs())
                for said in self._spoken() if otherwise else ():
                    if (found := re.search(pattern, said)) is not None:
                        return found[1] if found.groups() else found[0]
                    raise otherwise(said) if otherwise else Unexpected(text=said)
                if self.clock.ticks() >= give_up_at:
                    raise NotFound(selector=pattern, seconds=wait_s)
                self.clock.wait(_LOOKS_EACH_S)

    def heard(self) -> list[str]:
        """Return what the program says by itself now: alerts, and windows that the flow does not know."""
        with self._did("listen", 0.0):
            return self._spoken()

    def download(self, what: Selector | str, *, within: str = "60s") -> Path:
        """Press *what*, and return the file that came of it."""
        selector = button(what) if isinstance(what, str) else what
        with self._did("download", self._within_s(within), on=str(selector)):
            self._settle(self.surface.dialogs())
            return self.surface.download(selector, self.folder, self._within_s(within))

    def on_dialog(self, pattern: str, *, press: str = "") -> None:
        """Know a window that may come up unasked: it is closed, by the button *press*, and the work goes on."""
        self._known.append((re.compile(pattern), press))

    def _within_s(self, within: str) -> float:
        return parse_span(within).total_seconds() if within else min(WITHIN_S, self.limits.stall_s)

    def _spoken(self) -> list[str]:
        unasked = [dialog.text for dialog in self.surface.dialogs() if not self._settles(dialog)]
        return [*unasked, *self.surface.notices()]

    @contextmanager
    def _did(self, what: str, wait_s: float, **facts: Any) -> Iterator[None]:
        """Do one thing: it is progress, and a line of evidence however it ends."""
        self._moved(wait_s)
        began = self.clock.ticks()
        try:
            yield
        except JikimiError as error:
            self.evidence.step(what, **facts, ms=self._ms(began), error=str(error))
            raise self._why(error) from error
        self.evidence.step(what, **facts, ms=self._ms(began))
        self._moved(0.0)  # what the flow does between two calls has its stall, and not the time of the call before

    def _moved(self, wait_s: float) -> None:
        left_s = self.limits.ends_at - self.clock.ticks()
        if left_s <= 0:
            raise TookTooLong(seconds=self.limits.timeout_s)
        self.watcher.moved(self._step, min(wait_s + self.limits.stall_s, left_s + _GRACE_S))

    def _not_held(self, filled: Sequence[tuple[str, Node, str]], wait_s: float) -> list[str]:
        """Return those that did not hold what was written into them; they hold it now, and others may not any more."""
        found = []
        for selector, node, text in filled:
            self._moved(wait_s)
            if not node.check(text):
                found.append(selector)
        return found

    def _find(self, selector: Selector, within_s: float) -> Node:
        """Return what *selector* names, once what lies over it and is known is closed."""
        return self.surface.find(selector, within_s, self._settle)

    def _settle(self, unasked: Sequence[Dialog]) -> None:
        for dialog in unasked:
            if not self._settles(dialog) and dialog.is_settled:
                raise Unexpected(text=dialog.text)

    def _settles(self, dialog: Dialog) -> bool:
        """Return whether the flow knows that window; it is closed then."""
        for pattern, press in self._known:
            if pattern.search(dialog.text):
                if not dialog.is_settled and press:
                    self.surface.find(button(press), _LOOKS_EACH_S).click()
                self.evidence.step("dialog", text=dialog.text)
                return True
        return False

    def _why(self, error: JikimiError) -> JikimiError:
        """Return *error*, or the window that stood in the way if there is one."""
        if not isinstance(error, Application) or isinstance(error, Unexpected):
            return error
        try:
            open_ones = [dialog.text for dialog in self.surface.dialogs()]
        except JikimiError:
            return error
        return Unexpected(text=open_ones[0]) if open_ones else error

    def _ms(self, began: float) -> int:
        return round((self.clock.ticks() - began) * 1000)
