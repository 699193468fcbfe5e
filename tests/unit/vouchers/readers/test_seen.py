"""A reader takes what a person sees: nothing hidden is read, and nothing hidden is passed over in silence."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from jikimi.tables.reasons import FileRefused
from jikimi.text import Lang
from tests.unit.tables.samples import html, ods, xlsx
from tests.unit.vouchers.readers.samples import CARD_HEADER, COFFEE, read_card

TYPED = [*COFFEE[:6], 4500, ""]
AMOUNT = "G2"


def changed(change: Callable[[Any], object], *rows: list[Any]) -> bytes:
    """Return a workbook with a header, a coffee and *rows*, after *change* to its sheet."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx([CARD_HEADER, TYPED, *rows])))
    change(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def formatted(code: str) -> bytes:
    return changed(lambda sheet: setattr(sheet[AMOUNT], "number_format", code))


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        read_card(data)
    assert all(caught.value.explain(lang) for lang in Lang)
    return caught.value.reason.code


def test_a_hidden_row_of_a_workbook_is_rejected() -> None:
    found = read_card(changed(lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True), TYPED))

    assert [line.row for line in found.lines] == [2]
    assert [(fault.row, fault.reason.code) for fault in found.faults] == [(3, "row_hidden")]


def test_a_hidden_column_refuses_the_file_when_it_is_read() -> None:
    assert refusal(changed(lambda sheet: setattr(sheet.column_dimensions["G"], "hidden", True))) == "column_hidden"
    found = read_card(changed(lambda sheet: setattr(sheet.column_dimensions["J"], "hidden", True)))
    assert [line.row for line in found.lines] == [2]


def test_a_hidden_sheet_is_no_statement() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx([CARD_HEADER, TYPED], [["안내"]])))
    book.worksheets[0].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert refusal(out.getvalue()) == "sheet_hidden"

    both = openpyxl.load_workbook(io.BytesIO(xlsx([CARD_HEADER, TYPED, TYPED], [CARD_HEADER, TYPED])))
    both.worksheets[0].sheet_state = "veryHidden"
    out = io.BytesIO()
    both.save(out)
    assert len(read_card(out.getvalue()).lines) == 1


@pytest.mark.parametrize(
    "code",
    ['"$"#,##0', "[$$-409]#,##0.00", "[$€-2] #,##0", "\\$#,##0", '#,##0 "USD"', "[$USD] #,##0", "_-[$¥-411]* #,##0_-"],
)
def test_an_amount_that_is_shown_in_another_currency_is_rejected(code: str) -> None:
    (fault,) = read_card(formatted(code)).faults

    assert fault.reason.code == "currency_foreign"


@pytest.mark.parametrize("code", ['#,##0"천원"', "#,##0,", '#,##0,"천원"', "#,##0,,"])
def test_an_amount_that_is_shown_in_another_unit_is_rejected(code: str) -> None:
    found = read_card(formatted(code))

    assert (found.lines, len(found.faults)) == ((), 1)


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "#,##0",
        '"₩"#,##0',
        "[$₩-412]#,##0",
        '#,##0"원"',
        "#,##0_);[Red](#,##0)",
        "#,##0;-#,##0",
        "@",
        '0"개"',
    ],
)
def test_an_amount_that_is_shown_in_won_is_read(code: str) -> None:
    assert [line.amount for line in read_card(formatted(code)).lines] == [4500]


def test_a_foreign_amount_is_told_by_its_format() -> None:
    header = [*CARD_HEADER, "해외이용"]
    book = openpyxl.load_workbook(io.BytesIO(xlsx([header, [*COFFEE[:6], 0, "", 35.2]])))
    book.worksheets[0]["I2"].number_format = '"$"#,##0.00'
    out = io.BytesIO()
    book.save(out)

    assert [fault.reason.say(Lang.EN)[:28] for fault in read_card(out.getvalue()).faults] == [
        "foreign amount only: 35.2 $;"
    ]


