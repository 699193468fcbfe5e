"""Read a dropped file, whatever its format, as tables of text; and hand rows back to be mended.

Formats end here: nothing above knows CSV from XLSX. What the columns mean is for those to say who asked.
"""

from jikimi.tables.reading import read_tables
from jikimi.tables.reasons import FileRefused, Reason
from jikimi.tables.sniff import Format
from jikimi.tables.table import Row, Table

__all__ = ["FileRefused", "Format", "Reason", "Row", "Table", "read_tables"]
