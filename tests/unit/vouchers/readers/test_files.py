"""A statement is read alike whatever file it comes in; its header and its rows are found in the file's tables."""

import pytest

from jikimi.tables.reasons import FileRefused
from tests.unit.tables.samples import csv_text, html, xlsx
from tests.unit.vouchers.readers.samples import CARD_HEADER, COFFEE, card_rows, coffee, read_card

ROWS = [CARD_HEADER, COFFEE]
TEXT = csv_text(ROWS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_every_encoding_reads_alike(encoding: str) -> None:
    line = read_card(TEXT.encode(encoding)).lines[0]

    assert (line.counterparty, int(line.amount)) == ("스타벅스", 4500)


def test_a_row_is_numbered_by_the_line_on_which_it_begins() -> None:
    rows = [["법인카드\n승인내역"], CARD_HEADER, coffee(가맹점명="스타\n벅스"), COFFEE]

    found = read_card(csv_text(rows).encode())

    assert [line.row for line in found.lines] == [4, 6]
    assert found.lines[0].counterparty == "스타 벅스"


def test_an_unquoted_comma_in_an_amount_never_shortens_it() -> None:
    header = "승인일자,가맹점명,승인금액\n"

    found = read_card(f"{header}2026-11-04,스타벅스,4,500\n2026-11-04,김밥천국,9000,\n".encode())

    assert [fault.reason.code for fault in found.faults] == ["row_too_long"]
    assert [line.amount for line in found.lines] == [9000]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_an_html_table_called_xls_is_read(encoding: str) -> None:
    found = read_card(html([["카드 승인내역"], [], *ROWS]).encode(encoding))

    assert found.format == "html"
    assert [(line.row, int(line.amount), line.counterparty) for line in found.lines] == [(4, 4500, "스타벅스")]


def test_a_merged_cell_of_an_html_table_counts_once() -> None:
    head = "<tr><th>승인일자<th>가맹점명<th>승인금액</tr>"
    rows = "<tr><td>2026-11-04<td>A &amp; B<td rowspan=2>4,500</tr><tr><td>2026-11-05<td>C</tr>"

    found = read_card(f"<!doctype html><table>{head}{rows}</table>".encode())

    assert [(line.counterparty, int(line.amount)) for line in found.lines] == [("A & B", 4500)]
    assert [(fault.row, fault.reason.code) for fault in found.faults] == [(3, "amount_empty")]


def test_a_header_in_one_html_table_belongs_to_the_rows_in_the_next() -> None:
    head, body = html([CARD_HEADER]), html([COFFEE])

    assert read_card((head + body).encode()).lines[0].amount == 4500


def test_a_workbook_is_read() -> None:
    found = read_card(xlsx(ROWS))

    assert found.format == "xlsx"
    assert [(line.row, int(line.amount)) for line in found.lines] == [(2, 4500)]


def test_a_cover_sheet_is_passed_over() -> None:
    found = read_card(xlsx([["안내"], ["문의 1588-0000"]], [["승인내역"], *ROWS], [CARD_HEADER]))

    assert [line.row for line in found.lines] == [3]


def test_a_second_sheet_with_lines_is_not_forgotten() -> None:
    with pytest.raises(FileRefused) as caught:
        read_card(xlsx(ROWS, ROWS))

    assert caught.value.reason.facts == {"sheets": "시트1, 시트2"}


def test_every_row_is_a_line_a_fault_or_skipped() -> None:
    rows = [["제목"], [], CARD_HEADER, COFFEE, [], coffee(승인금액="?"), CARD_HEADER, ["합계", *[""] * 5, "4,500"]]

    found = read_card(csv_text(rows).encode())

    assert (len(found.lines), len(found.faults), found.skipped) == (1, 1, len(rows) - 3)
    assert card_rows(COFFEE).skipped == 0