@pytest.mark.parametrize("cell", ["A2", "E2", "G2", "H2"])
def test_a_formula_without_a_value_rejects_its_row(cell: str) -> None:
    found = read_card(changed(lambda sheet: sheet.__setitem__(cell, "=1+1")))

    assert [fault.reason.code for fault in found.faults] == ["formula_unvalued"]


@pytest.mark.parametrize("epoch", [1904, 1900])
def test_a_bare_day_is_counted_from_the_workbook_s_epoch(epoch: int) -> None:
    book = openpyxl.Workbook()
    book.epoch = (
        openpyxl.utils.datetime.CALENDAR_MAC_1904 if epoch == 1904 else openpyxl.utils.datetime.CALENDAR_WINDOWS_1900
    )
    serial = 44866 if epoch == 1904 else 44866 + 1462
    for row in ([*CARD_HEADER, "취소일"], [serial, *TYPED[1:], serial + 1]):
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)

    (line,) = read_card(out.getvalue()).lines
    assert (line.on.isoformat(), line.approved_too) == ("2026-11-02", True)


@pytest.mark.parametrize(
    "mark", ['style="display:none"', "style='color:red; DISPLAY : none;mso-x:y'", "hidden", 'class="x gone"']
)
def test_a_hidden_row_of_html_is_rejected(mark: str) -> None:
    page = html([CARD_HEADER, COFFEE, COFFEE]).replace("<tr>", "<tr >", 1)
    page = page.replace("<html>", "<html><style>.gone { display: none }</style>")
    second = page.rindex("<tr>")

    found = read_card(f"{page[:second]}<tr {mark}>{page[second + 4 :]}".encode())

    assert [line.row for line in found.lines] == [2]
    assert [(fault.row, fault.reason.code) for fault in found.faults] == [(3, "row_hidden")]


def test_a_hidden_table_of_html_is_rejected_row_by_row() -> None:
    seen = html([CARD_HEADER, COFFEE])
    table = html([COFFEE, COFFEE])

    for hidden in (
        table.replace("<table>", '<table style="display:none">'),
        f'<div style="display:none"><div></div>{table}</div>',
    ):
        found = read_card((seen + hidden + html([COFFEE])).encode())
        assert ([line.row for line in found.lines], [fault.row for fault in found.faults]) == ([2, 5], [3, 4])


def test_hidden_text_in_a_cell_of_html_is_not_read() -> None:
    page = html([CARD_HEADER, COFFEE]).replace("4,500", '4,500<span style="display:none">00</span>')

    assert [line.amount for line in read_card(page.encode()).lines] == [4500]


def ods_row(cells: list[str], attributes: str = "", amount: str = "") -> str:
    texts = [
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
    ]
    if amount:
        texts[2] = f'<table:table-cell office:value-type="currency" office:value="4500" office:currency="{amount}"/>'
    return f"<table:table-row {attributes}>{''.join(texts)}</table:table-row>"


def test_an_ods_is_read_as_it_is_seen() -> None:
    row = ["2026-11-04", "A", "4500"]
    rows = [
        ods_row(["승인일자", "가맹점명", "승인금액"]),
        ods_row(row, amount="KRW"),
        ods_row(row, amount="USD"),
        ods_row(row, 'table:visibility="collapse"'),
        ods_row(row, 'table:visibility="filter" table:number-rows-repeated="2"'),
        ods_row(row),
    ]
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'

    found = read_card(ods(f'<table:table table:name="a">{"".join(rows)}</table:table>'))

    assert [line.row for line in found.lines] == [2, 7]
    assert [(fault.row, fault.reason.code) for fault in found.faults] == [
        (3, "currency_foreign"),
        (4, "row_hidden"),
        (5, "row_hidden"),
        (6, "row_hidden"),
    ]
    assert refusal(ods(f'<table:table table:name="a">{columns}{"".join(rows)}</table:table>')) == "column_hidden"
