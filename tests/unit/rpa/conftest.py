"""A reception whose process can begin anew."""

from collections.abc import Callable

import pytest

from jikimi.config import Config
from jikimi.rpa.reception import Reception
from jikimi.rpa.store import ItemStore
from jikimi.testing.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(config: Config) -> ItemStore:
    return ItemStore(config.home / "state/items.sqlite")


@pytest.fixture
def look(config: Config, clock: FakeClock, store: ItemStore) -> Callable[[], Reception]:
    def later() -> Reception:
        """Return a reception of a new process that has looked, once the files have settled."""
        clock.advance(10 * 365 * 24 * 3600)  # the files were written by the machine's own clock
        reception = Reception(config, clock, store)
        reception.look()
        return reception

    return later
