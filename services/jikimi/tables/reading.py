"""Read a whole file as tables: its format by content, its text by strict encodings."""

from collections.abc import Sequence

from jikimi.tables.csv_table import csv_table
from jikimi.tables.decode import decode
from jikimi.tables.html_table import html_table
from jikimi.tables.mhtml import mhtml_table
from jikimi.tables.refusal import refused
from jikimi.tables.sniff import Format, sniff, sniff_text
from jikimi.tables.spreadsheetml import spreadsheetml_tables
from jikimi.tables.table import Table
from jikimi.tables.workbook import workbook_tables


def read_tables(data: bytes) -> Sequence[Table]:
    """Return the tables of a file: one a sheet of a workbook, else one.

    Raises:
        FileRefused: the file as a whole cannot be read, or is OFX, which has no table; nothing else is ever
            raised, whatever the bytes.
    """
    found = sniff(data)
    if found is Format.OFX:
        raise refused("unknown_format")
    if found is Format.MHTML:
        return [mhtml_table(data)]
    if found is not Format.TEXT:
        return workbook_tables(data, found)
    text = decode(data)
    match sniff_text(text):
        case Format.SPREADSHEETML:
            return spreadsheetml_tables(text)
        case Format.HTML:
            return [html_table(text)]
        case _:
            return [csv_table(text)]
