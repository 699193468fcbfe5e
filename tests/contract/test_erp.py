"""The fake ERP, a flow and Tryton keep the same contract; Tryton with our own server, and as a company serves it."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from sqlite3 import IntegrityError

import pytest

from jikimi.clock import SystemClock
from jikimi.config import Config, load
from jikimi.config.model import Ledger
from jikimi.embedded.part import Part
from jikimi.embedded.ports import LOOPBACK, port_of
from jikimi.embedded.tryton_server import NAME, VENV, erp_config, erp_key_file
from jikimi.erp.port import Erp, NotAllowed, Unavailable
from jikimi.erp.tryton import Tryton
from jikimi.runtime.port import UnitSpec
from jikimi.testing.clock import FakeClock
from jikimi.testing.erp import FakeErp
from tests.conftest import TrytonServer, Until, start
from tests.contract.erp_contract import (
    DAY,
    LONG_AGO,
    SAID,
    KeepsDescriptions,
    KnowsItsBooks,
    PostsAKeyOnce,
    PostsOneAtATime,
    PostsSeveral,
    voucher,
)
from tests.flow_office import FLOW, AtOnce
from tests.plain_books import plain_template, register_key


@pytest.fixture(scope="session")
def plain_tryton(erp_template: Path, tmp_path_factory: pytest.TempPathFactory, until: Until) -> Iterator[TrytonServer]:
    """Tryton's own server program, with books that know nothing of us."""
    config = load(tmp_path_factory.mktemp("plain"), {})
    config.home.make()
    home, key = config.home, erp_key_file(config.home).read_text().strip()
    books = home / f"erp/{Ledger.COMPANY}.sqlite"
    shutil.copyfile(plain_template(erp_template, SystemClock().now().date()), books)
    register_key(books, key)
    port = port_of(home / "state/ports.json", NAME)
    listen = home / "erp/listen.conf"
    listen.write_text(f"[web]\nlisten = {LOOPBACK}:{port}\n", encoding="utf-8")
    command = [str(VENV / "bin/trytond"), "--config", str(erp_config(home)), str(listen), "--database", Ledger.COMPANY]
    erp = Tryton(f"http://{LOOPBACK}:{port}", Ledger.COMPANY.value, key)
    stop = start(Part(UnitSpec("plain", command, home / "logs/plain.log"), lambda _: answers(erp)), until)
    yield TrytonServer(config)
    stop()


def answers(erp: Erp) -> bool:
    try:
        return bool(erp.catalogue())
    except (Unavailable, NotAllowed):
        return False


class TestFakeErp(PostsSeveral, KnowsItsBooks, KeepsDescriptions):
    @pytest.fixture
    def erp(self) -> Erp:
        return FakeErp()


class TestFakeErpThatPostsOneAtATime(PostsOneAtATime, KnowsItsBooks):
    @pytest.fixture
    def erp(self) -> Erp:
        return FakeErp(posts_several=False)


class TestFlowThatRepliesAtOnce(PostsSeveral, KeepsDescriptions):
    @pytest.fixture
    def erp(self, config: Config) -> Erp:
        return AtOnce(config, FakeClock(SystemClock().now() + timedelta(hours=1)))  # every file has settled

    def test_any_account_and_any_day_is_taken_for_only_the_other_side_knows(self, erp: Erp) -> None:
        catalogue = erp.catalogue()

        assert all(account in catalogue.accounts for account in ("811", "99999"))
        assert (catalogue.currency, catalogue.digits) == ("KRW", 0)
        assert catalogue.takes(LONG_AGO)

    def test_a_draft_of_the_first_release_is_read_though_it_has_no_witnesses(self, config: Config, erp: Erp) -> None:
        erp.stage([voucher("jk1-a", witnesses=SAID)])
        file = config.home / f"work/outgoing/{FLOW}/jk1-a.json"
        draft = json.loads(file.read_text(encoding="utf-8"))
        del draft["data"]["description"], draft["data"]["witnesses"]
        file.write_text(json.dumps(draft), encoding="utf-8")

        (found,) = erp.find(["jk1-a"])

        assert (found.description, found.witnesses) == ("", "")
        assert erp.find_on([DAY]) == [found]


class TestTryton(PostsSeveral, KnowsItsBooks, KeepsDescriptions, PostsAKeyOnce):
    @pytest.fixture
    def erp(self, tryton: TrytonServer) -> Erp:
        return tryton.empty_ledger()

    def test_the_database_itself_takes_no_second_posted_move_with_a_key(self, erp: Erp, tryton: TrytonServer) -> None:
        erp.post(erp.stage([voucher("jk2-a")]))
        (second,) = erp.stage([voucher("jk2-a")])

        with pytest.raises(IntegrityError, match="jikimi_key"):
            tryton.execute(Ledger.COMPANY, "UPDATE account_move SET state = 'posted'")

        assert erp.drafts() == [second]

    def test_what_one_answer_cannot_hold_is_asked_for_again(
        self, tryton: TrytonServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        erp = tryton.empty_ledger()
        staged = erp.stage([voucher(f"jk2-{number}") for number in range(4)])
        monkeypatch.setattr("jikimi.erp.tryton._PER_ANSWER", 2)

        assert erp.drafts() == staged
        assert erp.find_on([DAY]) == staged
        assert erp.find(["jk2-0", "jk2-1", "jk2-3"]) == [staged[0], staged[1], staged[3]]

    def test_a_copy_has_neither_key_nor_witnesses(self, tryton: TrytonServer) -> None:
        erp = tryton.empty_ledger()
        (posted,) = erp.post(erp.stage([voucher("jk2-a", witnesses=SAID)]))

        erp._ask("POST", f"rest/model/account.move/{posted.id}/copy", {})

        assert (erp.find_on([DAY]), erp.drafts()) == ([posted], [])
        rows = tryton.execute(
            Ledger.COMPANY, "SELECT state, description, jikimi_key, jikimi_witnesses FROM account_move ORDER BY id"
        )
        assert rows == [("posted", "커피", "jk2-a", SAID), ("draft", "커피", None, None)]


class TestPlainTryton(PostsOneAtATime, KnowsItsBooks):
    @pytest.fixture
    def erp(self, plain_tryton: TrytonServer) -> Erp:
        return plain_tryton.empty_ledger()

    def test_the_description_begins_with_the_key(self, erp: Erp, plain_tryton: TrytonServer) -> None:
        erp.stage([voucher("jk1-a"), voucher("jk2-a", witnesses="{}")])

        rows = plain_tryton.execute(Ledger.COMPANY, "SELECT description FROM account_move ORDER BY id")
        assert rows == [("jk1-a",), ("jk2-a {}",)]
