"""The fake ERP, a flow and Tryton keep the same contract; Tryton with our own server, and as a company serves it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from jikimi.clock import SystemClock
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.embedded.part import Part
from jikimi.embedded.ports import LOOPBACK, port_of
from jikimi.embedded.tryton_server import VENV, erp_config, erp_key_file
from jikimi.erp.port import Erp, NotAllowed, Unavailable
from jikimi.erp.tryton import Tryton
from jikimi.runtime.port import UnitSpec
from jikimi.testing.clock import FakeClock
from jikimi.testing.erp import FakeErp
from tests.conftest import TrytonServer, Until, start
from tests.contract.erp_contract import LONG_AGO, KnowsItsBooks, PostsOneAtATime, PostsSeveral
from tests.flow_office import AtOnce


@pytest.fixture(scope="session")
def plain_tryton(tryton: TrytonServer, until: Until) -> Iterator[str]:
    """The address of Tryton's own server program, with the same databases."""
    home = tryton.config.home
    port = port_of(home / "state/ports.json", "plain")
    listen = home / "erp/listen.conf"
    listen.write_text(f"[web]\nlisten = {LOOPBACK}:{port}\n", encoding="utf-8")
    command = [str(VENV / "bin/trytond"), "--config", str(erp_config(home)), str(listen), "--database", *Ledger]
    url = f"http://{LOOPBACK}:{port}"
    erp = Tryton(url, Ledger.COMPANY.value, erp_key_file(home).read_text().strip())
    stop = start(Part(UnitSpec("plain", command, home / "logs/plain.log"), lambda _: answers(erp)), until)
    yield url
    stop()


def answers(erp: Erp) -> bool:
    try:
        return bool(erp.catalogue())
    except (Unavailable, NotAllowed):
        return False


class TestFakeErp(PostsSeveral, KnowsItsBooks):
    @pytest.fixture
    def erp(self) -> Erp:
        return FakeErp()


class TestFakeErpThatPostsOneAtATime(PostsOneAtATime, KnowsItsBooks):
    @pytest.fixture
    def erp(self) -> Erp:
        return FakeErp(posts_several=False)


class TestFlowThatRepliesAtOnce(PostsSeveral):
    @pytest.fixture
    def erp(self, config: Config) -> Erp:
        return AtOnce(config, FakeClock(SystemClock().now() + timedelta(hours=1)))  # every file has settled

    def test_any_account_and_any_day_is_taken_for_only_the_other_side_knows(self, erp: Erp) -> None:
        catalogue = erp.catalogue()

        assert all(account in catalogue.accounts for account in ("811", "99999"))
        assert (catalogue.currency, catalogue.digits) == ("KRW", 0)
        assert catalogue.takes(LONG_AGO)


class TestTryton(PostsSeveral, KnowsItsBooks):
    @pytest.fixture
    def erp(self, tryton: TrytonServer) -> Erp:
        return tryton.empty_ledger()


class TestPlainTryton(PostsOneAtATime, KnowsItsBooks):
    @pytest.fixture
    def erp(self, tryton: TrytonServer, plain_tryton: str) -> Erp:
        tryton.empty_ledger()
        key = erp_key_file(tryton.config.home).read_text().strip()
        return Tryton(plain_tryton, Ledger.COMPANY.value, key)
