"""The file of rejected rows, for a person to mend and to drop again."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jikimi.config import Home
from jikimi.whole_file import replace_text

REASON = "이유"
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
) -> Path:
    """Write `rejected/<file>.errors.csv`: each row's cells as they were, why, and empty columns for the person.

    Args:
        home: the home in whose `rejected/` it is written.
        name: of the file that was dropped; the file of a file of rejected rows bears its name again.
        header: the columns; those that an earlier file of rejected rows has added are not written twice.
        rejected: each row's cells by column, and the sentence that says why it was rejected.
        to_fill: the columns that are left empty.
        of: the id of the file, which its rows name; the rows of another file of that name are kept beside it.
    """
    columns = [column for column in header if column not in (REASON, *to_fill)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*map(_guarded, columns), REASON, *to_fill])
    for cells, reason in rejected:
        writer.writerow([*(_guarded(cells.get(column, "")) for column in columns), reason, *("" for _ in to_fill)])
    stem = name.removesuffix(".csv").removesuffix(".errors")
    path = home / "rejected" / f"{stem}.errors.csv"
    if of and path.exists() and of not in path.read_text(encoding="utf-8"):
        path = path.with_name(f"{stem}.{of}.errors.csv")
    replace_text(path, _BOM + out.getvalue())
    return path


def unguarded(cell: str) -> str:
    """Return a *cell* of a mended file without the apostrophe that kept a spreadsheet from running it."""
    return cell[1:] if cell.startswith(_GUARDED) else cell


def _guarded(cell: str) -> str:
    """Return *cell* so that a spreadsheet shows it as text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
