"""A program in memory, with fields and buttons: flows are tried on it without a browser."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jikimi.clock import Clock
from jikimi.rpa.errors import Ambiguous, Application, Gone, Mismatch, NotFound
from jikimi.rpa.kept import is_kept
from jikimi.rpa.port import Dialog, Health, Hear
from jikimi.rpa.selector import By, Selector

_LOOKS_EACH_S = 0.05


@dataclass
class Widget:
    """One thing on a screen.

    Attributes:
        name: its label, caption or text. role: "field", "button", "list", or as accessibility calls it.
        choices: of a list. inside: the name of the part of the screen that it lies in, "" for none.
        on_set: returns what the program makes of a value that is written into it.
        on_click: what the program does when it is pressed; it may change the program's screen.
    """

    name: str
    role: str = "field"
    value: str = ""
    identifier: str = ""
    choices: Sequence[str] = ()
    is_visible: bool = True
    inside: str = ""
    on_set: Callable[[str], str] = str
    on_click: Callable[[], object] = lambda: None

    def answers_to(self, selector: Selector) -> bool:
        """Return whether *selector* names this."""
        if selector.inside is not None and selector.inside.name != self.inside:
            return False
        match selector.by:
            case By.FIELD:
                return self.role in ("field", "list") and self.name == selector.name
            case By.BUTTON:
                return self.role == "button" and self.name == selector.name
            case By.ROLE:
                return self.role == selector.role and selector.name in ("", self.name)
            case By.ID:
                return self.identifier == selector.name


@dataclass
class FakeProgram:
    """What a test makes of a program: its screens by their addresses, and what they do.

    Attributes:
        widgets: what is on the screen now. text: what can be read besides. alerts: what speaks up.
        question: asked by a press, with what follows a yes.
        is_hung, is_gone: how it fails.
    """

    screens: Mapping[str, Callable[["FakeProgram"], object]] = field(default_factory=dict)
    widgets: list[Widget] = field(default_factory=list)
    text: str = ""
    alerts: list[str] = field(default_factory=list)
    boxes: list[Dialog] = field(default_factory=list)
    downloads: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    address: str = ""
    is_hung: bool = False
    is_gone: bool = False
    agreed: re.Pattern[str] | None = None

    def show(self, address: str) -> None:
        """Show the screen at *address*."""
        self.address, self.widgets, self.text, self.alerts = address, [], "", []
        self.screens[address](self)

    def ask(self, question: str, yes: Callable[[], object]) -> None:
        """Ask a question; what follows a yes is done if it was agreed to before."""
        if self.agreed is not None and self.agreed.search(question):
            self.agreed = None
            yes()
        else:
            self.boxes.append(Dialog(question, is_settled=True))


class FakeSurface:
    """The windows of a fake program."""

    def __init__(self, program: FakeProgram, clock: Clock) -> None:
        self._program, self._clock = program, clock
        self.was_closed = False

    def open(self, address: str, within_s: float) -> None:  # noqa: ARG002 - it comes up at once, or never
        """Go to *address*."""
        self._see_that_it_answers()
        if address not in self._program.screens:
            raise Application(why=f"{address} did not come up")
        self._program.show(address)

    def settle(self, within_s: float) -> None:  # noqa: ARG002 - it fetches nothing
        """See that it answers."""
        self._see_that_it_answers()

    def find(self, selector: Selector, within_s: float, hear: Hear | None = None) -> "FakeNode":
        """Return the one thing that *selector* names."""
        give_up_at = self._clock.ticks() + within_s
        if hear is not None and (unasked := self.dialogs()):
            hear(unasked)
        while True:
            self._see_that_it_answers()
            found = self._named(selector)
            if len(found) == 1:
                return FakeNode(found[0], selector)
            if self._clock.ticks() >= give_up_at:
                if found:
                    raise Ambiguous(selector=str(selector), count=len(found))
                raise NotFound(selector=str(selector), seconds=round(within_s))
            self._clock.wait(_LOOKS_EACH_S)

    def shows(self, selector: Selector) -> bool:
        """Return whether *selector* names anything visible."""
        self._see_that_it_answers()
        return bool(self._named(selector))

    def text(self) -> str:
        """Return all that can be read."""
        self._see_that_it_answers()
        shown = [widget.name for widget in self._program.widgets if widget.is_visible]
        return "\n".join([self._program.text, *self._program.alerts, *shown])

    def notices(self) -> Sequence[str]:
        """Return the alerts."""
        self._see_that_it_answers()
        return list(self._program.alerts)

    def agree(self, pattern: str) -> None:
        """Say yes to the next question with *pattern*."""
        self._program.agreed = re.compile(pattern)

    def dialogs(self) -> Sequence[Dialog]:
        """Return the boxes that came up unasked; those that are settled only once."""
        self._see_that_it_answers()
        found, self._program.boxes = self._program.boxes, [box for box in self._program.boxes if not box.is_settled]
        return found

    def answered(self) -> Sequence[Dialog]:
        """Return the boxes that are settled, once."""
        self._see_that_it_answers()
        settled = [box for box in self._program.boxes if box.is_settled]
        self._program.boxes = [box for box in self._program.boxes if not box.is_settled]
        return settled

    def download(self, selector: Selector, folder: Path, within_s: float) -> Path:
        """Press *selector*, and return the file that the test has put behind it."""
        self.find(selector, within_s).click()
        if selector.name not in self._program.downloads:
            raise Application(why="no file came of it")
        name, data = self._program.downloads[selector.name]
        (folder / name).write_bytes(data)
        return folder / name

    def health(self) -> Health:
        """Return how the test has made it."""
        return Health.GONE if self._program.is_gone else Health.HUNG if self._program.is_hung else Health.OK

    def shot(self) -> bytes | None:
        """Return a picture of nothing, or none when it is gone or hung."""
        return b"\x89PNG" if self.health() is Health.OK else None

    def tree(self) -> str:
        """Return what is on the screen, a line each."""
        if self.health() is not Health.OK:
            return ""
        return "\n".join(f'- {one.role} "{one.name}": {one.value}' for one in self._program.widgets if one.is_visible)

    def source(self) -> str:
        """Return nothing: it is made of nothing."""
        return ""

    def where(self) -> str:
        """Return the address."""
        return self._program.address

    def close(self) -> None:
        """Remember it."""
        self.was_closed = True

    def _named(self, selector: Selector) -> list[Widget]:
        return [one for one in self._program.widgets if one.is_visible and one.answers_to(selector)]

    def _see_that_it_answers(self) -> None:
        if self._program.is_gone:
            raise Gone(why="the test ended it")
        if self._program.is_hung:
            raise Application(why="it does not answer")


class FakeNode:
    """One thing on a fake screen."""

    def __init__(self, widget: Widget, selector: Selector) -> None:
        self._widget, self._selector = widget, selector

    def text(self) -> str:
        """Return what it holds or shows."""
        return self._widget.value if self._widget.role in ("field", "list") else self._widget.name

    def set(self, value: str) -> None:
        """Write *value*."""
        if self._widget.role == "list" and value not in self._widget.choices:
            raise Application(why=f"{self._selector} takes no value: it has no {value!r}")
        self._widget.value = self._widget.on_set(value)

    def check(self, value: str) -> bool:
        """Read it back; write it once more if it has changed."""
        if is_kept(value, self._widget.value):
            return True
        self.set(value)
        if not is_kept(value, self._widget.value):
            raise Mismatch(selector=str(self._selector))
        return False

    def write(self, value: str) -> None:
        """Write *value*, whatever becomes of it."""
        self._widget.value = self._widget.on_set(value)

    def click(self) -> None:
        """Press it."""
        self._widget.on_click()
