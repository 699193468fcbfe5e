"""The file of rejected rows, for a person to mend and to drop again: as CSV, and as a workbook with choices."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jikimi.config import Home
from jikimi.tables.decode import decode
from jikimi.tables.mend_workbook import write_workbook
from jikimi.whole_file import replace_text

REASON = "이유"
Choices = Mapping[str, Sequence[str]]
_NO_CHOICES: Choices = {}
_BOM = "\ufeff"
_FORMULA = re.compile(r"^[=@\t\r]|^[+-](?![\d,.\s₩원()]+$)")
_GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")


def write_errors(
    home: Home,
    name: str,
    header: Sequence[str],
    rejected: Sequence[tuple[Mapping[str, str], str]],
    *,
    to_fill: Sequence[str] = (),
    of: str = "",
    before: str = "",
    choices: Choices = _NO_CHOICES,
) -> Path:
    """Write `rejected/<file>.errors.csv`: each row's cells as they were, why, and empty columns for the person.

    Args:
        home: the home in whose `rejected/` it is written.
        name: of the file that was dropped; the file of a file of rejected rows bears its name again.
        header: the columns; those that an earlier file of rejected rows has added are not written twice.
        rejected: each row's cells by column, and the sentence that says why it was rejected.
        to_fill: the columns that are left empty.
        of: the id of the dropped file; the rows of another file of that name are kept beside it.
        before: the name under which this file's rows were written before, "" for the first time.
        choices: for columns to fill, what may be chosen; with any, the same is written as a workbook beside it.
    """
    columns = [column for column in header if column not in (REASON, *to_fill)]
    rows = [[*columns, REASON, *to_fill]]
    for cells, reason in rejected:
        rows.append([*(cells.get(column, "") for column in columns), reason, *("" for _ in to_fill)])
    stem = name.removesuffix(".csv").removesuffix(".errors").removesuffix(".errors.xlsx")
    path = home / "rejected" / (before or f"{stem}.errors.csv")
    if of and not before and path.exists():
        path = path.with_name(f"{stem}.{of}.errors.csv")
    _write(path, rows, choices)
    return path


def drop_rows(path: Path, is_gone: Callable[[Mapping[str, str]], bool], choices: Choices) -> bool:
    """Take the rows that *is_gone* out of the file at *path*; remove it with its workbook when none is left.

    Return whether it is still there.
    """
    if not path.exists():
        return False
    text = decode(path.read_bytes())  # a spreadsheet may have saved it in its own encoding
    header, *rows = csv.reader(io.StringIO(text)) if text.strip() else [[]]
    left = [row for row in rows if not is_gone(dict(zip(header, row, strict=False)))]
    if left:
        _write(path, [list(map(unguarded, row)) for row in (header, *left)], choices)
    else:
        path.unlink()
        path.with_suffix(".xlsx").unlink(missing_ok=True)
    return bool(left)


def _write(path: Path, rows: Sequence[Sequence[str]], choices: Choices) -> None:
    out = io.StringIO()
    (head, *others), writer = rows, csv.writer(out)
    writer.writerow(map(_guarded, head))
    last = len(head) if REASON not in head else head.index(REASON)
    writer.writerows([*map(_guarded, row[:last]), *row[last:]] for row in others)
    replace_text(path, _BOM + out.getvalue())
    if choices:
        write_workbook(path.with_suffix(".xlsx"), rows, choices)


def unguarded(cell: str) -> str:
    """Return a *cell* of a mended file without the apostrophe that kept a spreadsheet from running it."""
    return cell[1:] if cell.startswith(_GUARDED) else cell


def _guarded(cell: str) -> str:
    """Return *cell* so that a spreadsheet shows it as text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
