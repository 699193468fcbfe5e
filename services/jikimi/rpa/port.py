"""What flows need of a program's windows, whatever shows them: a browser, a Windows desktop, a Linux one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from jikimi.rpa.selector import Selector


class Health(StrEnum):
    """How the driven program is."""

    OK = "ok"
    HUNG = "hung"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Dialog:
    """A window that came up by itself: a message box, a question, a notice laid over the page.

    Attributes:
        is_settled: it is closed already, for it would have let nothing go on.
    """

    text: str
    is_settled: bool = False


Hear = Callable[[Sequence[Dialog]], object]


class Node(Protocol):
    """One thing on the screen, looked up anew for each use: what was found before may have been drawn again."""

    def text(self) -> str:
        """Return what it shows, or the value that it holds."""
        ...

    def set(self, value: str) -> None:
        """Give it *value*, or choose the entry of that name.

        Raises:
            Mismatch: it is seen at once that it holds something else.
        """
        ...

    def check(self, value: str) -> bool:
        """Return whether it still holds *value*, once all that belongs together is written; if not, write it again.

        One field may change another, and so may the one that is written again.

        Raises:
            Mismatch: it holds something else than *value*; a number may have been written with separators.
        """
        ...

    def write(self, value: str) -> None:
        """Write *value* and stay there, as one who looks for an entry: the program may then offer some."""
        ...

    def click(self) -> None:
        """Press it; return once the press has been taken."""
        ...


class Surface(Protocol):
    """The windows of one program. All calls raise `Gone` when it has ended, and end within their time."""

    def open(self, address: str, within_s: float) -> None:
        """Go to *address*, and return once it can be read.

        Raises:
            Application: it did not come up.
        """
        ...

    def settle(self, within_s: float) -> None:
        """Return once the program has all that it is fetching: what is not shown then is not there.

        Raises:
            Application: it still waits for something.
        """
        ...

    def find(self, selector: Selector, within_s: float, hear: Hear | None = None) -> Node:
        """Return the one thing that *selector* names, visible and enabled, waiting for it here or when it is used.

        Args:
            hear: is told before of the windows that came up unasked, as `dialogs` would return them, and may close
                them; not called when there are none.

        Raises:
            NotFound, Ambiguous: so does its first use.
        """
        ...

    def shows(self, selector: Selector) -> bool:
        """Return whether *selector* names anything visible now."""
        ...

    def text(self) -> str:
        """Return all that can be read now."""
        ...

    def notices(self) -> Sequence[str]:
        """Return the texts by which the program speaks up on its own now: alerts and status lines."""
        ...

    def agree(self, pattern: str) -> None:
        """Say yes to the next question whose text has *pattern*; every other one is answered with no."""
        ...

    def dialogs(self) -> Sequence[Dialog]:
        """Return the windows that came up unasked since the last call, those that are still open among them."""
        ...

    def answered(self) -> Sequence[Dialog]:
        """Return those of `dialogs` alone that are settled already, which takes no look at the screen."""
        ...

    def download(self, selector: Selector, folder: Path, within_s: float) -> Path:
        """Press what *selector* names, and return the file that came of it, whole, in *folder*."""
        ...

    def health(self) -> Health:
        """Return how the program is, within two seconds or so."""
        ...

    def shot(self) -> bytes | None:
        """Return a picture as PNG, passwords blacked out; None when the program shows none any more."""
        ...

    def tree(self) -> str:
        """Return what is on the screen as accessibility sees it, an indented line each; "" if it does not answer."""
        ...

    def source(self) -> str:
        """Return what the screen was made of, such as a page's HTML; "" where there is no such thing."""
        ...

    def where(self) -> str:
        """Return the address or the title of what is shown."""
        ...

    def close(self) -> None:
        """End this program's windows; never raises."""
        ...
