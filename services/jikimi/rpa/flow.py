"""A flow: one small function that a person writes, with what the worker must know to run it safely."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jikimi.config.span import parse_span

QUEUE = "rpa"
DESKTOP_QUEUE = "ui"  # of flows that work in the windows of programs
Result = Mapping[str, Any] | None
Body = Callable[[Any, Any], Result]


@dataclass(frozen=True, slots=True)
class Flow:
    """What `@flow` makes of a function.

    Attributes:
        app: which program it drives, for who reads the list of flows.
        attempts: so often it is begun at most.
        timeout_s: longer than this no attempt takes. stall_s: so long it may stand still within one step.
        asks: the probe: it returns what the flow would have returned if the item went through, else None.
    """

    name: str
    body: Body
    queue: str = QUEUE
    app: str = ""
    attempts: int = 3
    timeout_s: float = 300.0
    stall_s: float = 45.0
    about: str = ""
    asks: list[Body] = field(default_factory=list)

    def __call__(self, item: Any, ui: Any) -> Result:
        """Run it, as any function; the worker alone gives it attempts and a fence."""
        return self.body(item, ui)

    def probe(self, body: Body) -> Body:
        """Take *body* as the question whether an item went through; asked before every attempt but the first.

        It returns what the flow would have returned, or None if the item is not there; `Unsure` says it cannot tell.
        """
        self.asks[:] = [body]
        return body

    @property
    def has_probe(self) -> bool:
        """Whether anybody can be asked if an item went through."""
        return bool(self.asks)


def flow(
    *, queue: str = QUEUE, app: str = "", attempts: int = 3, timeout: str = "5m", stall: str = "45s"
) -> Callable[[Body], Flow]:
    """Make a flow of a function `(item, ui) -> result`; its name is the flow's.

    Args:
        queue: "rpa" for a browser, "ui" for the windows of a desktop.
        timeout, stall: spans such as "90s" or "5m".

    Raises:
        ValueError: a span or a number cannot be meant.
    """
    timeout_s, stall_s = parse_span(timeout).total_seconds(), parse_span(stall).total_seconds()
    if attempts < 1:
        raise ValueError(f"attempts must be 1 or more (got {attempts})")
    if not 0 < stall_s <= timeout_s:
        raise ValueError(f"stall must be more than nothing and not longer than timeout (got {stall}, {timeout})")

    def make(body: Body) -> Flow:
        about = (body.__doc__ or "").strip().partition("\n")[0]
        return Flow(body.__name__, body, queue, app, attempts, timeout_s, stall_s, about)

    return make
