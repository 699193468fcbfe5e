"""What a file is, whatever its name says; and what is refused as a whole."""

import re
from datetime import datetime, time
from pathlib import Path

import pytest

from jikimi.text import Lang
from jikimi.vouchers.readers.html_table import html_table
from jikimi.vouchers.readers.refusal import shown
from jikimi.vouchers.readers.workbook import text_of
from jikimi.vouchers.reasons import FileRefused
from tests.unit.vouchers.readers.samples import (
    CARD_HEADER,
    COFFEE,
    card_rows,
    coffee,
    csv_text,
    html,
    ods,
    read_bank,
    read_card,
    xlsx,
    zipped,
)

ROWS = [CARD_HEADER, COFFEE]
TEXT = csv_text(ROWS)


def refusal(data: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_card(data)
    for lang in Lang:
        assert caught.value.explain(lang)
    return caught.value


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refusal(data).reason.code == "empty_file"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_every_encoding_reads_alike(encoding: str) -> None:
    line = read_card(TEXT.encode(encoding)).lines[0]

    assert (line.counterparty, int(line.amount)) == ("스타벅스", 4500)


def test_utf_16_of_the_other_byte_order_is_read() -> None:
    data = b"\xfe\xff" + TEXT.encode("utf-16-be")

    assert read_card(data).lines[0].counterparty == "스타벅스"


def test_syllables_outside_euc_kr_are_read_right() -> None:
    data = csv_text([CARD_HEADER, coffee(가맹점명="똠펲햏샾")]).encode("cp949")

    assert read_card(data).lines[0].counterparty == "똠펲햏샾"


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
    data = csv_text(ROWS, delimiter).encode()

    assert read_card(data).lines[0].amount == 4500


def test_a_row_is_numbered_by_the_line_on_which_it_begins() -> None:
    rows = [["법인카드\n승인내역"], CARD_HEADER, coffee(가맹점명="스타\n벅스"), COFFEE]

    found = read_card(csv_text(rows).encode())

    assert [line.row for line in found.lines] == [4, 6]
    assert found.lines[0].counterparty == "스타 벅스"


def test_a_quote_that_never_closes_does_not_swallow_the_rows_below() -> None:
    data = f'{csv_text([CARD_HEADER, COFFEE])}2026-11-05,,,1,"스타벅스,,4500,\n{csv_text([COFFEE])}'.encode()

    assert refusal(data).reason.code == "broken_csv"
    assert refusal(data).reason.facts == {"row": 3}


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
    assert refusal(xlsx(ROWS, ROWS)).reason.facts == {"sheets": "시트1, 시트2"}


def test_an_old_xls_is_read() -> None:
    found = read_bank((Path(__file__).parent / "bank.xls").read_bytes())

    assert found.format == "xls"
    assert [(line.on.isoformat(), int(line.amount), line.counterparty) for line in found.lines] == [
        ("2026-11-02", 1_100_000, "11월 임차료")
    ]


def test_an_ods_is_read() -> None:
    def row(cells: list[str]) -> str:
        typed = (f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in cells)
        return f"<table:table-row>{''.join(typed)}</table:table-row>"

    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rest = f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
    data = ods(f'<table:table table:name="S">{row(CARD_HEADER)}{row(COFFEE)}{rest}</table:table>')

    found = read_card(data)

    assert (found.format, int(found.lines[0].amount)) == ("ods", 4500)


def test_content_decides_and_not_the_name() -> None:
    assert read_card(TEXT.encode()).format == "csv"


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
    ],
)
def test_what_is_no_statement_by_its_form_is_refused(data: bytes) -> None:
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


def test_every_row_is_a_line_a_fault_or_skipped() -> None:
    rows = [["제목"], [], CARD_HEADER, COFFEE, [], coffee(승인금액="?"), CARD_HEADER, ["합계", *[""] * 5, "4,500"]]

    found = read_card(csv_text(rows).encode())

    assert (len(found.lines), len(found.faults), found.skipped) == (1, 1, len(rows) - 3)
    assert card_rows(COFFEE).skipped == 0


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


def test_a_fact_of_just_forty_signs_is_shown_whole() -> None:
    assert (shown("가" * 40), shown("가" * 41)) == ("가" * 40, "가" * 39 + "…")


def test_a_cell_that_reaches_down_keeps_the_ones_below_in_their_columns() -> None:
    table = html_table("<table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr></table>")

    assert [row.cells for row in table.rows] == [("a", "b"), ("", "c")]
