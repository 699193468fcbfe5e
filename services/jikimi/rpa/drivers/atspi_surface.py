"""The windows of one program on a desktop.

Each call to the program has two seconds (see `AtspiDesktop`); the first that is not answered ends its whole look.
"""

import contextlib
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from jikimi.clock import Clock
from jikimi.rpa.drivers.atspi_boxes import Box, notices_in
from jikimi.rpa.drivers.atspi_node import AtspiNode, press
from jikimi.rpa.drivers.atspi_program import Program
from jikimi.rpa.drivers.atspi_tree import (
    PASSWORD,
    Seen,
    answers_to,
    children,
    line_of,
    look,
    passing_over,
    role_of,
    told,
)
from jikimi.rpa.drivers.gnome import Atspi, GLib
from jikimi.rpa.errors import Ambiguous, Application, Gone, NotFound, Silent
from jikimi.rpa.port import Dialog, Health, Hear
from jikimi.rpa.selector import Selector

_LOOKS_EACH_S = 0.1
_TAKEN_S = 0.3  # a press is taken, and what comes of it is there
_RESTS_S = 0.3  # a box is read only when it has not changed for so long: it is there before it is painted
_RESTS_WITHIN_S = 2.0
_CLOSES_WITHIN_S = 2.0
_MOST_BOXES = 10
_QUIET_S = 0.5
_ASKED_S = 5.0
_PROGRAMS = Path(__file__).parent


