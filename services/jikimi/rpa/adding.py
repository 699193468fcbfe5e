"""Hand a work item in from any Python program of this machine."""

from pathlib import Path

from jikimi.clock import SystemClock
from jikimi.config import load
from jikimi.rpa.item import Data
from jikimi.rpa.reception import hand_in


def add_item(flow: str, key: str, data: Data, home: Path | None = None) -> Path:
    """Drop an item into the inbox of *flow*; no stack has to run for it, and a key that is known counts once.

    Args:
        home: the home folder; else JIKIMI_HOME, else ./home.

    Returns:
        The file in which it lies until it is taken.
    """
    return hand_in(load(home).home, flow, key, data, SystemClock().now())
