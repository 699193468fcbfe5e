"""What `jikimi preview` foretells is what a cycle then does, and foretelling writes nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jikimi.config import load
from jikimi.erp.port import Period
from jikimi.vouchers.foretold import foretell
from jikimi.vouchers.outcome import Outcome
from jikimi.vouchers.readers import ReadOptions, read_statement
from jikimi.vouchers.recognition import ACCOUNT
from jikimi.vouchers.rulebook import read_rules
from tests.unit.vouchers.office import BANK_HEADER, CARD_HEADER, Office, card_file

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a disk would only be waited for
PLAIN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OPEN = Period(date(2026, 11, 1), date(2026, 11, 30), is_open=True)
CLOSED = Period(date(2026, 10, 1), date(2026, 10, 31), is_open=False)
MENDED_HEADER = f"{CARD_HEADER},이유,{ACCOUNT}"
Ends = Mapping[int, tuple[str, str]]

days = st.sampled_from(["2026-11-04", "2026-11-06", "2026-11-07", "2026-10-05", "2025-01-01", "어제"])


def a_card_row(on: st.SearchStrategy[str], *parts: list[str]) -> st.SearchStrategy[str]:
    return st.builds(",".join, st.tuples(on, *map(st.sampled_from, parts)))


odd_card_rows = a_card_row(
    days,
    ["9999-12**-****-3456", ""],
    ["00000001", "1", "00000002", ""],
    ["스타벅스", "카카오T 택시", "우체국", "별빛상회", ""],
    ["4500", "1500", "-4500", "-1500", "0", "?"],
    ["", "취소", "몰라"],
)
CARD, NUMBERS = ["9999-12**-****-3456"], ["00000001", "00000002"]
approvals = a_card_row(st.just("2026-11-04"), CARD, NUMBERS, ["스타벅스"], ["4500"], [""])
cancellations = a_card_row(
    st.sampled_from(["2026-11-06", "2026-11-07"]), CARD, NUMBERS, ["스타벅스"], ["3000", "1500"], ["취소"]
)
card_rows = st.one_of(approvals, cancellations, cancellations, odd_card_rows)
accounts = st.sampled_from(["", "830", "999", "소모품비"])
mended_rows = st.builds(",규칙 없음,".join, st.tuples(card_rows, accounts))
bank_rows = st.builds(
    ",".join,
    st.tuples(
        days,
        st.sampled_from(["송금수수료", "11월 임차료", "예금이자", "별빛상회"]),
        st.sampled_from(["500", "500", "", "0"]),
        st.sampled_from(["", "", "500", "-1"]),
        st.just(""),
    ),
)


def statements(rows: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    """Some statements, one after the other."""
    return st.lists(st.lists(rows, min_size=1, max_size=7), min_size=1, max_size=3)


@PLAIN
@given(statements(card_rows))
def test_a_card_statement_ends_as_foretold(files: list[list[str]]) -> None:
    assert_as_foretold(files, CARD_HEADER, "card")


@PLAIN
@given(statements(bank_rows))
def test_a_bank_statement_ends_as_foretold(files: list[list[str]]) -> None:
    assert_as_foretold(files, BANK_HEADER, "bank")


@PLAIN
@given(statements(mended_rows))
def test_a_mended_statement_ends_as_foretold(files: list[list[str]]) -> None:
    assert_as_foretold(files, MENDED_HEADER, "card")


def assert_as_foretold(files: Sequence[Sequence[str]], header: str, profile: str) -> None:
    """Foretell each file over the books that the files before it have left, then settle it."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        config = load(Path(folder) / "home", {})
        config.home.make()
        office = Office(config, batch=3)
        office.company.periods = (OPEN, CLOSED)
        try:
            for number, rows in enumerate(files):
                data = card_file(*rows, header=header) + b"\n" * number  # no two files of the same bytes
                before = dict(office.company.books)
                foretold = foretell_file(office, data, profile)
                assert office.company.books == before
                assert settle_file(office, data, profile, f"{number}.csv") == foretold
        finally:
            office.close()


def foretell_file(office: Office, data: bytes, name: str) -> Ends:
    profile = office.config.settings.profiles[name]
    today = office.clock.now().astimezone(office.config.settings.zone).date()
    statement = read_statement(data, profile.kind, ReadOptions(today, profile.approval_digits))
    rules = read_rules(office.config.home, name, profile)
    outcomes, keys = foretell(statement, rules, office.company, office.company.catalogue())
    assert keys.keys() == {line.row for line in statement.lines}
    return {row: _end(outcome) for row, outcome in outcomes.items()}


def settle_file(office: Office, data: bytes, profile: str, name: str) -> Ends:
    """Settle the file and return its rows' ends; what waits stays where no later cycle finds it."""
    document = office.settle(data, name, profile)
    (file,) = document["files"]
    for path in (office.config.home / "work").rglob("*.csv"):
        path.unlink()
    return {entry.row: _end(entry.outcome) for entry in office.journal.entries(file["sha"])}


def _end(outcome: Outcome) -> tuple[str, str]:
    return outcome.state.value, outcome.reason.code if outcome.reason else ""
