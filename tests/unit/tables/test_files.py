"""What a file is, whatever its name says, as tables of text; and what is refused as a whole."""

import re
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path

import pytest

from jikimi.tables import FileRefused, Table, read_tables
from jikimi.tables.html_table import html_table
from jikimi.tables.refusal import shown
from jikimi.tables.workbook import text_of
from jikimi.text import Lang
from tests.unit.tables.samples import csv_text, html, ods, xlsx, zipped

ROWS = [["이름", "금액"], ["스타벅스", "4,500"]]
CELLS = [tuple(row) for row in ROWS]
TEXT = csv_text(ROWS)


def refusal(data: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_tables(data)
    for lang in Lang:
        assert caught.value.explain(lang)
    return caught.value


def shape(table: Table) -> tuple[str, str, list[tuple[str, ...]]]:
    return table.format, table.sheet, [row.cells for row in table.rows]


def one(data: bytes) -> tuple[str, str, list[tuple[str, ...]]]:
    (table,) = read_tables(data)
    return shape(table)


def cells(data: bytes) -> list[tuple[str, ...]]:
    return one(data)[2]


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refusal(data).reason.code == "empty_file"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_every_encoding_reads_alike(encoding: str) -> None:
    assert cells(TEXT.encode(encoding)) == CELLS


def test_utf_16_of_the_other_byte_order_is_read() -> None:
    assert cells(b"\xfe\xff" + TEXT.encode("utf-16-be")) == CELLS


def test_syllables_outside_euc_kr_are_read_right() -> None:
    assert cells("똠펲햏샾,1\n".encode("cp949")) == [("똠펲햏샾", "1")]


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"abc\xff\xffdef", 3),
        ("승인일자,금액\n".encode() + b"\xff", 20),
        ("승인일자,금액\n".encode("cp949") + b"\xff", 14),
        (b"\xef\xbb\xbfab\xff", 5),
        (b"\xff\xfea\x00b", 4),
    ],
)
def test_bytes_of_no_encoding_are_refused_with_their_place(data: bytes, offset: int) -> None:
    assert refusal(data).reason.facts == {"offset": offset}


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    assert cells(csv_text(ROWS, delimiter).encode()) == CELLS


def test_a_row_is_numbered_by_the_line_on_which_it_begins() -> None:
    (table,) = read_tables(csv_text([["두\n줄", "1"], *ROWS]).encode())

    assert [row.number for row in table.rows] == [1, 3, 4]


def test_a_quote_that_never_closes_does_not_swallow_the_rows_below() -> None:
    data = f'{TEXT}별빛상회,"4,500\n{TEXT}'.encode()

    assert refusal(data).reason.code == "broken_csv"
    assert refusal(data).reason.facts == {"row": 3}


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_html_with_a_table_is_read_whatever_its_name(encoding: str) -> None:
    assert one(html(ROWS).encode(encoding)) == ("html", "", CELLS)


def test_content_decides_and_not_the_name() -> None:
    assert one(TEXT.encode()) == ("csv", "", CELLS)


def test_each_sheet_of_a_workbook_is_a_table_with_its_name_and_its_format() -> None:
    first, second = read_tables(xlsx(ROWS, [["다른", "시트"]]))

    assert shape(first) == ("xlsx", "시트1", CELLS)
    assert shape(second) == ("xlsx", "시트2", [("다른", "시트")])


def test_an_old_xls_is_read() -> None:
    (table,) = read_tables((Path(__file__).parent / "bank.xls").read_bytes())

    assert table.format == "xls"
    assert [row.cells for row in table.rows] == [
        ("거래일시", "적요", "출금액", "입금액", "거래후잔액"),
        ("2026-11-02 09:00:00", "11월 임차료", "1100000", "", "8900000"),
    ]


def test_an_ods_is_read() -> None:
    def row(cells: Sequence[str]) -> str:
        typed = (f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in cells)
        return f"<table:table-row>{''.join(typed)}</table:table-row>"

    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rest = f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
    data = ods(f'<table:table table:name="S">{row(ROWS[0])}{row(ROWS[1])}{rest}</table:table>')

    assert one(data) == ("ods", "S", CELLS)


@pytest.mark.parametrize("cut", [30, 500, -40])
def test_a_workbook_cut_short_is_refused(cut: int) -> None:
    assert refusal(xlsx(ROWS)[:cut]).reason.code == "broken_workbook"


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 ...",
        b"\x89PNG\r\n\x1a\n",
        zipped({"word/document.xml": "<w/>"}),
        b'<?xml version="1.0"?><Workbook/>',
        b"OFXHEADER:100\n",
        b"<OFX></OFX>",
    ],
)
def test_what_has_no_table_by_its_form_is_refused(data: bytes) -> None:
    assert refusal(data).reason.code == "unknown_format"


def test_a_workbook_with_a_password_says_so() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")

    assert refusal(data).reason.code == "password_needed"
    assert "암호 필요" in refusal(data).explain(Lang.KO)


def test_a_zip_with_a_password_says_so() -> None:
    data = bytearray(xlsx(ROWS))
    for found in re.finditer(b"PK\x01\x02", bytes(data)):
        data[found.start() + 8] |= 1

    assert refusal(bytes(data)).reason.code == "password_needed"


def test_an_ole_file_that_is_no_workbook_is_refused() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)).reason.code == "broken_workbook"


def test_a_workbook_with_one_part_twice_is_refused() -> None:
    data = xlsx(ROWS).replace(b"docProps/core.xml", b"docProps/app.xml\0")

    assert refusal(data).reason.code == "broken_workbook"


def test_a_workbook_s_moments_are_read_to_the_nearest_second() -> None:
    assert text_of(datetime(2026, 11, 4, 15, 5, 29, 999_999)) == "2026-11-04 15:05:30"  # noqa: DTZ001 -- a cell


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        *((45962.0, "45962"), (0.1, "0.1"), (-4500.0, "-4500"), (999_999_999_999_999.0, "9" * 15), (True, "TRUE")),
        *((1e15, "1.00000000000000E+15"), (float("nan"), "NAN"), (time(15, 5), "15:05:00"), ("a", "a")),
    ],
)
def test_a_cell_is_written_as_it_is_stored(cell: float | str | time, text: str) -> None:
    assert text_of(cell) == text


def test_html_shows_what_a_browser_shows() -> None:
    table = html_table(
        "<table><tr><td>스타<br>벅스<style>x</style></td>밖</tr><tr><td rowspan=3>a</td><td>b<b>c</b></td></tr></table>"
        "<table><tr><td>d<script>y</script></td></tr></table>"
    )

    assert [row.cells for row in table.rows] == [("스타\n벅스",), ("a", "bc"), ("d",)]


def test_a_cell_that_reaches_down_keeps_the_ones_below_in_their_columns() -> None:
    table = html_table("<table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr></table>")

    assert [row.cells for row in table.rows] == [("a", "b"), ("", "c")]


def test_a_fact_of_just_forty_signs_is_shown_whole() -> None:
    assert (shown("가" * 40), shown("가" * 41)) == ("가" * 40, "가" * 39 + "…")
