"""What would harm the reader, by its size or its form, is refused, and the process lives."""

import io
import zipfile
from typing import NoReturn

import pytest

from jikimi.tables import FileRefused, limits, package, probe, read_tables, sniff, workbook
from jikimi.tables import html_table as html_module
from jikimi.tables.html_table import html_table
from jikimi.text import Lang
from tests.unit.tables.samples import csv_text, ods, xlsx, zipped

ROWS = [["이름", "금액"], ["스타벅스", "4,500"]]
TEXT = csv_text(ROWS)


def refusal(data: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_tables(data)
    for lang in Lang:
        assert caught.value.explain(lang)
    return caught.value


def test_html_cells_without_end_are_refused() -> None:
    row = "<tr>" + "<td colspan=200 rowspan=200>1</td>" * 300 + "</tr>"

    assert refusal(f"<table>{row * 100}</table>".encode()).reason.code == "too_many_cells"


def test_a_file_larger_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = TEXT.encode()
    monkeypatch.setattr(sniff, "FILE_BYTES", len(data))
    assert read_tables(data)

    assert refusal(data + b"\n").reason.code == "too_large"


def test_a_zip_bomb_is_refused() -> None:
    zeros = "0" * (limits.FREE_BYTES + 1)

    assert refusal(zipped({"xl/workbook.xml": zeros})).reason.code == "inflates_too_much"


def test_parts_that_only_together_are_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "FREE_BYTES", 1000)
    half = "0" * 501
    monkeypatch.setattr(package, "RATIO", 0)

    assert refusal(zipped({"xl/workbook.xml": half, "xl/other.xml": half})).reason.code == "inflates_too_much"


def test_a_sheet_with_one_far_cell_is_refused_and_the_process_lives() -> None:
    data = io.BytesIO()
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(io.BytesIO(xlsx(ROWS))) as source, zipfile.ZipFile(data, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"</sheetData>", far))

    assert refusal(data.getvalue()).reason.code == "too_many_cells"


def test_an_ods_with_endless_repeats_is_refused() -> None:
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16384"/>'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'

    assert refusal(ods(f'<table:table table:name="S">{rows}</table:table>')).reason.code == "too_many_cells"


def test_an_xlsb_is_refused_by_name() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as target:
        target.writestr("xl/workbook.bin", b"")

    assert refusal(data.getvalue()).reason.code == "save_as_xlsx"


@pytest.mark.parametrize("unending", ["<td" * 20_000, "<!--x>" * 20_000, "<?x" * 20_000, "<![x" * 20_000])
def test_html_that_never_ends_is_refused_at_once(unending: str) -> None:
    assert refusal(f"<table>{unending}".encode()).reason.code == "unknown_format"


def test_a_workbook_that_ends_the_process_that_opens_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_OPEN_EVERY_SHEET", "import os; os.abort()")

    assert refusal(xlsx(ROWS)).reason.code == "broken_workbook"


def test_a_workbook_that_never_opens_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_SECONDS", 0.2)
    monkeypatch.setattr(probe, "_OPEN_EVERY_SHEET", "while True: pass")

    assert refusal(xlsx(ROWS)).reason.code == "broken_workbook"


def test_a_panic_of_the_native_reader_is_a_refusal_and_other_ends_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(*_: object) -> NoReturn:
        raise PanicException

    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(workbook, "_tables", panic)
    assert refusal(xlsx(ROWS)).reason.code == "broken_workbook"

    monkeypatch.setattr(workbook, "_tables", stop)
    with pytest.raises(KeyboardInterrupt):
        read_tables(xlsx(ROWS))


def test_a_workbook_is_measured_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "CELLS", 4)
    assert read_tables(xlsx(ROWS))

    assert refusal(xlsx([*ROWS, ROWS[0]])).reason.code == "too_many_cells"


def test_html_cells_are_counted_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_module, "CELLS", 2)

    assert len(html_table("<table><tr><td>a<td>b</table>").rows) == 1
    with pytest.raises(FileRefused):
        html_table("<table><tr><td>a<td>b<td>c</table>")
