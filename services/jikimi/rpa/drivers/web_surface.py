"""The pages of one attempt in a browser.

No call waits without an end: a page in an endless loop answers none of those that have no time limit of their own, so
only such calls are made as have one.
"""

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Frame, Locator, Page, Request
from playwright.sync_api import Dialog as NativeDialog
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from jikimi.clock import Clock
from jikimi.rpa.drivers.web_node import GLANCE_MS, Entered, WebNode, count_of, locate, told
from jikimi.rpa.errors import Ambiguous, Application, Gone, NotFound
from jikimi.rpa.port import Dialog, Health, Hear
from jikimi.rpa.selector import Selector

_LOOK_MS = 2000
_SHOT_MS = 3000
_LISTEN_MS = 50
_QUIET_S = 0.3
_VISIBLE_TEXTS = """(page, css) => [...page.querySelectorAll(css)]
    .filter(one => one.checkVisibility()).map(one => one.innerText.trim()).filter(text => text)"""
_SPEAKS_UP = '[role="alert"], [role="alertdialog"]'
_LAID_OVER = '[role="dialog"], [role="alertdialog"], dialog[open]'


class WebSurface:
    """The pages of one attempt; the newest is the one that is worked with."""

    def __init__(self, context: BrowserContext, clock: Clock) -> None:
        self._context, self._clock = context, clock
        self._agreed: re.Pattern[str] | None = None
        self._heard: list[Dialog] = []
        context.set_default_timeout(_LOOK_MS)
        context.on("dialog", self._answer)
        self._fetching: set[Request] = set()
        context.on("request", self._fetches)
        context.on("requestfinished", self._has_fetched)
        context.on("requestfailed", self._has_fetched)
        self.has_crashed = False
        self._first = context.new_page()
        self._first.on("crash", self._crashed)
        self._is_blank = True
        self._entered = Entered()

    @property
    def page(self) -> Page:
        """The page that is worked with."""
        pages = self._context.pages
        if not pages:
            raise Gone(why="its last window is closed")
        return pages[-1]

    def open(self, address: str, within_s: float) -> None:
        """Go to *address*."""
        with told(f"{address} did not come up"):
            self._is_blank = False
            answer = self.page.goto(address, timeout=within_s * 1000, wait_until="domcontentloaded")
        if answer is not None and answer.status >= 500:  # noqa: PLR2004 - the server's own failures
            raise Application(why=f"{address} answered {answer.status}")

    def settle(self, within_s: float) -> None:
        """Return once no page waits for its server, and none has asked anew for a moment."""
        give_up_at = self._clock.ticks() + within_s
        quiet_since = self._clock.ticks()
        while self._clock.ticks() - quiet_since < _QUIET_S:
            with told("it does not come to rest"):
                self.page.locator("html").wait_for(state="attached", timeout=_LOOK_MS)  # lets what has come be heard
                self.page.wait_for_timeout(_LISTEN_MS)
            if self._fetching:
                quiet_since = self._clock.ticks()
                if quiet_since >= give_up_at:
                    raise Application(why=f"it still waits for {next(iter(self._fetching)).url}")

    def find(self, selector: Selector, within_s: float, hear: Hear | None = None) -> WebNode:
        """Return the one visible thing that *selector* names; told what to hear, it is looked for when it is used."""
        if hear is None:
            found = self._waited_for(selector, within_s, None)
            return WebNode(lambda: found, selector, found[1], self._entered)
        guess = self._guess(selector)
        return WebNode(lambda: self._waited_for(selector, within_s, hear), selector, within_s, self._entered, guess)

    def shows(self, selector: Selector) -> bool:
        """Return whether *selector* names anything visible."""
        return bool(self._located(selector))

    def text(self) -> str:
        """Return all that can be read."""
        said = []
        for frame in self._frames():
            with told("its text cannot be read"), contextlib.suppress(PlaywrightTimeout):
                said.append(frame.locator("body").inner_text(timeout=_LOOK_MS))
        return "\n".join(said)

    def notices(self) -> Sequence[str]:
        """Return the texts of alerts."""
        return [text for frame in self._frames() for text in self._visible_texts(frame, _SPEAKS_UP)]

    def agree(self, pattern: str) -> None:
        """Say yes to the next question whose text has *pattern*."""
        self._agreed = re.compile(pattern)

    def dialogs(self) -> Sequence[Dialog]:
        """Return message boxes that came up unasked and are answered, and what is laid over the page now."""
        heard = self.answered()
        if self._is_blank:  # nothing can lie over it, and the first look at any page costs more than all others
            return heard
        laid_over = [Dialog(text) for frame in self._frames() for text in self._visible_texts(frame, _LAID_OVER)]
        return [*heard, *laid_over]

    def answered(self) -> Sequence[Dialog]:
        """Return message boxes that came up unasked and are answered."""
        heard, self._heard = self._heard, []
        return heard

    def download(self, selector: Selector, folder: Path, within_s: float) -> Path:
        """Press *selector*, and return the file that came of it."""
        with told("no file came of it"):
            with self.page.expect_download(timeout=within_s * 1000) as coming:
                self.find(selector, within_s).click()
            target = folder / Path(coming.value.suggested_filename).name
            coming.value.save_as(target)
        return target

    def health(self) -> Health:
        """Return how the page is."""
        try:
            self.page.locator("html").wait_for(state="attached", timeout=_LOOK_MS)
        except PlaywrightTimeout:
            return Health.HUNG
        except (PlaywrightError, Gone):
            return Health.GONE
        return Health.OK

    def shot(self) -> bytes | None:
        """Return the page as PNG."""
        try:
            hidden = [frame.locator('input[type="password"]') for frame in self._frames()]
            return self.page.screenshot(full_page=True, mask=hidden, mask_color="#000000", timeout=_SHOT_MS)
        except (PlaywrightError, Gone):
            return None

    def tree(self) -> str:
        """Return the page as accessibility sees it."""
        with contextlib.suppress(PlaywrightError, Gone):
            return "\n".join(frame.locator("body").aria_snapshot(timeout=_SHOT_MS) for frame in self._frames())
        return ""

    def source(self) -> str:
        """Return the page's HTML."""
        with contextlib.suppress(PlaywrightError, Gone):
            html: str = self.page.locator("html").evaluate("page => page.outerHTML", timeout=_SHOT_MS)
            return html
        return ""

    def where(self) -> str:
        """Return the page's address."""
        pages = self._context.pages
        return pages[-1].url if pages else ""

    def close(self) -> None:
        """End the pages."""
        with contextlib.suppress(PlaywrightError):
            self._context.close()

    def _answer(self, dialog: NativeDialog) -> None:
        """Answer a message box at once, for nothing on the page goes on before."""
        is_agreed = self._agreed is not None and self._agreed.search(dialog.message) is not None
        with contextlib.suppress(PlaywrightError):  # the page may be gone with it
            if is_agreed:
                self._agreed = None
                dialog.accept()
                return
            if dialog.type != "beforeunload":
                self._heard.append(Dialog(dialog.message, is_settled=True))
            dialog.dismiss()

    def _crashed(self, _page: Page) -> None:
        self.has_crashed = True

    def _fetches(self, request: Request) -> None:
        self._fetching.add(request)

    def _has_fetched(self, request: Request) -> None:
        self._fetching.discard(request)

    def _frames(self) -> Sequence[Frame]:
        return [frame for frame in self.page.frames if not frame.is_detached()]

    def _located(self, selector: Selector) -> list[tuple[Locator, int]]:
        """Return what *selector* names in each frame that has any of it, and how many they are."""
        found = []
        for frame in self._frames():
            located = locate(frame, selector).filter(visible=True)
            with told(f"{selector} cannot be looked for"), contextlib.suppress(PlaywrightTimeout):
                found.append((located, count_of(located)))
        return found

    def _waited_for(self, selector: Selector, within_s: float, hear: Hear | None) -> tuple[Locator, float]:
        """Return what *selector* names once it is the only one, and the seconds that are left for its use."""
        give_up_at = self._clock.ticks() + within_s
        if (guess := self._guess(selector)) is not None and hear is not None and self._is_one(guess[1], selector):
            return guess[0], within_s
        self._entered.leave(within_s * 1000)  # what it looks for may come of what was written last
        # told once: whoever presses a button of such a window must not press it again before it is gone
        if hear is not None and (unasked := self.dialogs()):
            hear(unasked)
        while True:
            found = self._located(selector)
            count = sum(number for _, number in found)
            if count == 1:
                return found[0][0], max(give_up_at - self._clock.ticks(), 1.0)
            if self._clock.ticks() >= give_up_at:
                if count:
                    raise Ambiguous(selector=str(selector), count=count)
                raise NotFound(selector=str(selector), seconds=round(within_s))

    def _guess(self, selector: Selector) -> tuple[Locator, Locator] | None:
        """Return where *selector* is, and the same with all that must not be there: one look tells the usual case.

        A window that is laid over the page counts as two, so that it is never taken for the one thing.
        """
        frames = self._frames()
        if self._heard or len(frames) != 1:
            return None
        located = locate(frames[0], selector).filter(visible=True)
        covered = frames[0].locator("html, body").filter(has=_seen(frames[0], _LAID_OVER))
        return located, located.or_(covered)

    def _is_one(self, located: Locator, selector: Selector) -> bool:
        with told(f"{selector} cannot be looked for"), contextlib.suppress(PlaywrightTimeout):
            return count_of(located) == 1
        return False

    def _visible_texts(self, frame: Frame, css: str) -> list[str]:
        """Return what those that *css* names say; that there are none, as nearly always, is asked in one short call."""
        with contextlib.suppress(PlaywrightError):
            _seen(frame, css).wait_for(state="detached", timeout=GLANCE_MS)
            return []
        with told("its notices cannot be read"), contextlib.suppress(PlaywrightTimeout):
            texts: list[str] = frame.locator("html").evaluate(_VISIBLE_TEXTS, css, timeout=_LOOK_MS)
            return texts
        return []


def _seen(frame: Frame, css: str) -> Locator:
    """Return those that *css* names, as far as they can be seen; one without a size of its own is by what is in it."""
    return frame.locator(f"{css}, :is({css}) *").filter(visible=True)
