"""Which browser of this machine flows are driven in."""

import shutil
import sys
from pathlib import Path

from jikimi.errors import NotWell
from jikimi.text import Text

# the first is made for this, and half the size; it shows no window
_HEADLESS = ("chromium-headless-shell",)
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
_APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
    Path("C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"),
    Path("C:/Program Files/Google/Chrome/Application/chrome.exe"),
)


class NoBrowser(NotWell):
    """There is no browser that flows could be driven in."""

    what = Text("흐름을 실행할 브라우저가 없습니다", "there is no browser for flows")
    remedy = Text(
        "Chromium, Chrome 또는 Edge를 설치하거나 jikimi.toml [rpa] browser 에 경로를 쓰세요 ({cure}). "
        "컨테이너라면 `docker compose exec rpa-worker jikimi flow run`",
        "install Chromium, Chrome or Edge, or write its path into jikimi.toml, [rpa] browser ({cure}); "
        "in containers: `docker compose exec rpa-worker jikimi flow run`",
    )

    def __init__(self) -> None:
        cure = "apt install chromium-headless-shell" if sys.platform == "linux" else "https://www.google.com/chrome"
        super().__init__(cure=cure)


def find_browser(chosen: str, *, windows: bool = False) -> Path:
    """Return the browser's program: the one that was *chosen*, else the first that is there.

    Args:
        windows: it must be able to show them.

    Raises:
        NoBrowser: there is none.
    """
    names = (chosen,) if chosen else (*(() if windows else _HEADLESS), *_PROGRAMS)
    for name in names:
        if (found := shutil.which(name)) is not None:
            return Path(found)
    for application in () if chosen else _APPLICATIONS:
        if application.exists():
            return application
    raise NoBrowser
