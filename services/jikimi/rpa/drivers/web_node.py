"""One thing on a page, how it is looked for, and what Playwright's errors mean."""

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, Locator
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from jikimi.rpa.errors import Application, Gone, Mismatch
from jikimi.rpa.kept import is_kept
from jikimi.rpa.selector import By, Selector

GLANCE_MS = 100
_QUICK_MS = 1000  # what is not there as usual by then is looked for and waited for
# a button may bear the same name as the field beside it
_TAKES_A_VALUE = "input, textarea, select, [contenteditable]"
_HOLDS_A_VALUE = ("input", "textarea", "select")
_NOT_WRITTEN = "Element is not an <input>"
_GONE = re.compile(r"has been closed|Target crashed|Connection closed|browser has disconnected", re.IGNORECASE)
_SEVERAL = re.compile(r"resolved to (\d+) elements")


class Entered:
    """The field of a page that was written last, until it is left: a page has its say when it is."""

    def __init__(self) -> None:
        self._located: Locator | None = None

    def enter(self, located: Locator | None) -> None:
        """Remember it; writing another one leaves this one."""
        self._located = located

    def leave(self, within_ms: float) -> None:
        """Leave it, as a person who goes on; one that is gone has been left."""
        located, self._located = self._located, None
        with contextlib.suppress(PlaywrightError):
            if located is not None:
                located.blur(timeout=within_ms)


Look = Callable[[], tuple[Locator, float]]


class WebNode:
    """One thing on a page; Playwright looks it up anew for each use.

    Args:
        look: waits until it is the only one, and returns it with the seconds that its use may take.
        within_s: so long may its use take where nobody had to look.
        entered: of its page.
        guess: where it is if all is as usual; the second one finds more than one thing if it is not.
    """

    def __init__(
        self,
        look: Look,
        selector: Selector,
        within_s: float,
        entered: Entered,
        guess: tuple[Locator, Locator] | None = None,
    ) -> None:
        self._look, self._selector, self._entered, self._guess = look, selector, entered, guess
        self._found: Locator | None = None
        self._is_list = False
        self._within_ms = within_s * 1000

    def text(self) -> str:
        """Return what it shows or holds."""
        located = self._located()
        with told(f"{self._selector} cannot be read"):
            if located.evaluate("node => node.tagName.toLowerCase()", timeout=self._within_ms) in _HOLDS_A_VALUE:
                return located.input_value(timeout=self._within_ms)
            return located.inner_text(timeout=self._within_ms).strip()

    def set(self, value: str) -> None:
        """Leave what was written last, for it may move the cursor, and give this one *value*.

        That it is the only one, and nothing is laid over it, is seen by writing: to look before costs as much again.
        """
        self._entered.leave(self._within_ms)
        if not self._is_given_at_once(value):
            located = self._located()
            with told(f"{self._selector} takes no value"):
                self._give(located, value, self._within_ms)
        if not self._is_list:
            self._entered.enter(self._found)

    def check(self, value: str) -> bool:
        """Leave what was written last, and read this one back once the page has had its say."""
        located = self._located()
        with told(f"{self._selector} takes no value"):
            self._entered.leave(self._within_ms)
            if is_kept(value, self._held(located)):
                return True
            if not self._is_list:
                # some pages show a field's text, and put another field in its place once it is entered
                located.focus(timeout=self._within_ms)
            self._give(located, value, self._within_ms)
            if not self._is_list:
                located.blur(timeout=self._within_ms)
            if not is_kept(value, self._held(located)):
                raise Mismatch(selector=str(self._selector))
        return False

    def write(self, value: str) -> None:
        """Write *value* and stay there."""
        located = self._located()
        with told(f"{self._selector} takes no value"):
            located.fill(value, timeout=self._within_ms)

    def click(self) -> None:
        """Press it."""
        located = self._located()
        with told(f"{self._selector} cannot be pressed"):
            located.click(timeout=self._within_ms)

    def _located(self) -> Locator:
        if self._found is None:
            self._found, within_s = self._look()
            self._within_ms = within_s * 1000
        return self._found

    def _is_given_at_once(self, value: str) -> bool:
        if self._guess is None:
            return False
        located, alone = self._guess
        try:
            self._give(alone, value, _QUICK_MS)
        except PlaywrightError:
            return False
        self._found = located
        return True

    def _give(self, located: Locator, value: str, within_ms: float) -> None:
        """Write, or choose from a list; asking first which it is would cost three calls."""
        try:
            located.fill(value, timeout=within_ms)
        except PlaywrightError as error:
            if _NOT_WRITTEN not in error.message:
                raise
            located.select_option(label=value, timeout=within_ms)
            self._is_list = True

    def _held(self, located: Locator) -> str:
        """Return what a person sees in it; a list may hold another word than it shows."""
        if self._is_list:
            return located.locator("option:checked").inner_text(timeout=self._within_ms).strip()
        return located.input_value(timeout=self._within_ms)


def count_of(located: Locator) -> int:
    """Return how many there are, 1 or more; Playwright's time-out says that there is none yet.

    Its own `count` would wait for a hung page for ever.
    """
    try:
        located.wait_for(state="attached", timeout=GLANCE_MS)
    except PlaywrightTimeout:
        raise
    except PlaywrightError as error:
        if (several := _SEVERAL.search(error.message)) is None:
            raise
        return int(several[1])
    return 1


def locate(frame: Frame | Locator, selector: Selector) -> Locator:
    """Return how Playwright looks for *selector* in *frame*, or in a part of it."""
    if selector.inside is not None:
        frame = locate(frame, selector.inside).filter(visible=True)
    match selector.by:
        case By.FIELD:
            return frame.get_by_label(selector.name, exact=True).and_(frame.locator(_TAKES_A_VALUE))
        case By.BUTTON:
            return frame.get_by_role("button", name=selector.name, exact=True)
        case By.ROLE:
            role: Any = selector.role
            return frame.get_by_role(role, name=selector.name or None, exact=True)
        case By.ID:
            return frame.locator(f'[id="{selector.name}"]')


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Turn what Playwright raises into our own errors."""
    try:
        yield
    except PlaywrightTimeout as error:
        raise Application(why=f"{what}: {error.message.partition(chr(10))[0]}") from None
    except PlaywrightError as error:
        first = error.message.partition("\n")[0]
        raise (Gone(why=first) if _GONE.search(error.message) else Application(why=f"{what}: {first}")) from None
