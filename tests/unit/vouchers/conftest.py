"""An office for each test."""

from collections.abc import Iterator

import pytest

from jikimi.config import Config
from tests.unit.vouchers.office import Office


@pytest.fixture
def office(config: Config) -> Iterator[Office]:
    office = Office(config)
    yield office
    office.close()
