"""OFX as banks really wrote it: the files that ofxparse is tested with, fetched for the test and kept nowhere."""

import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from jikimi.config import Config
from jikimi.config.model import Ledger, StatementKind
from jikimi.erp.port import Catalogue, Period
from jikimi.erp.tryton import Tryton
from jikimi.tables.reasons import FileRefused
from jikimi.testing.clock import FakeClock
from jikimi.testing.erp import FakeErp
from jikimi.vouchers.readers import ReadOptions, read_statement
from tests.conftest import TrytonServer, missing
from tests.unit.vouchers.office import AnyOffice

SOURCE = "ofxparse==0.21"
THEN = datetime(2018, 12, 31, tzinfo=UTC)
PERIODS = (Period(date(2008, 1, 1), date(2018, 12, 31), is_open=True),)
_TRANSACTION = re.compile(rb"<(?:STMTTRN|INVTRAN)>", re.IGNORECASE)
_CURRENCY = re.compile(rb"<CURDEF>([A-Z]{3})", re.IGNORECASE)
_FETCH_WITHIN_S = 120

# Rows whose dates, numbers or sums are wrong in the file itself, and investments, which are no bank money.
REJECTED = {
    "not_bank_money": 24,
    "date_empty": 2,
    "date_impossible": 2,
    "amount_decimals": 3,  # four decimals in dollars
    "currency_foreign": 4,  # dollars in an account of Canadian dollars, and what was exchanged already
}
POSTED = 12


class ForeignErp(FakeErp):
    """Books of the years and in the currency of a file."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self.periods = PERIODS
        self._currency = currency

    def catalogue(self) -> Catalogue:
        return Catalogue(dict(self.accounts), self.periods, self._currency, 2)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("ofxparse")
    outer = Path(sys.base_prefix) / "bin/python3"  # the one that made our environment, which has no pip itself
    if not any(_downloaded(python, folder) for python in (sys.executable, str(outer))):
        missing(f"the source of {SOURCE}, or a pip that fetches it,")
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as source:
        members = [entry for entry in source if "/tests/fixtures/" in entry.name and entry.name.endswith(".ofx")]
        found = {Path(entry.name).name: data.read() for entry in members if (data := source.extractfile(entry))}
    assert len(found) == 24
    return found


def _downloaded(python: str, folder: Path) -> bool:
    command = [
        python,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
        "-d",
        str(folder),
        SOURCE,
    ]
    try:
        return not subprocess.run(command, capture_output=True, check=False, timeout=_FETCH_WITHIN_S).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture
def office(config: Config, tryton: TrytonServer) -> Iterator[AnyOffice[Tryton]]:
    office = AnyOffice(config, {ledger: tryton.empty_ledger(ledger) for ledger in Ledger}, batch=50)
    yield office
    office.close()


def _is_card(data: bytes) -> bool:
    return b"<CCSTMTRS>" in data.upper()


def with_money(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if _TRANSACTION.search(data)}


def test_every_transaction_in_every_file_is_a_line_or_a_fault(files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        written = len(_TRANSACTION.findall(data))
        options = ReadOptions(THEN.date(), currency="USD", digits=2)
        try:
            found = read_statement(data, StatementKind.CARD if _is_card(data) else StatementKind.BANK, options)
        except FileRefused as refused:
            assert (refused.reason.code, written) == ("ofx_empty", 0), name  # noqa: PT017 - one of many files
            continue
        rows = [line.row for line in found.lines] + [fault.row for fault in found.faults]
        assert sorted(rows) == list(range(1, written + 1)), name


def test_won_books_reject_every_foreign_row_with_its_reason(
    files: Mapping[str, bytes], office: AnyOffice[Tryton], tryton: TrytonServer
) -> None:
    written = sum(len(_TRANSACTION.findall(data)) for data in files.values() if not _is_card(data))
    for name, data in files.items():
        office.drop(data, name, "bank")

    document = office.cycle()

    assert (document["in"], document["posted"], document["rejected"], document["proof"]) == (written, 0, written, True)
    assert len([name for name in office.files("rejected") if not name.endswith(".xlsx")]) == len(files)
    assert tryton.execute(Ledger.COMPANY, "SELECT count(*) FROM account_move") == [(0,)]
    assert office.cycle()["in"] == 0


def test_books_in_a_files_own_currency_take_each_transaction_once(config: Config, files: Mapping[str, bytes]) -> None:
    seen: Counter[str] = Counter()
    for name, data in with_money(files).items():
        if _is_card(data):
            seen["card"] += 1  # it belongs into the folder of a card
            continue
        currency = found[1].decode() if (found := _CURRENCY.search(data)) else "AUD"
        office = _old_office(config, currency, config.home.root / name)
        document = office.settle(data, name, "bank")
        again = office.settle(data + b"\n", f"again-{name}", "bank")
        reasons = [office.reasons(file["sha"]).values() for file in document["files"]]
        office.close()

        assert document["in"] == len(_TRANSACTION.findall(data)) == document["posted"] + document["rejected"], name
        assert (again["in"], again["posted"], again["already"]) == (document["in"], 0, document["posted"]), name
        assert document["proof"], name
        assert again["proof"], name
        seen["posted"] += document["posted"]
        seen.update(code for codes in reasons for code in codes)

    assert seen == {"posted": POSTED, "card": 1, **REJECTED}


def _old_office(config: Config, currency: str, root: Path) -> AnyOffice[ForeignErp]:
    """Return an office of the year in which the newest file was written, with one rule for everything."""
    settings = config.settings
    inbox = settings.inbox.model_copy(
        update={"settle": timedelta(days=-36_500)}
    )  # our files are younger than its clock
    then = replace(config, home=replace(config.home, root=root), settings=settings.model_copy(update={"inbox": inbox}))
    then.home.make()
    office = AnyOffice(then, {ledger: ForeignErp(currency) for ledger in Ledger})
    office.clock = FakeClock(THEN)
    (then.home / "rules/bank.toml").write_text('counter = "103"\n[[rule]]\naccount = "811"\n', encoding="utf-8")
    return office
