"""One thing on a page, how it is looked for, and what Playwright's errors mean."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, Locator
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from jikimi.rpa.errors import Application, Gone, Mismatch
from jikimi.rpa.kept import is_kept
from jikimi.rpa.selector import By, Selector

GLANCE_MS = 100
# a button may bear the same name as the field beside it
_TAKES_A_VALUE = "input, textarea, select, [contenteditable]"
_NOT_WRITTEN = "Element is not an <input>"
_GONE = re.compile(r"has been closed|Target crashed|Connection closed|browser has disconnected", re.IGNORECASE)
_SEVERAL = re.compile(r"resolved to (\d+) elements")


class WebNode:
    """One thing on a page; Playwright looks it up anew for each use."""

    def __init__(self, located: Locator, selector: Selector, within_s: float) -> None:
        self._located, self._selector, self._within_ms = located, selector, within_s * 1000

    def text(self) -> str:
        """Return what it shows or holds."""
        with told(f"{self._selector} cannot be read"):
            return self._value() if self._holds_value() else self._located.inner_text(timeout=self._within_ms).strip()

    def set(self, value: str) -> None:
        """Give it *value* and read it back once the page has had its say."""
        with told(f"{self._selector} takes no value"):
            # some pages show a field's text, and put another field in its place once it is entered
            self._located.focus(timeout=self._within_ms)
            if not self._fills(value):
                self._located.select_option(label=value, timeout=self._within_ms)
                return
            self._located.blur(timeout=self._within_ms)
            got = self._value()
        if not is_kept(value, got):
            raise Mismatch(selector=str(self._selector))

    def write(self, value: str) -> None:
        """Write *value* and stay there."""
        with told(f"{self._selector} takes no value"):
            self._located.fill(value, timeout=self._within_ms)

    def click(self) -> None:
        """Press it."""
        with told(f"{self._selector} cannot be pressed"):
            self._located.click(timeout=self._within_ms)

    def _fills(self, value: str) -> bool:
        """Return whether it takes what is written; a list does not. Asking first what it is would cost three calls."""
        try:
            self._located.fill(value, timeout=self._within_ms)
        except PlaywrightError as error:
            if _NOT_WRITTEN not in error.message:
                raise
            return False
        return True

    def _tag(self) -> str:
        tag: str = self._located.evaluate("node => node.tagName.toLowerCase()", timeout=self._within_ms)
        return tag

    def _holds_value(self) -> bool:
        return self._tag() in ("input", "textarea", "select")

    def _value(self) -> str:
        return self._located.input_value(timeout=self._within_ms)


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
