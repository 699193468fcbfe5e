"""A real browser for flows: Chromium by Playwright, one browser a process, one context an attempt."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from jikimi.clock import Clock
from jikimi.rpa.drivers.web_surface import WebSurface
from jikimi.rpa.errors import NoSession


class WebBrowser:
    """One Chromium, headless unless asked otherwise.

    Args:
        program: its executable. channel: a browser that Playwright finds by itself, such as "msedge".
        sandbox: Chromium's own; it cannot be had by root.
        port: on which it answers others of this machine as well, so that a hung flow's screen can be seen.
        neighbours: machines that are also found as NAME.localhost.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        program: Path | None,
        channel: str = "",
        sandbox: bool = True,
        headless: bool = True,
        slow_ms: float = 0,
        port: int = 0,
        neighbours: Sequence[str] = (),
    ) -> None:
        self._clock = clock
        self._options: dict[str, Any] = {
            "executable_path": str(program) if program else None,
            "channel": channel or None,
            "chromium_sandbox": sandbox,
            "headless": headless,
            "slow_mo": slow_ms,
            "args": [*([f"--remote-debugging-port={port}"] if port else []), *_nearby(neighbours)],
        }
        self._playwright: Playwright = sync_playwright().start()
        self._browser: Browser | None = None
        self._ready: WebSurface | None = None
        self.start()
        with contextlib.suppress(PlaywrightError):  # whoever asks for it is told
            self._ready = self._opened()

    def start(self) -> None:
        """Start the browser if none runs.

        Raises:
            NoSession: it does not start.
        """
        if self._browser is not None and self._browser.is_connected():
            return
        try:
            self._browser = self._playwright.chromium.launch(**self._options)
        except PlaywrightError as error:
            raise NoSession(why=error.message.partition("\n")[0]) from None

    def surface(self) -> "WebSurface":
        """Return fresh windows that share nothing with earlier ones; a browser that has died is started anew."""
        for _ in range(2):
            ready, self._ready = self._ready, None
            if ready is not None and not ready.has_crashed and self._browser and self._browser.is_connected():
                return ready
            self.start()
            with contextlib.suppress(PlaywrightError):
                return self._opened()
        raise NoSession(why="the browser ends as soon as it is used")

    def _opened(self) -> "WebSurface":
        assert self._browser is not None  # noqa: S101 - started before
        return WebSurface(self._browser.new_context(locale="ko-KR", accept_downloads=True), self._clock)

    def answers(self) -> bool:
        """Return whether the browser could be used now."""
        try:
            assert self._browser is not None  # noqa: S101 - started when this was made
            self._browser.new_context().close()
        except PlaywrightError:
            return False
        return True

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(PlaywrightError):
            if self._browser is not None:
                self._browser.close()
            self._playwright.stop()


def _nearby(neighbours: Sequence[str]) -> list[str]:
    """Return what lets *neighbours* be found: below `localhost` a browser trusts what it is told even without https."""
    rules = ",".join(f"MAP {name}.localhost {name}" for name in neighbours)
    return [f"--host-resolver-rules={rules}"] if rules else []
