"""An XLS is read as a person sees it: hidden rows and columns, currencies of number formats, and its own epoch."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import xlwt

from jikimi.tables.sniff import Format
from jikimi.tables.table import Table
from jikimi.tables.workbook import workbook_tables
from jikimi.tables.xls_marks import xls_marks

DAY = date(2026, 11, 9)


def an_xls(change: Callable[[Any, Any], object] = lambda _book, _sheet: None, code: str = "#,##0") -> Table:
    """Return the table of an XLS with a header and a row, after *change* to its book and sheet."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("거래")
    change(book, sheet)
    for column, name in enumerate(["승인일자", "승인금액", "가맹점명"]):
        sheet.write(0, column, name)
    sheet.write(1, 0, DAY, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    sheet.write(1, 1, 120, xlwt.easyxf(num_format_str=code))
    sheet.write(1, 2, "가게")
    out = io.BytesIO()
    book.save(out)
    (table,) = workbook_tables(out.getvalue(), Format.XLS)
    return table


@pytest.mark.parametrize("code", ["#,##0", "₩#,##0", '#,##0"원"', "General"])
def test_number_is_itself_when_its_format_shows_no_foreign_currency(code: str) -> None:
    assert an_xls(code=code).rows[1].cells == ("2026-11-09", "120", "가게")


@pytest.mark.parametrize(
    ("code", "shown"), [("[$$-409]#,##0.00", "120 $"), ('#,##0"천원"', "120 천원"), ("[$€-2] 0", "120 €")]
)
def test_number_has_its_currency_when_the_format_shows_one(code: str, shown: str) -> None:
    assert an_xls(code=code).rows[1].cells[1] == shown


def test_row_and_column_are_hidden_when_a_person_does_not_see_them() -> None:
    def hide(_book: Any, sheet: Any) -> None:
        sheet.row(1).hidden = True
        sheet.col(2).hidden = True

    table = an_xls(hide)

    assert [row.hidden for row in table.rows] == [False, True]
    assert table.hidden_columns == {2}
    assert not an_xls().hidden_columns


def test_days_count_from_1904_when_the_workbook_says_so() -> None:
    def set_epoch(book: Any, _sheet: Any) -> None:
        book.dates_1904 = True

    table = an_xls(set_epoch)

    assert (table.rows[1].cells[0], table.epoch_1904) == ("2026-11-09", True)
    assert not an_xls().epoch_1904


@pytest.mark.parametrize(
    "data", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
def test_nothing_is_marked_when_a_file_is_broken(data: bytes) -> None:
    assert xls_marks(data) == {}