class AtspiSurface:
    """The windows of one program, which has nothing from earlier ones: a home folder of its own too."""

    def __init__(self, environment: Mapping[str, str], clock: Clock) -> None:
        self._environment, self._clock = dict(environment), clock
        self._program = Program(environment)
        self._agreed: re.Pattern[str] | None = None
        self._heard: list[Dialog] = []

    def open(self, address: str, within_s: float) -> None:
        """Start the program whose command line is *address*, in the place of one that runs, and wait for its window."""
        self._program.start(shlex.split(address))
        give_up_at = self._clock.ticks() + within_s
        while True:
            if (why := self._program.why_ended()) is not None:
                raise Application(why=f"{address} did not come up: {why}")
            with contextlib.suppress(Silent):  # it is busy with its start
                if any(next(look(window.accessible), None) for window in self._windows()):
                    return
            if self._clock.ticks() >= give_up_at:
                raise Application(why=f"{address} showed no window within {within_s:.0f} s")
            self._clock.wait(_LOOKS_EACH_S)

    def settle(self, within_s: float) -> None:
        """Return once what can be read has not changed for a moment: what a program waits for, it tells nobody."""
        give_up_at = self._clock.ticks() + within_s
        before, since = self.text(), self._clock.ticks()
        while self._clock.ticks() - since < _QUIET_S:
            if self._clock.ticks() >= give_up_at:
                raise Application(why="it does not come to rest")
            self._clock.wait(_LOOKS_EACH_S)
            if (now := self.text()) != before:
                before, since = now, self._clock.ticks()

    def find(self, selector: Selector, within_s: float, hear: Hear | None = None) -> AtspiNode:
        """Return the one thing that *selector* names, showing and enabled."""
        if hear is not None and (unasked := self.dialogs()):
            hear(unasked)
        give_up_at = self._clock.ticks() + within_s
        self._one(selector, within_s)

        def resolve() -> Seen:
            return self._one(selector, max(give_up_at - self._clock.ticks(), 1.0))

        return AtspiNode(resolve, selector, self._clock, self)

    def shows(self, selector: Selector) -> bool:
        """Return whether *selector* names anything that is showing."""
        self._settle()
        return bool(self._located(selector))

    def text(self) -> str:
        """Return all that can be read; passwords are none of it."""
        self._settle()
        said: list[str] = []
        for part in self._parts(self._windows()):
            with passing_over():
                value = part.value().strip() if part.role != PASSWORD else ""
                said.extend(text for text in dict.fromkeys((part.name.strip(), value)) if text)
        return "\n".join(said)

    def notices(self) -> Sequence[str]:
        """Return the texts of alerts within the windows."""
        self._settle()
        return [text for window in self._windows() for text in notices_in(window)]

    def agree(self, pattern: str) -> None:
        """Say yes to the next question whose text has *pattern*."""
        self._agreed = re.compile(pattern)

    def dialogs(self) -> Sequence[Dialog]:
        """Return message boxes that came up unasked and are answered, and windows without fields that are open."""
        return [*self.answered(), *(Dialog(box.text) for box in self._boxes() if box.comes_up)]

    def answered(self) -> Sequence[Dialog]:
        """Return message boxes that came up unasked and are answered."""
        self._settle()
        heard, self._heard = self._heard, []
        return heard

    def download(self, selector: Selector, folder: Path, within_s: float) -> Path:
        """Press *selector*, and return the file that appears in the program's folder of downloads."""
        before = self._program.downloads()
        give_up_at = self._clock.ticks() + within_s
        self.find(selector, within_s).click()
        while True:
            new = self._program.downloads() - before
            if len(new) == 1 and self._program.is_whole(next(iter(new)), self._clock):
                return self._program.take(next(iter(new)), folder)
            if self._clock.ticks() >= give_up_at:
                raise Application(why=f"no file came of {selector}")
            self._clock.wait(_LOOKS_EACH_S)

    def health(self) -> Health:
        """Return how the program is: one that has been started must answer, with or without a window."""
        try:
            self._windows()
        except Gone:
            return Health.GONE
        except Application:
            return Health.HUNG
        return Health.OK

    def shot(self) -> bytes | None:
        """Return the whole screen as PNG; none of a program that does not say where its passwords stand."""
        try:
            places = [part.place() for part in self._parts(self._windows()) if part.role == PASSWORD]
            return self._told_by("x_picture.py", *(f"{at.x},{at.y},{at.width},{at.height}" for at in places))
        except (Application, GLib.Error, OSError, subprocess.SubprocessError):
            return None

    def tree(self) -> str:
        """Return the windows as accessibility sees them."""
        lines = []
        with contextlib.suppress(Application):
            for part in self._parts(self._windows()):
                with passing_over():
                    lines.append(line_of(part))
            return "\n".join(lines)
        return ""

    def source(self) -> str:
        """Return nothing: a window has no text that it is made of."""
        return ""

    def where(self) -> str:
        """Return the title of the window that is worked with."""
        with contextlib.suppress(Application):
            windows = self._windows()
            at_work = [window for window in windows if window.has(Atspi.StateType.ACTIVE)] or windows
            return at_work[0].name if at_work else ""
        return ""

    def taken(self) -> None:
        """Return once a press has been taken: its action only promises to be done next."""
        give_up_at = self._clock.ticks() + _TAKEN_S
        while self._clock.ticks() < give_up_at:
            self._clock.wait(_LOOKS_EACH_S)
            with contextlib.suppress(Gone):  # a press may end the program
                self._settle()

    def windows(self) -> int:
        """Return how many windows are open."""
        return len(self._windows())

    def copied(self) -> str:
        """Return the text that was copied last, "" if there is none."""
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            return self._told_by("x_clipboard.py").decode()
        return ""

    def _told_by(self, program: str, *arguments: str) -> bytes:
        """Return what a small program of ours tells of the display."""
        command = [sys.executable, str(_PROGRAMS / program), *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, timeout=_ASKED_S, check=True).stdout

    def close(self) -> None:
        """End the program, and take its home folder away."""
        self._program.close()

    def _windows(self) -> list[Seen]:
        """Return the windows that are showing.

        Raises:
            Gone: the program has ended. Application: it does not answer.
        """
        if (why := self._program.why_ended()) is not None:
            raise Gone(why=why)
        context = GLib.MainContext.default()
        while context.pending():  # such as a late answer, by which libatspi learns that a program hangs no more
            context.iteration(False)  # noqa: FBT003 - GLib's
        found = []
        with told("the desktop does not answer"):
            programs = children(Atspi.get_desktop(0))
        for program in programs:
            with passing_over():
                role_of(program)
                found += [Seen(window) for window in children(program)]
        return [window for window in found if window.is_showing]

    def _reachable(self) -> list[Seen]:
        """Return the windows that a person can use now: none that lies behind one which must be answered first."""
        windows = self._windows()
        modal = [window for window in windows if window.has(Atspi.StateType.MODAL)]
        first = [window for window in modal if window.has(Atspi.StateType.ACTIVE)] or modal
        return [window for window in windows if window in first or window.role == "window"] if first else windows

    def _parts(self, windows: Sequence[Seen]) -> list[Seen]:
        return [part for window in windows for part in look(window.accessible)]

    def _located(self, selector: Selector) -> list[Seen]:
        """Return what *selector* names; a thing that lies in two of the parts that it may lie in counts once."""
        parts = self._located(selector.inside) if selector.inside is not None else self._reachable()
        found: list[Seen] = []
        for part in self._parts(parts):
            if answers_to(part, selector) and not any(part.accessible == one.accessible for one in found):
                found.append(part)
        return found

    def _one(self, selector: Selector, within_s: float) -> Seen:
        give_up_at = self._clock.ticks() + within_s
        while True:
            found = []
            try:
                self._settle()
                found = self._located(selector)
            except Silent:  # it is busy, perhaps
                if self._clock.ticks() >= give_up_at:
                    raise
            if len(found) == 1 and found[0].is_enabled:
                return found[0]
            if self._clock.ticks() >= give_up_at:
                if len(found) > 1:
                    raise Ambiguous(selector=str(selector), count=len(found))
                raise NotFound(selector=str(selector), seconds=round(within_s))
            self._clock.wait(_LOOKS_EACH_S)

    def _boxes(self) -> list[Box]:
        """Return all windows but the only one, which is the program itself whatever it calls itself."""
        windows = self._windows()
        return [Box.of(window) for window in windows] if len(windows) > 1 else []

    def _settle(self) -> None:
        """Answer message boxes: nothing in the program goes on before."""
        for _ in range(_MOST_BOXES):
            box = next((box for box in self._boxes() if box.is_message), None)
            if box is None or not self._answer(self._at_rest(box)):
                return

    def _at_rest(self, box: Box) -> Box:
        window, give_up_at = box.parts[0], self._clock.ticks() + _RESTS_WITHIN_S
        while self._clock.ticks() < give_up_at:
            self._clock.wait(_RESTS_S)
            before, box = box, Box.of(window)
            if box.text == before.text:
                break
        return box

    def _answer(self, box: Box) -> bool:
        """Answer one box, and return whether it is gone; one that stays is told as open for as long as it is."""
        is_agreed = self._agreed is not None and self._agreed.search(box.text) is not None
        text, button = box.text, box.answer(is_yes=is_agreed)
        if button is None:
            return False
        with told("a message box cannot be answered"):
            press(button)
        give_up_at = self._clock.ticks() + _CLOSES_WITHIN_S
        while next(look(box.parts[0].accessible), None) is not None:
            if self._clock.ticks() >= give_up_at:
                return False
            self._clock.wait(_LOOKS_EACH_S / 2)
        if is_agreed:
            self._agreed = None
        else:
            self._heard.append(Dialog(text, is_settled=True))
        return True
