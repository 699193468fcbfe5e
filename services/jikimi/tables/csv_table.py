"""Read CSV text: find its delimiter, and count lines as a person does.

Strict, because a quote that is never closed would otherwise swallow every row below it without a word.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from jikimi.tables.refusal import refused
from jikimi.tables.sniff import Format
from jikimi.tables.table import Row, Table

DELIMITERS = ",\t;"
_SAMPLE = 200


def csv_table(text: str) -> Table:
    """Return the rows of *text*, each numbered by the line on which it begins.

    Raises:
        FileRefused: a quote is not closed, or stands where none may.
    """
    delimiter = max(DELIMITERS, key=lambda candidate: _consistency(text, candidate))
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    rows = []
    begins = 1
    try:
        for cells in reader:
            rows.append(Row(begins, tuple(cells)))
            begins = reader.line_num + 1
    except csv.Error as broken:
        raise refused("broken_csv", row=begins) from broken
    return Table(Format.CSV, tuple(rows))


def _lines(text: str) -> Iterator[str]:
    return io.StringIO(text, newline="")


def _consistency(text: str, delimiter: str) -> int:
    """Score *delimiter* by how many rows it cuts into the same number of cells, and into how many."""
    widths: Counter[int] = Counter()
    # A wrong delimiter meets quotes in odd places; what was seen until then is enough to judge by.
    with suppress(csv.Error):
        reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        widths.update(len(cells) for cells in islice(reader, _SAMPLE))
    return max((rows * (width - 1) for width, rows in widths.items()), default=0)
