"""An office for each test."""

from collections.abc import Iterator

import pytest
from tests.unit.vouchers.office import Office

from jikimi.config import Config


@pytest.fixture
def office(config: Config) -> Iterator[Office]:
    office = Office(config)
    yield office
    office.close()
