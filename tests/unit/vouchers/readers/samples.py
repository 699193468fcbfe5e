"""Statements written by the tests, in every format that a bank hands out."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date

import openpyxl  # type: ignore[import-untyped]

from jikimi.config.model import StatementKind
from jikimi.vouchers.line import Statement
from jikimi.vouchers.readers import ReadOptions, read_statement

TODAY = date(2026, 11, 24)
OPTIONS = ReadOptions(today=TODAY)
CARD_HEADER = ["승인일자", "승인시간", "카드번호", "승인번호", "가맹점명", "사업자번호", "승인금액", "취소여부"]
COFFEE = ["2026-11-04", "15:05:30", "9999-12**-****-3456", "00123456", "스타벅스", "201-81-21515", "4,500", ""]
BANK_HEADER = ["거래일시", "적요", "출금액", "입금액", "거래후잔액", "계좌번호"]
RENT = ["2026-11-02 09:00:00", "11월 임차료", "1,100,000", "", "8,900,000", "110-123-456789"]


def csv_text(rows: Sequence[Sequence[object]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def xlsx(*sheets: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"시트{number}")
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def ods(table: str) -> bytes:
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"></m:manifest>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {spaces}>{body}</office:document-content>",
            "META-INF/manifest.xml": f'<?xml version="1.0"?>{manifest}',
        }
    )


def html(rows: Sequence[Sequence[object]]) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f"<html><body><table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table></body></html>"


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
