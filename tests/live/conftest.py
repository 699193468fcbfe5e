"""A stack, a browser, the accounting site: for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jikimi.rpa.browsers import NoBrowser, find_browser
from tests.conftest import Until, missing
from tests.live.stack import LiveStack
from tests.office_site import OfficeSite
from tests.restic import restic_template  # noqa: F401 - a fixture


@pytest.fixture
def stack(erp_template: Path, tmp_path: Path, until: Until) -> Iterator[LiveStack]:
    """A running stack in a new home; preparing the ERP is done before, once for all."""
    stack = LiveStack(tmp_path / "home", until)
    stack.start()
    yield stack
    stack.close()


@pytest.fixture
def browser() -> None:
    """Skip the test, or fail it where that is required, where there is no browser."""
    try:
        find_browser("")
    except NoBrowser:
        missing("a browser (chromium-headless-shell)")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OfficeSite]:
    """The accounting site of `examples/office`."""
    (tmp_path / "site").mkdir()
    with OfficeSite(tmp_path / "site") as site:
        yield site
