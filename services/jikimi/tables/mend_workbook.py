"""The rows to mend as a workbook: every cell is text, so that nothing is rounded, and answers are chosen from lists."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

_LISTS = "목록"
_WIDEST, _NARROWEST = 40, 8


def write_workbook(path: Path, rows: Sequence[Sequence[str]], choices: Mapping[str, Sequence[str]]) -> None:
    """Write *rows*, the first of which names the columns.

    Args:
        choices: for a column, what may be chosen in it. Something else may be typed.
    """
    unfinished = path.with_suffix(".part")
    with xlsxwriter.Workbook(unfinished, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        sheet, lists = book.add_worksheet(), book.add_worksheet(_LISTS)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, text if number else head)
        for column, name in enumerate(rows[0]):
            widest = max(len(row[column]) for row in rows)
            sheet.set_column(column, column, min(max(widest, _NARROWEST), _WIDEST), text)
            if offered := choices.get(name, ()):
                letter = xlsxwriter.utility.xl_col_to_name(column)
                for place, choice in enumerate(offered):
                    lists.write_string(place, column, choice, text)
                source = f"={_LISTS}!${letter}$1:${letter}${len(offered)}"
                asked = {"validate": "list", "source": source, "error_type": "information", "show_error": False}
                sheet.data_validation(1, column, max(len(rows) - 1, 1), column, asked)
        sheet.freeze_panes(1, 0)
    unfinished.replace(path)
