"""Balances and totals that a statement states outside its rows are proved, and only where they surely mean it."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from jikimi.tables.reasons import FileRefused, Reason
from jikimi.vouchers.line import Statement
from tests.unit.tables.samples import csv_text
from tests.unit.vouchers.readers.samples import (
    BANK_HEADER,
    CARD_HEADER,
    bank_rows,
    card_rows,
    coffee,
    read_bank,
    read_card,
    rent,
)

PLAIN_HEADER = ["거래일시", "적요", "출금액", "입금액"]
OUT = ["2026-11-02 09:00:00", "11월 임차료", "1,100,000", ""]
IN = ["2026-11-03 09:00:00", "별빛상회", "", "300,000"]
CANCELLED = coffee(승인번호="00123457", 승인금액="1,000")


def bank_text(*rows: Sequence[object]) -> Statement:
    return read_bank(csv_text(rows).encode())


def reason(*rows: Sequence[object]) -> Reason:
    with pytest.raises(FileRefused) as refused:
        bank_text(*rows)
    return refused.value.reason


@pytest.mark.parametrize(
    "titles",
    [
        [["기초잔액: 10,000,000"], ["기말잔액: 9,200,000"]],
        [["기초 잔액 : 10,000,000원  기말 잔액 : 9,200,000원"]],
        [["이월잔액", "10,000,000", "최종잔액(원)", "9,200,000"]],
        [["전월이월:", "", "10000000"], ["거래후잔액", "9,200,000"]],
    ],
)
@pytest.mark.parametrize("rows", list(permutations([OUT, IN])))
def test_stated_opening_and_closing_hold_in_either_order(titles: list[list[str]], rows: list[list[str]]) -> None:
    assert len(bank_text(*titles, PLAIN_HEADER, *rows).lines) == 2
    for gone in (OUT, IN):
        assert reason(*titles, PLAIN_HEADER, *[row for row in rows if row != gone]).code == "balance_broken"


def test_closing_that_does_not_follow_names_its_own_row() -> None:
    found = reason(["기초잔액", "10,000,000"], ["기말잔액", "9,300,000"], PLAIN_HEADER, OUT, IN)

    assert found == Reason("balance_broken", {"row": 2, "expected": "9,200,000", "stated": "9,300,000"})


def test_first_row_follows_from_the_opening_balance() -> None:
    found = reason(["이월잔액: 9,999,999"], BANK_HEADER, rent())

    assert found == Reason("balance_broken", {"row": 3, "expected": "8,899,999", "stated": "8,900,000"})


@pytest.mark.parametrize(
    "row", [["2026-11-01", "전월이월", "", "", "10,000,000", ""], ["이월", "", "0", "0", "10,000,000"]]
)
def test_carried_row_is_no_transaction_and_opens_the_statement(row: list[str]) -> None:
    found = bank_rows(row, rent())

    assert (len(found.lines), found.faults, found.skipped) == (1, (), 1)
    with pytest.raises(FileRefused, match="balances break at row 3"):
        bank_rows(row, rent(출금액="1,100,001"))


@pytest.mark.parametrize(
    "row", [["2026-11-01", "이월", "", "500", "10,000,000", ""], ["2026-11-01", "이월상사", "", "", "10,000,000"]]
)
def test_row_with_money_or_another_name_is_no_carried_balance(row: list[str]) -> None:
    found = bank_rows(row, rent())

    assert len(found.lines) + len(found.faults) == 2


@pytest.mark.parametrize(
    "title",
    ["현재잔액: 1", "잔액: 1", "출금가능잔액: 1", "이월: 2026-11-01", "마일리지 이월: 3", "거래후잔액 2026.11.30 기준"],
)
def test_balance_that_may_be_of_another_day_proves_nothing(title: str) -> None:
    assert len(bank_text([title], PLAIN_HEADER, OUT, IN).lines) == 2


def test_two_opening_balances_that_differ_prove_nothing() -> None:
    assert len(bank_text(["기초잔액: 1"], ["기초잔액: 2"], ["기말잔액: 9"], PLAIN_HEADER, OUT).lines) == 1


def test_rejected_row_counts_with_its_amount() -> None:
    waits = ["04-11-26", "날짜 모름", "200,000", ""]
    titles = [["기초잔액", "10,000,000"], ["기말잔액", "9,000,000"]]

    assert len(bank_text(*titles, PLAIN_HEADER, OUT, waits, IN).lines) == 2
    assert reason(*titles, PLAIN_HEADER, OUT, [*waits[:2], "200,001", ""], IN).code == "balance_broken"


@pytest.mark.parametrize("amounts", [("?", ""), ("", ""), ("5", "5"), ("-5", "")])
def test_nothing_is_proved_across_a_row_whose_amount_is_not_known(amounts: tuple[str, str]) -> None:
    titles = [["기초잔액", "10,000,000"], ["기말잔액", "9,000,000"]]

    assert len(bank_text(*titles, PLAIN_HEADER, OUT, ["2026-11-02", "모름", *amounts], IN).lines) == 2


def test_totals_of_both_columns_are_proved() -> None:
    total = ["합계", "", "1,100,000", "300,000"]

    assert len(bank_text(PLAIN_HEADER, OUT, IN, total).lines) == 2
    assert len(bank_text(PLAIN_HEADER, total, IN, OUT).lines) == 2
    assert reason(PLAIN_HEADER, OUT, total) == Reason(
        "total_broken", {"row": 3, "column": "입금액", "expected": "0", "stated": "300,000"}
    )
    assert reason(PLAIN_HEADER, OUT, IN, ["[총 계]", "", "1,100,001", ""]).code == "total_broken"


def test_sections_have_totals_of_their_own() -> None:
    totals = [["합계", "", "1,100,000", ""], ["합계", "", "2,200,000", ""], ["총합계", "", "3,300,000", ""]]

    assert len(bank_text(PLAIN_HEADER, OUT, totals[0], OUT, OUT, *totals[1:]).lines) == 3
    assert reason(PLAIN_HEADER, OUT, OUT, totals[0], OUT, *totals[1:]).code == "total_broken"


def test_subtotals_and_running_totals_prove_nothing() -> None:
    assert len(bank_text(PLAIN_HEADER, OUT, ["소계", "", "1", "1"], ["누계", "", "9", "9"]).lines) == 1


def test_total_counts_a_rejected_row_and_says_nothing_beside_one_that_cannot_be_read() -> None:
    total = ["합계", "", "1,300,000", ""]

    assert len(bank_text(PLAIN_HEADER, OUT, ["04-11-26", "날짜 모름", "200,000", ""], total).lines) == 1
    assert len(bank_text(PLAIN_HEADER, OUT, ["2026-11-04", "모름", "?", ""], total).lines) == 1
    assert reason(PLAIN_HEADER, OUT, ["04-11-26", "날짜 모름", "200,001", ""], total).code == "total_broken"


@pytest.mark.parametrize("total", ["5,500", "4,500", "3,500"])
def test_card_total_is_gross_or_of_approvals_or_net(total: str) -> None:
    rows = [coffee(), [*CANCELLED[:-1], "취소"]]

    assert len(card_rows(*rows, ["총 2건", *[""] * 5, total, ""]).lines) == 2
    with pytest.raises(FileRefused, match="the total in row 4 is wrong"):
        card_rows(*rows, ["합계", *[""] * 5, "5,499", ""])


def test_card_total_proves_nothing_beside_a_mark_that_is_not_known() -> None:
    found = card_rows(coffee(), [*CANCELLED[:-1], "어쩌면"], ["합계", *[""] * 5, "4,500", ""])

    assert [fault.reason.code for fault in found.faults] == ["marker_unknown"]


def test_rows_of_a_reject_file_need_not_follow_from_each_other() -> None:
    header = [*BANK_HEADER, "이유", "계정"]

    found = bank_rows([*rent(), "", "811"], [*rent(거래후잔액="5"), "", "811"], header=header)

    assert len(found.lines) == 2


@pytest.mark.parametrize(
    "titles",
    [
        [["총입금액: 300,000원 총출금액: 1,100,000원"]],
        [["입금 합계", "300,000", "출금 합계", "1,100,000"]],
        [["", "총 출금금액:", "1100000"]],
    ],
)
def test_total_that_bears_the_name_of_its_column_is_proved(titles: list[list[str]]) -> None:
    assert len(bank_text(*titles, PLAIN_HEADER, OUT, IN).lines) == 2
    assert reason(*titles, PLAIN_HEADER, OUT, OUT, IN).code == "total_broken"


@pytest.mark.parametrize(
    "title", [["입금합계", "1", "300,001"], ["입금합계", "1건", "5"], ["총입금액(1건): 5"], ["입금"]]
)
def test_number_beside_a_name_that_may_be_a_count_proves_nothing(title: list[str]) -> None:
    assert len(bank_text(title, PLAIN_HEADER, OUT, IN).lines) == 2


def test_named_total_of_a_card_is_proved() -> None:
    def text(total: str) -> bytes:
        return csv_text([["승인금액 합계", total], CARD_HEADER, coffee()]).encode()

    assert len(read_card(text("4,500")).lines) == 1
    with pytest.raises(FileRefused, match="the total in row 1 is wrong"):
        read_card(text("4,501"))
