"""A statement that is missing between two others is told, by their balances alone."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jikimi.config.model import Ledger
from jikimi.tables.reasons import Reason
from jikimi.testing.clock import FakeClock
from jikimi.vouchers.balance_proof import Span, spans_of
from jikimi.vouchers.continuity import continuity_notes, gaps
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.line import Statement
from tests.unit.tables.samples import csv_text
from tests.unit.vouchers.readers.samples import BANK_HEADER, bank_rows, card_rows, coffee, read_bank

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
NOVEMBER = (date(2026, 11, 5), date(2026, 11, 20))
GAP = Reason(
    "statement_missing", {"after": "2026-10-31", "before": "2026-11-05", "closing": "1,000", "opening": "2,000"}
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db", FakeClock())
    yield journal
    journal.close()


def span(days: tuple[date, date], opening: int | None, closing: int | None) -> Span:
    edges = (None if balance is None else Decimal(balance) for balance in (opening, closing))
    return Span("1", *days, *edges)


def statement(*rows: tuple[int, int, int], account: str = "110-1") -> Statement:
    """Return a statement of November of rows of day, what came in or went out, and the balance after it."""
    return bank_rows(
        *(
            [f"2026-11-{day:02}", "가게", -moved if moved < 0 else "", moved if moved > 0 else "", balance, account]
            for day, moved, balance in rows
        )
    )


def test_gap_is_told_with_both_days_and_balances_from_either_side() -> None:
    october, november = span(OCTOBER, 500, 1000), span(NOVEMBER, 2000, 900)

    assert gaps([october], november) == (GAP,)
    assert gaps([november], october) == (GAP,)


@pytest.mark.parametrize(
    "neighbours",
    [
        [],
        [span(OCTOBER, 500, 2000)],  # the seam holds
        [span(OCTOBER, 500, None)],  # nothing is known of it
        [span((OCTOBER[0], NOVEMBER[0]), 500, 1000)],  # overlaps
        [span(OCTOBER, 500, 1000), span((OCTOBER[1], NOVEMBER[1]), 7, 7)],  # another covers the days
        [span(OCTOBER, 500, 1000), span((date(2026, 11, 1), date(2026, 11, 3)), 1000, 2000)],  # nearer one fits
        [span(OCTOBER, 500, 1000), span((date(2026, 10, 9), OCTOBER[1]), 1, 2000)],  # one of two that end alike
        [span(NOVEMBER, 1, 1)],
    ],
)
def test_no_gap_where_balances_meet_or_days_overlap(neighbours: list[Span]) -> None:
    assert gaps(neighbours, span(NOVEMBER, 2000, 900)) == ()


def test_statement_in_a_gap_is_looked_at_on_both_sides() -> None:
    middle = span((date(2026, 11, 2), date(2026, 11, 3)), 1000, 1500)

    assert [gap.facts["after"] for gap in gaps([span(OCTOBER, 5, 900), span(NOVEMBER, 2000, 900)], middle)] == [
        "2026-10-31",
        "2026-11-03",
    ]


@pytest.mark.parametrize("step", [1, -1])
def test_span_is_of_both_edges_in_either_order(step: int) -> None:
    rows = [(2, 500, 1500), (3, -300, 1200), (9, 100, 1300)][::step]

    assert spans_of(statement(*rows)) == (
        Span("1101", date(2026, 11, 2), date(2026, 11, 9), Decimal(1000), Decimal(1300)),
    )


def test_span_takes_the_balances_outside_the_rows() -> None:
    rows = [["기초잔액", "1,000"], BANK_HEADER[:4], ["2026-11-02", "가게", "", "500"]]

    (found,) = spans_of(read_bank(csv_text(rows).encode()))

    assert (found.opening, found.closing) == (Decimal(1000), Decimal(1500))


def ofx(as_of: str) -> bytes:
    moves = "".join(
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>202611{day}<TRNAMT>{moved}<FITID>{day}<NAME>가게</STMTTRN>"
        for day, moved in (("03", "500"), ("09", "-200"))
    )
    return (
        "<OFX><STMTRS><CURDEF>KRW<BANKACCTFROM><ACCTID>110-1</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101"
        f"<DTEND>20261110{moves}</BANKTRANLIST><LEDGERBAL><BALAMT>1500.00<DTASOF>{as_of}</LEDGERBAL>"
        f"<AVAILBAL><BALAMT>7<DTASOF>{as_of}</AVAILBAL></STMTRS></OFX>"
    ).encode()


@pytest.mark.parametrize("as_of", ["20261109", "20261110120000[+9:KST]"])
def test_span_of_an_ofx_file_ends_with_its_ledger_balance(as_of: str) -> None:
    (found,) = spans_of(read_bank(ofx(as_of)))

    assert found == Span("1101", date(2026, 11, 3), date(2026, 11, 9), Decimal(1200), Decimal(1500))


@pytest.mark.parametrize("as_of", ["20261111", "20261108", "", "?"])
def test_ledger_balance_of_another_day_is_not_the_closing_one(as_of: str) -> None:
    (found,) = spans_of(read_bank(ofx(as_of)))

    assert (found.opening, found.closing) == (None, None)


def test_span_is_unsure_of_an_edge_that_a_rejected_row_may_move() -> None:
    found = bank_rows(["2026-11-02", "가게", "?", "", "", "1"], ["2026-11-03", "가게", "", "500", "1,500", "1"])

    (only,) = spans_of(found)

    assert (only.opening, only.closing) == (None, Decimal(1500))


def test_missing_statement_is_noted_in_every_cycle_and_logged_once(journal: Journal) -> None:
    first, second = statement((2, 500, 1500)), statement((9, 500, 2500))
    assert continuity_notes(journal.spans, "bank", "a", first) == ()

    with capture_logs() as logged:
        notes = [continuity_notes(journal.spans, "bank", "b", second) for _ in range(2)]

    assert [[note.code for note in some] for some in notes] == [["statement_missing"]] * 2
    assert [(line["event"], line["after"], line["before"]) for line in logged] == [
        ("statement.missing", "2026-11-02", "2026-11-09")
    ]
    assert continuity_notes(journal.spans, "bank", "c", statement((4, 500, 2000))) == ()


def test_other_accounts_profiles_and_ledgers_are_no_neighbours(journal: Journal) -> None:
    continuity_notes(journal.spans, "bank", "a", statement((2, 500, 1500)))
    second = statement((9, 500, 2500))

    assert continuity_notes(journal.spans, "bank", "b", statement((9, 500, 2500), account="110-2")) == ()
    assert continuity_notes(journal.spans, "other", "b", second) == ()
    assert continuity_notes(journal.of(Ledger.PRACTICE).spans, "bank", "b", second) == ()


def test_cards_and_reject_files_have_no_span(journal: Journal) -> None:
    header = [*BANK_HEADER, "이유", "계정"]
    part = bank_rows(["2026-11-02", "가게", "", "500", "9", "110-1", "", "811"], header=header)

    assert continuity_notes(journal.spans, "card", "a", card_rows(coffee())) == ()
    assert continuity_notes(journal.spans, "bank", "b", part) == ()
    assert journal.spans.others("bank", "", "1101") == []
