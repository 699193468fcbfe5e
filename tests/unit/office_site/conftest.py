"""The accounting site of `examples/office`, and somebody who works in its pages."""

from collections.abc import Iterator

import pytest

from tests.office_site import OfficeSite, Visitor


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeSite]:
    with OfficeSite(tmp_path_factory.mktemp("office")) as site:
        yield site


@pytest.fixture
def site(running: OfficeSite) -> OfficeSite:
    running.misbehave()
    return running


@pytest.fixture
def visitor(site: OfficeSite) -> Visitor:
    """Somebody who has logged in."""
    visitor = Visitor(site)
    visitor.log_in()
    return visitor


@pytest.fixture
def memo(request: pytest.FixtureRequest) -> str:
    """A memo that no other test writes."""
    return f"{request.node.name} <b>&amp;"
