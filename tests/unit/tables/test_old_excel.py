"""What Excel saved as XML (2003) and as a single web page, and sites hand out as .xls."""

from pathlib import Path

import pytest

from jikimi.tables import FileRefused, read_tables

CASES = Path(__file__).parents[2] / "data" / "cases" / "10-xml-and-mhtml"
SS = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
MERGED, FOURTH, FAR = 'ss:MergeAcross="1"', 'ss:Index="4"', 'ss:Index="9999999"'
COFFEE = ("2026-11-08", "9999-12**-****-3456", "80114501", "스타벅스 강남대로점", "4500")


def book(rows: str, *, styles: str = "", more: str = "") -> bytes:
    inner = f'<Worksheet ss:Name="가"><Table>{rows}</Table>{more}</Worksheet>'
    return f'<?xml version="1.0"?>\n<Workbook {SS}>{styles}{inner}</Workbook>'.encode()


def cell(text: str, sort: str = "String", attributes: str = "") -> str:
    return f'<Cell {attributes}><Data ss:Type="{sort}">{text}</Data></Cell>'


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        read_tables(data)
    return caught.value.reason.code


@pytest.mark.parametrize(("name", "kind"), [("spreadsheetml.xls", "spreadsheetml"), ("mhtml.xls", "html")])
def test_a_file_that_excel_saved_in_an_old_format_is_read(name: str, kind: str) -> None:
    (table,) = read_tables((CASES / name).read_bytes())

    assert (table.format, table.rows[1].number, table.rows[1].cells) == (kind, 2, COFFEE)


def test_cells_stand_where_their_index_says() -> None:
    rows = f'<Row ss:Index="3">{cell("a", attributes=MERGED)}{cell("b")}</Row>'

    (table,) = read_tables(book(rows + f"<Row>{cell('c', attributes=FOURTH)}</Row>"))

    assert [(row.number, row.cells) for row in table.rows] == [
        (1, ()),
        (2, ()),
        (3, ("a", "", "b")),
        (4, ("", "", "", "c")),
    ]


def test_values_are_written_as_those_of_any_workbook() -> None:
    style = '<Styles><Style ss:ID="u"><NumberFormat ss:Format="&quot;$&quot;#,##0"/></Style></Styles>'
    cells = [
        cell("4500.0", "Number"),
        cell("120", "Number", 'ss:StyleID="u"'),
        cell("2026-11-08T09:30:00.000", "DateTime"),
        cell("1", "Boolean"),
        cell("#REF!", "Error"),
        '<Cell ss:Formula="=1+1"/>',
    ]

    (table,) = read_tables(book(f"<Row>{''.join(cells)}</Row>", styles=style))

    assert table.rows[0].cells[:4] == ("4500", "120 $", "2026-11-08 09:30:00", "TRUE")
    assert table.rows[0].unvalued == {4, 5}


def test_what_is_hidden_is_marked() -> None:
    space = "urn:schemas-microsoft-com:office:excel"
    excel = f'<WorksheetOptions xmlns="{space}"><Visible>SheetHidden</Visible></WorksheetOptions>'
    rows = f'<Column/><Column ss:Hidden="1" ss:Span="1"/><Row ss:Hidden="1">{cell("a")}</Row><Row>{cell("b")}</Row>'

    (table,) = read_tables(book(rows, more=excel))

    assert (table.hidden, set(table.hidden_columns), [row.hidden for row in table.rows]) == (
        True,
        {1, 2},
        [True, False],
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (book("<Row>").replace(b"</Workbook>", b""), "broken_workbook"),
        (book(f"<Row>{cell('x', 'Number')}</Row>"), "broken_workbook"),
        (book('<Row ss:Index="9999999"/>'), "too_many_cells"),
        (book(f"<Row>{cell('x', attributes=FAR)}</Row>"), "too_many_cells"),
        (book("<Row/>").replace(b"<Workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><Workbook'), "broken_workbook"),
    ],
    ids=["cut", "no number", "far row", "far cell", "entity"],
)
def test_a_broken_or_hostile_xml_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_a_web_archive_of_several_pages_is_refused_by_its_name() -> None:
    one = (CASES / "mhtml.xls").read_text(encoding="utf-8")
    page = one[one.index("------=_b") : one.rindex("------=_b--")]

    assert refusal((one.replace(page, page + page)).encode()) == "save_as_xlsx"


@pytest.mark.parametrize(
    ("mark", "name"), [(b"HWP Document File", "HWP"), ("WordDocument".encode("utf-16-le"), "Word")]
)
def test_a_document_that_is_no_workbook_is_refused_by_its_name(mark: bytes, name: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read_tables(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + mark)

    assert caught.value.reason.facts == {"name": name}
