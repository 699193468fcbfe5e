"""The fake ERP and Tryton keep the same contract: with our own server, and as a company serves it itself."""

from collections.abc import Iterator

import pytest

from jikimi.config.model import Ledger
from jikimi.embedded.part import Part
from jikimi.embedded.ports import LOOPBACK, port_of
from jikimi.embedded.tryton_server import VENV, erp_config, erp_key_file
from jikimi.erp.port import Erp, NotAllowed, Unavailable
from jikimi.erp.tryton import Tryton
from jikimi.runtime.port import UnitSpec
from jikimi.testing.erp import FakeErp
from tests.conftest import TrytonServer, Until, start
from tests.contract.erp_contract import PostsOneAtATime, PostsSeveral


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


class TestFakeErp(PostsSeveral):
    @pytest.fixture
    def erp(self) -> Erp:
        return FakeErp()


class TestFakeErpThatPostsOneAtATime(PostsOneAtATime):
    @pytest.fixture
    def erp(self) -> Erp:
        return FakeErp(posts_several=False)


class TestTryton(PostsSeveral):
    @pytest.fixture
    def erp(self, tryton: TrytonServer) -> Erp:
        return tryton.empty_ledger()


class TestPlainTryton(PostsOneAtATime):
    @pytest.fixture
    def erp(self, tryton: TrytonServer, plain_tryton: str) -> Erp:
        tryton.empty_ledger()
        key = erp_key_file(tryton.config.home).read_text().strip()
        return Tryton(plain_tryton, Ledger.COMPANY.value, key)
