"""Statements written by the tests, as a bank or a card company hands them out."""

from collections.abc import Sequence
from datetime import date

from jikimi.config.model import StatementKind
from jikimi.vouchers.line import Statement
from jikimi.vouchers.readers import ReadOptions, read_statement
from tests.unit.tables.samples import csv_text

TODAY = date(2026, 11, 24)
OPTIONS = ReadOptions(today=TODAY)
CARD_HEADER = ["승인일자", "승인시간", "카드번호", "승인번호", "가맹점명", "사업자번호", "승인금액", "취소여부"]
COFFEE = ["2026-11-04", "15:05:30", "9999-12**-****-3456", "00123456", "스타벅스", "201-81-21515", "4,500", ""]
BANK_HEADER = ["거래일시", "적요", "출금액", "입금액", "거래후잔액", "계좌번호"]
RENT = ["2026-11-02 09:00:00", "11월 임차료", "1,100,000", "", "8,900,000", "110-123-456789"]


def read_card(data: bytes) -> Statement:
    return read_statement(data, StatementKind.CARD, OPTIONS)


def read_bank(data: bytes) -> Statement:
    return read_statement(data, StatementKind.BANK, OPTIONS)


def card_rows(*rows: Sequence[object], header: Sequence[object] = CARD_HEADER) -> Statement:
    return read_card(csv_text([header, *rows]).encode())


def bank_rows(*rows: Sequence[object], header: Sequence[object] = BANK_HEADER) -> Statement:
    return read_bank(csv_text([header, *rows]).encode())


def coffee(**changes: str) -> list[str]:
    """Return the coffee's row with the cells of some columns changed."""
    return [changes.get(name, cell) for name, cell in zip(CARD_HEADER, COFFEE, strict=True)]


def rent(**changes: str) -> list[str]:
    """Return the rent's row with the cells of some columns changed."""
    return [changes.get(name, cell) for name, cell in zip(BANK_HEADER, RENT, strict=True)]
