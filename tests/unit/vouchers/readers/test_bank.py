"""What a row of a bank statement says."""

from datetime import datetime
from decimal import Decimal

import pytest

from jikimi.tables.reasons import FileRefused
from jikimi.vouchers.line import Kind
from tests.unit.tables.samples import csv_text, xlsx
from tests.unit.vouchers.readers.samples import BANK_HEADER, RENT, bank_rows, read_bank, rent

ONE_COLUMN = ["거래일자", "내용", "구분", "금액"]


def test_money_out_becomes_a_line() -> None:
    line = bank_rows(RENT).lines[0]

    assert (line.kind, line.amount, line.counterparty) == (Kind.BANK_OUT, Decimal(1_100_000), "11월 임차료")
    assert (line.natural, line.reference, line.instrument) == (None, "", "110123456789")
    assert line.content == ("110123456789", "2026-11-02", "09:00:00", "", "1100000", "8900000", "11월 임차료")


@pytest.mark.parametrize("nothing", ["", "0", "-", " "])
def test_money_in_becomes_a_line(nothing: str) -> None:
    line = bank_rows(rent(출금액=nothing, 입금액="500원")).lines[0]

    assert (line.kind, int(line.amount)) == (Kind.BANK_IN, 500)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"입금액": "1"}, "amount_on_both_sides"),
        ({"출금액": ""}, "amount_empty"),
        ({"출금액": "0", "입금액": "0"}, "amount_zero"),
        ({"출금액": "0"}, "amount_zero"),
        ({"출금액": "-5"}, "amount_negative"),
        ({"출금액": "?"}, "amount_unreadable"),
        ({"계좌번호": "1.10123E+11"}, "number_lost"),
        ({"거래일시": "04-11-26"}, "date_ambiguous"),
    ],
)
def test_exactly_one_side_must_hold_money(changes: dict[str, str], code: str) -> None:
    found = bank_rows(rent(거래후잔액="10,000,000", **changes), RENT)

    assert [(fault.row, fault.reason.code) for fault in found.faults] == [(2, code)]
    assert len(found.lines) == 1


@pytest.mark.parametrize(("word", "kind"), [("입금", Kind.BANK_IN), ("출금", Kind.BANK_OUT), (" 입 금", Kind.BANK_IN)])
def test_one_column_of_money_needs_a_direction(word: str, kind: Kind) -> None:
    line = bank_rows(["2026-11-02", "별빛상회", word, "500"], header=ONE_COLUMN).lines[0]

    assert (line.kind, int(line.amount)) == (kind, 500)


def test_an_unknown_direction_is_refused() -> None:
    found = bank_rows(["2026-11-02", "별빛상회", "이체", "500"], header=ONE_COLUMN)

    assert [fault.reason.code for fault in found.faults] == ["direction_unknown"]


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (["거래일자", "내용", "금액"], "입출금구분"),
        (["거래일자", "내용", "출금액"], "입금액"),
        (["거래일자", "내용", "잔액"], "출금액, 입금액"),
        (["거래일자", "출금", "입금"], "적요"),
    ],
)
def test_a_missing_side_is_named(header: list[str], missing: str) -> None:
    with pytest.raises(FileRefused) as caught:
        bank_rows(["2026-11-02", "1", "2"], header=header)

    assert caught.value.reason.facts["columns"] == missing


def test_the_other_side_is_named_before_the_sort_of_transfer() -> None:
    header = ["거래일자", "거래시간", "적요", "출금(원)", "입금(원)", "내용", "잔액(원)"]

    first, second = bank_rows(
        ["2026-11-02", "09:00:00", "타행이체", "5", "", "별빛상회", "95"],
        ["2026-11-02", "09:00:00", "이자", "", "5", "", "100"],
        header=header,
    ).lines

    assert (first.counterparty, second.counterparty) == ("별빛상회", "이자")
    assert first.content == ("", "2026-11-02", "09:00:00", "", "5", "95", "별빛상회", "타행이체")


def test_an_account_number_above_the_header_becomes_a_column() -> None:
    titles = [["거래내역 조회"], ["계좌번호", "110-123-456789"]]
    header = BANK_HEADER[:-1]

    found = read_bank(csv_text([*titles, header, RENT[:-1]]).encode())

    assert found.lines[0].content == bank_rows(RENT).lines[0].content
    assert found.lines[0].cells == bank_rows(RENT).lines[0].cells


def test_two_account_numbers_above_the_header_name_none() -> None:
    titles = [["계좌번호: 110-123-456789"], ["상대 계좌번호: 110-123-456788"]]

    assert read_bank(csv_text([*titles, BANK_HEADER[:-1], RENT[:-1]]).encode()).lines[0].instrument == ""


def test_twins_stay_two_lines_with_one_content() -> None:
    first, second = bank_rows(rent(거래후잔액=""), rent(거래후잔액="")).lines

    assert first.content == second.content
    assert (first.row, second.row) == (2, 3)


def test_the_balance_tells_otherwise_equal_rows_apart() -> None:
    first, second = bank_rows(RENT, rent(거래후잔액="7,800,000")).lines

    assert first.content != second.content


def test_a_balance_that_is_no_number_still_tells_rows_apart() -> None:
    assert bank_rows(rent(거래후잔액="미정")).lines[0].content[5] == "미정"


def test_formats_do_not_change_who_a_row_is() -> None:
    typed = [datetime(2026, 11, 2, 9), "11월 임차료", 1_100_000, None, 8_900_000, "110-123-456789"]  # noqa: DTZ001 -- a cell

    assert read_bank(xlsx([BANK_HEADER, typed])).lines[0].content == bank_rows(RENT).lines[0].content


def test_midnight_sharp_is_no_time() -> None:
    assert bank_rows(rent(거래일시="2026-11-02 00:00:00")).lines[0].content[2] == ""
    assert bank_rows(rent(거래일시="2026-11-02 00:00:01")).lines[0].content[2] == "00:00:01"


def test_a_fault_names_the_column_with_the_money() -> None:
    found = bank_rows(rent(출금액="-5"), rent(출금액="", 입금액="-5"))

    assert [fault.reason.facts["column"] for fault in found.faults] == ["출금액", "입금액"]
