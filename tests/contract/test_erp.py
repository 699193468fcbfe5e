"""The fake ERP and Tryton keep the same contract."""

import pytest

from jikimi.erp.port import Erp
from jikimi.testing.erp import FakeErp
from tests.conftest import TrytonServer
from tests.contract.erp_contract import ErpContract


class TestFakeErp(ErpContract):
    @pytest.fixture
    def erp(self) -> Erp:
        return FakeErp()


class TestTryton(ErpContract):
    @pytest.fixture
    def erp(self, tryton: TrytonServer) -> Erp:
        return tryton.empty_ledger()
