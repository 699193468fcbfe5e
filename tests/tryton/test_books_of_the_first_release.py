"""Books without our module, with keys in descriptions, get it once at a start, and every voucher is found as before."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jikimi.clock import SystemClock
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import erp_config, erp_key_file, erp_part, erp_url, run_script
from jikimi.erp.port import Booked, Entry, Refused, Voucher
from jikimi.erp.tryton import Tryton
from tests.conftest import TrytonServer, Until, start
from tests.plain_books import plain_template, register_key

DAY = date(2026, 11, 4)
NOTHING = Decimal(0)
_FIELDS = "SELECT state, description, jikimi_key, jikimi_witnesses FROM account_move ORDER BY id"


def voucher(key: str, text: str = "커피", witnesses: str = "") -> Voucher:
    sides = (Entry("811", Decimal(4500), NOTHING, ""), Entry("253", NOTHING, Decimal(4500), text))
    return Voucher(key, DAY, sides, description=text, witnesses=witnesses)


class OldBooks:
    """Books of a home, as they were before our module."""

    def __init__(self, config: Config, template: Path, until: Until) -> None:
        self._config, self._until = config, until
        self._stop: Callable[[], None] = lambda: None
        self.file = config.home / f"erp/{Ledger.COMPANY}.sqlite"
        erp_config(config.home)
        for ledger in Ledger:
            shutil.copyfile(template, config.home / f"erp/{ledger}.sqlite")
        register_key(self.file, self._key)

    @property
    def _key(self) -> str:
        return erp_key_file(self._config.home).read_text().strip()

    def serve(self) -> Tryton:
        """Start the server, and return a client."""
        self._stop = start(erp_part(self._config.home), self._until)
        return Tryton(erp_url(self._config.home), Ledger.COMPANY.value, self._key)

    def stop(self) -> None:
        """Stop the server."""
        self._stop()
        self._stop = lambda: None

    def make_ready(self) -> dict[str, object]:
        """Do what each start of the ERP does."""
        where = ("--config", erp_config(self._config.home), "--database", Ledger.COMPANY.value)
        today = SystemClock().now().date()
        return run_script("ready.py", *where, "--key-file", erp_key_file(self._config.home), "--today", today)

    def rows(self, sql: str = _FIELDS) -> list[tuple[object, ...]]:
        """Return rows of the database itself."""
        return TrytonServer(self._config).execute(Ledger.COMPANY, sql)


@pytest.fixture
def books(config: Config, erp_template: Path, until: Until) -> Iterator[OldBooks]:
    books = OldBooks(config, plain_template(erp_template, SystemClock().now().date()), until)
    yield books
    books.stop()


def fill(books: OldBooks) -> list[Booked]:
    erp = books.serve()
    first, second, draft = erp.stage(
        [voucher("jk1-a"), voucher("jk2-b", "스타벅스", '{"적요": "a b"}'), voucher("jk1-c", "")]
    )
    posted = [*erp.post([first]), *erp.post([second])]
    books.stop()
    return [*posted, draft]


def test_old_books_get_the_module_once_and_all_is_found_as_before(books: OldBooks) -> None:
    before = fill(books)

    assert books.make_ready()["module"] is True
    rows = books.rows()
    assert books.make_ready()["module"] is False

    assert books.rows() == rows
    assert rows == [
        ("posted", "커피", "jk1-a", None),
        ("posted", "스타벅스", "jk2-b", '{"적요": "a b"}'),
        ("draft", None, "jk1-c", None),
    ]
    erp = books.serve()
    assert erp.find(["jk1-a", "jk2-b", "jk1-c"]) == erp.find_on([DAY]) == before
    assert erp.drafts() == before[2:]


def test_a_client_from_before_finds_all_after_its_next_catalogue(books: OldBooks) -> None:
    before = fill(books)
    erp = books.serve()
    assert erp.find(["jk1-a"]) == before[:1]
    books.stop()

    books.make_ready()
    books.serve()
    erp.catalogue()

    assert erp.find(["jk1-a"]) == before[:1]
    assert erp.drafts() == before[2:]


def test_a_key_posted_before_is_refused_afterwards(books: OldBooks) -> None:
    fill(books)
    books.make_ready()
    erp = books.serve()

    with pytest.raises(Refused):
        erp.post(erp.stage([voucher("jk1-a")]))


def test_a_start_that_was_killed_half_way_is_made_good_by_the_next(books: OldBooks) -> None:
    fill(books)
    books.make_ready()
    rows = books.rows()
    # As if nothing had been kept but the columns, and one move of three.
    books.rows("UPDATE ir_module SET state = 'not activated' WHERE name = 'jikimi_key'")
    books.rows("DROP INDEX account_move_jikimi_key_posted")
    books.rows("UPDATE account_move SET description = jikimi_key, jikimi_key = NULL WHERE jikimi_key LIKE 'jk1-%'")

    assert books.make_ready()["module"] is True

    assert books.rows() == rows
    assert books.rows("SELECT COUNT(*) FROM sqlite_master WHERE name = 'account_move_jikimi_key_posted'") == [(1,)]


def test_what_was_posted_twice_before_does_not_stop_the_start(books: OldBooks) -> None:
    erp = books.serve()
    for _ in range(2):
        erp.post(erp.stage([voucher("jk1-a")]))
    books.stop()

    assert books.make_ready()["module"] is True

    assert books.rows() == [("posted", "커피", "jk1-a", None), ("posted", "jk1-a", None, None)]


def test_the_fields_stand_in_the_form_of_a_move(books: OldBooks) -> None:
    books.make_ready()

    found = books.rows("SELECT name, module FROM ir_ui_view WHERE module = 'jikimi_key'")
    assert found == [("move_form", "jikimi_key")]
