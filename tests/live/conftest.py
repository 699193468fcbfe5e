"""A stack for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Until
from tests.live.stack import LiveStack
from tests.restic import restic_template  # noqa: F401 - a fixture


@pytest.fixture
def stack(erp_template: Path, tmp_path: Path, until: Until) -> Iterator[LiveStack]:
    """A running stack in a new home; preparing the ERP is done before, once for all."""
    stack = LiveStack(tmp_path / "home", until)
    stack.start()
    yield stack
    stack.close()
