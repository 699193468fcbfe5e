"""Vouchers of another program: rows with one key are one voucher, or none."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from jikimi.config.model import StatementKind
from jikimi.tables.reasons import FileRefused
from jikimi.vouchers.line import JournalEntry, Kind, Statement
from jikimi.vouchers.readers import ReadOptions, read_statement
from tests.unit.tables.samples import csv_text, xlsx
from tests.unit.vouchers.readers.samples import OPTIONS, TODAY

HEADER = ["전표키", "일자", "계정", "차변", "대변", "적요"]
DEBIT = ["V1", "2026-11-04", "811 복리후생비", "4,500", "", "커피"]
CREDIT = ["V1", "2026-11-04", "253", "", "4,500", "카드"]


def journal(*rows: Sequence[object], header: Sequence[object] = HEADER) -> Statement:
    return read_statement(csv_text([header, *rows]).encode(), StatementKind.JOURNAL, OPTIONS)


def changed(row: Sequence[str], **changes: str) -> list[str]:
    """Return *row* with the cells of some columns changed."""
    return [changes.get(name, cell) for name, cell in zip(HEADER, row, strict=True)]


def codes(found: Statement) -> dict[int, str]:
    return {fault.row: fault.reason.code for fault in found.faults}


def test_rows_of_one_key_are_one_voucher() -> None:
    found = journal(DEBIT, CREDIT)

    (line,) = found.lines
    assert (line.row, line.kind, line.amount, line.natural) == (2, Kind.JOURNAL, Decimal(4500), ("V1",))
    assert (line.counterparty, line.account) == ("커피", "")
    assert line.entries == (
        JournalEntry("811", Decimal(4500), Decimal(0), "커피"),
        JournalEntry("253", Decimal(0), Decimal(4500), "카드"),
    )


def test_rows_of_one_key_need_not_stand_together() -> None:
    other = [changed(row, 전표키="V2") for row in (DEBIT, CREDIT)]

    found = journal(DEBIT, other[0], CREDIT, other[1])

    assert [(line.row, line.natural, len(line.entries)) for line in found.lines] == [(2, ("V1",), 2), (3, ("V2",), 2)]


@pytest.mark.parametrize(
    "header",
    [
        ["번호", "날짜", "계정코드", "차변", "대변", "메모"],
        ["Key", "Date", "Account", "Debit", "Credit", "Memo"],
        ["전표번호", "전표일자", "계정과목", "차변금액", "대변금액", "적요"],
    ],
)
def test_the_columns_have_several_names(header: list[str]) -> None:
    assert len(journal(DEBIT, CREDIT, header=header).lines) == 1


def test_a_workbook_says_the_same_as_csv() -> None:
    rows = [[1, "2026-11-04", 811, 4500, None, "커피"], [1, "2026-11-04", 253, None, 4500, "카드"]]

    found = read_statement(xlsx([HEADER, *rows]), StatementKind.JOURNAL, OPTIONS)

    assert [line.entries for line in found.lines] == [line.entries for line in journal(DEBIT, CREDIT).lines]
    assert found.lines[0].natural == ("1",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"차변": "4,400"}, "unbalanced"),
        ({"일자": "2026-11-05"}, "key_days"),
        ({"차변": "4,500", "대변": "4,500"}, "both_sides"),
        ({"차변": ""}, "amount_empty"),
        ({"차변": "0"}, "amount_empty"),
        ({"차변": "-4,500"}, "amount_negative"),
        ({"차변": "4,500.5"}, "amount_decimals"),
        ({"차변": "#REF!"}, "amount_unreadable"),
        ({"일자": ""}, "date_empty"),
        ({"일자": "2026-11-31"}, "date_impossible"),
        ({"계정": ""}, "no_account_written"),
    ],
)
def test_what_is_wrong_with_one_row_is_told_on_all_rows_of_its_key(changes: dict[str, str], reason: str) -> None:
    whole = [changed(row, 전표키="V2") for row in (DEBIT, CREDIT)]

    found = journal(changed(DEBIT, **changes), CREDIT, *whole)

    of_all = reason in {"unbalanced", "key_days"}
    assert codes(found) == {2: reason, 3: reason if of_all else "key_incomplete"}
    assert [line.natural for line in found.lines] == [("V2",)]


def test_a_row_without_a_key_is_rejected_alone() -> None:
    found = journal(changed(DEBIT, 전표키=" "), DEBIT, CREDIT)

    assert (codes(found), len(found.lines)) == ({2: "key_empty"}, 1)


def test_a_key_that_a_spreadsheet_has_rounded_is_not_taken() -> None:
    assert codes(journal(changed(DEBIT, 전표키="2.02611E+13"))) == {2: "number_lost"}


def test_a_row_whose_cells_have_shifted_costs_its_voucher() -> None:
    text = "전표키,일자,계정,차변,대변,적요\nV1,2026-11-04,811,4,500,,커피\nV1,2026-11-04,253,,4500,카드\n"

    found = read_statement(text.encode(), StatementKind.JOURNAL, OPTIONS)

    assert codes(found) == {2: "row_too_long", 3: "key_incomplete"}


def test_the_account_column_is_data_and_not_taken_for_a_mended_one() -> None:
    found = journal(DEBIT, changed(CREDIT, 차변="1"))

    assert found.header == ("전표키", "일자", "계정코드", "차변", "대변", "적요")
    assert found.faults[0].cells["계정코드"] == "811 복리후생비"
    assert all(tuple(fault.cells) == found.header for fault in found.faults)


def test_a_mended_reject_file_takes_the_account_that_was_written_beside_the_row() -> None:
    header = ["전표키", "일자", "계정코드", "차변", "대변", "적요", "이유", "계정"]

    found = journal([*DEBIT, "ERP에 없는 계정", "830"], [*CREDIT, "", ""], header=header)

    assert [entry.account for entry in found.lines[0].entries] == ["830", "253"]
    assert "계정" not in found.header
    assert found.lines[0].cells["계정코드"] == "830"


def test_a_name_column_beside_the_code_does_not_matter() -> None:
    header = ["전표키", "일자", "계정코드", "계정", "차변", "대변"]
    rows = [["V1", "2026-11-04", "811", "복리후생비", "10", ""], ["V1", "2026-11-04", "253", "미지급금", "", "10"]]

    found = journal(*rows, header=header)

    assert [entry.account for entry in found.lines[0].entries] == ["811", "253"]
    assert tuple(found.lines[0].cells) == found.header


def test_cents_are_kept_where_the_books_have_them() -> None:
    data = csv_text([HEADER, changed(DEBIT, 차변="45.10"), changed(CREDIT, 대변="45.10")]).encode()

    found = read_statement(data, StatementKind.JOURNAL, ReadOptions(TODAY, currency="USD", digits=2))

    assert [line.amount for line in found.lines] == [Decimal("45.10")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        ("전표키,일자,계정,차변,대변\n".encode(), "no_rows"),
        ("전표키,일자,계정,차변\nV1,2026-11-04,811,1\n".encode(), "column_missing"),
        ("전표키,일자,계정,차변,차변금액,대변\nV1,2026-11-04,811,1,1,\n".encode(), "column_ambiguous"),
        ('전표키,일자,계정,차변,대변\n"V1,2026-11-04,811,1,\n'.encode(), "broken_csv"),
    ],
)
def test_a_file_that_is_no_journal_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_statement(data, StatementKind.JOURNAL, OPTIONS)

    assert refused.value.reason.code == reason
