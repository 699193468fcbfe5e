"""What an OFX transaction says of itself by its type, its sign, its account and its currency."""

from pathlib import Path

import pytest

from jikimi.config.model import StatementKind
from jikimi.tables.errors_csv import REASON
from jikimi.tables.reasons import FileRefused
from jikimi.text import Lang
from jikimi.vouchers.line import Kind, Statement
from jikimi.vouchers.readers import read_statement
from tests.unit.tables.samples import csv_text
from tests.unit.vouchers.readers.samples import OPTIONS, read_bank, read_card
from tests.unit.vouchers.readers.test_ofx import PAID, only_line, only_reason, paid, sgml

CASES = Path(__file__).parents[3] / "data" / "cases"
OUT = ["DEBIT", "FEE", "SRVCHG", "ATM", "POS", "CHECK", "PAYMENT", "DIRECTDEBIT", "REPEATPMT", "debit"]
IN = ["CREDIT", "DEP", "INT", "DIV", "DIRECTDEP"]


def card(*transactions: str) -> bytes:
    text = sgml(*transactions).decode()
    return text.replace("STMTRS", "CCSTMTRS").replace("BANKACCTFROM", "CCACCTFROM").encode()


def codes(found: Statement) -> list[tuple[int, str]]:
    assert all(fault.reason.say(lang) for fault in found.faults for lang in Lang)
    return [(fault.row, fault.reason.code) for fault in found.faults]


def test_debits_above_zero_are_rejected_and_the_rest_is_read() -> None:
    found = read_bank((CASES / "01-ofx-debit-unsigned" / "debit.ofx").read_bytes())

    assert codes(found) == [(row, "ofx_type_gainsaid") for row in (1, 2, 4)]
    assert [(line.row, line.kind, int(line.amount)) for line in found.lines] == [(3, Kind.BANK_IN, 3300000)]


@pytest.mark.parametrize("sort", OUT)
def test_money_out_is_rejected_when_it_is_above_zero(sort: str) -> None:
    assert only_reason(read_bank(sgml(paid(TRNTYPE=sort, TRNAMT="500")))) == "ofx_type_gainsaid"
    assert only_line(read_bank(sgml(paid(TRNTYPE=sort, TRNAMT="-500")))).kind is Kind.BANK_OUT


@pytest.mark.parametrize("sort", IN)
def test_money_in_is_rejected_when_it_is_below_zero(sort: str) -> None:
    assert only_reason(read_bank(sgml(paid(TRNTYPE=sort, TRNAMT="-500")))) == "ofx_type_gainsaid"
    assert only_line(read_bank(sgml(paid(TRNTYPE=sort, TRNAMT="500")))).kind is Kind.BANK_IN


@pytest.mark.parametrize("sort", ["XFER", "OTHER", "CASH", ""])
def test_other_types_go_by_the_sign(sort: str) -> None:
    assert only_line(read_bank(sgml(paid(TRNTYPE=sort, TRNAMT="500")))).kind is Kind.BANK_IN
    assert only_line(read_bank(sgml(paid(TRNTYPE=sort, TRNAMT="-500")))).kind is Kind.BANK_OUT


def test_an_unknown_type_and_a_hold_are_rejected() -> None:
    assert only_reason(read_bank(sgml(paid(TRNTYPE="REFUND")))) == "ofx_type_unknown"
    assert only_reason(read_bank(sgml(paid(TRNTYPE="HOLD")))) == "pending"


def test_a_card_account_is_refused_by_name_in_a_bank_s_folder() -> None:
    with pytest.raises(FileRefused) as caught:
        read_bank((CASES / "03-ofx-creditcard" / "cc.ofx").read_bytes())

    assert caught.value.reason.code == "ofx_card"
    assert "card profile" in caught.value.explain(Lang.EN)


def test_a_card_account_of_a_mixed_file_costs_only_its_own_rows() -> None:
    both = sgml(PAID).decode().replace("</OFX>", card(PAID).decode().partition("<OFX>")[2])

    assert codes(read_bank(both.encode())) == [(2, "ofx_card")]
    assert codes(read_card(both.encode())) == [(1, "ofx_elsewhere")]


def test_a_card_profile_reads_purchases_and_leaves_credits_to_a_person() -> None:
    found = read_card((CASES / "03-ofx-creditcard" / "cc.ofx").read_bytes())

    line = found.lines[0]
    assert (line.kind, int(line.amount), line.counterparty, line.said["bank_id"]) == (
        Kind.CARD_APPROVAL,
        55000,
        "KT 통신요금",
        "C1",
    )
    assert codes(found) == [(2, "ofx_card_credit")]


def test_a_mended_row_of_a_card_account_is_the_same_transaction() -> None:
    was = read_card(card(PAID)).lines[0]
    header, row = [*was.cells, REASON, "계정"], [*was.cells.values(), "?", "811"]

    now = read_card(csv_text([header, row]).encode()).lines[0]

    assert (now.natural, now.content, now.account) == (was.natural, was.content, "811")


@pytest.mark.parametrize("part", ["CURRENCY", "ORIGCURRENCY"])
def test_a_transaction_in_another_currency_is_rejected(part: str) -> None:
    dollars = PAID.replace("<NAME>", f"<{part}><CURRATE>1380.5<CURSYM>USD</{part}><NAME>")
    won = dollars.replace("USD", "KRW")

    assert only_reason(read_bank(sgml(dollars))) == "currency_foreign"
    assert only_line(read_bank(sgml(won))).said["bank_id"] == "A1"


def test_two_transactions_with_one_number_are_two_lines() -> None:
    found = read_statement(sgml(PAID, PAID), StatementKind.BANK, OPTIONS)

    assert [line.said["bank_id"] for line in found.lines] == ["A1", "A1"]
