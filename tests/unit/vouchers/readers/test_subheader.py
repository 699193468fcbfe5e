"""A heading that spans several columns is its total, or the file is refused."""

from decimal import Decimal

import pytest

from jikimi.tables.reasons import FileRefused
from jikimi.vouchers.line import Kind
from tests.unit.tables.samples import csv_text, xlsx
from tests.unit.vouchers.readers.samples import card_rows, read_bank, read_card
from tests.unit.vouchers.readers.test_qualifiers import HEADER, ROW, only_line, refusal

TOP = ["승인일자", "가맹점명", "이용금액", "", "", "승인번호"]


@pytest.mark.parametrize("top", [TOP, ["승인일자", "가맹점명", "이용금액", "이용금액", "이용금액", "승인번호"]])
def test_a_heading_over_several_amounts_is_its_total(top: list[str]) -> None:
    below = ["", "", "공급가액", "부가세", "합계", ""]
    row = ["2026-11-04", "A", "10,000", "1,000", "11,000", "123"]

    found = card_rows(below, row, below, row, header=top)

    assert [str((line.amount, line.supply, line.vat)) for line in found.lines] == [
        str((Decimal(11000), Decimal(10000), Decimal(1000)))
    ] * 2
    again = card_rows(list(found.lines[0].cells.values()), header=list(found.header))
    assert again.lines[0].amount == 11000


@pytest.mark.parametrize(
    "below", [["", "", "공급가액", "부가세", "봉사료", ""], ["", "", "공급가액", "부가세", "", ""]]
)
def test_a_heading_over_several_amounts_without_a_total_is_refused(below: list[str]) -> None:
    assert refusal([TOP, below, ["2026-11-04", "A", "10,000", "1,000", "11,000", "123"]]) == "header_spans"


@pytest.mark.parametrize(
    "names", [["원화", "외화"], ["원화금액(원)", "외화금액($)"], ["원", "달러"], ["국내(원)", "해외(US$)"]]
)
def test_a_heading_over_two_currencies_is_the_amount_in_ours(names: list[str]) -> None:
    header = ["승인일자", "가맹점명", "이용금액", "", "승인번호"]

    found = card_rows(
        ["", "", *names, ""],
        ["2026-11-04", "A", "50,000", "0", "1"],
        ["2026-11-04", "B", "0", "35", "2"],
        header=header,
    )

    assert [line.amount for line in found.lines] == [50000]
    assert [fault.reason.code for fault in found.faults] == ["foreign_only"]


def test_nameless_amounts_beside_the_amount_are_refused() -> None:
    assert refusal([TOP, ["2026-11-04", "A", "10,000", "1,000", "11,000", "123"]]) == "header_spans"
    with pytest.raises(FileRefused):
        read_card(xlsx([TOP[:5], ["2026-11-04", "A", "10,000", "1,000", "11,000"]]))


def test_a_unit_below_the_heading_counts() -> None:
    row = ["2026-11-04", "A", "55", "", "", "123"]

    assert refusal([TOP, ["", "", "(천원)", "", "", ""], row]) in {"column_missing", "unit_other"}
    assert only_line(read_card(csv_text([TOP, ["", "", "(원)", "", "", ""], row]).encode())).amount == 55


def test_a_bank_s_two_rows_of_header_are_read_together() -> None:
    top, below = ["거래일시", "적요", "거래금액", "", "잔액"], ["", "", "출금", "입금", ""]

    found = read_bank(
        csv_text([top, below, ["2026-11-04", "A", "5", "", "1"], ["2026-11-04", "B", "", "6", "7"]]).encode()
    )

    assert [(line.kind, int(line.amount)) for line in found.lines] == [(Kind.BANK_OUT, 5), (Kind.BANK_IN, 6)]


def test_a_header_whose_second_row_says_more_is_read_together() -> None:
    top, below = ["가맹점명", "승인정보", "", "", "승인금액"], ["", "승인일자", "승인시간", "승인번호", ""]
    row = ["스타벅스", "2026-11-04", "12:00", "1", "500"]

    found = read_card(csv_text([["카드 승인내역"], top, below, row]).encode())

    assert [(line.row, line.counterparty, line.time) for line in found.lines] == [(4, "스타벅스", "12:00")]


def test_a_title_above_the_header_is_no_part_of_it() -> None:
    plain = read_card(csv_text([HEADER, ROW]).encode()).lines[0]

    for title in (["이용금액", "", ""], ["거래처"], ["가맹점명", "", "합계"]):
        line = read_card(csv_text([title, HEADER, ROW]).encode()).lines[0]
        assert (line.content, dict(line.cells)) == (plain.content, dict(plain.cells))
