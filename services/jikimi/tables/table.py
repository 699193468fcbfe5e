"""A file as rows of text: what every format becomes before anyone asks what the columns mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is what a person would call it, from 1.

    Attributes:
        hidden: a person who opens the file does not see it.
        unvalued: the places of formulas that have no value, or an error for one.
    """

    number: int
    cells: tuple[str, ...]
    hidden: bool = False
    unvalued: frozenset[int] = frozenset()

    def cell(self, place: int) -> str:
        """Return the raw text at *place*, "" beyond the end of a short row."""
        return self.cells[place] if place < len(self.cells) else ""

    def is_blank(self) -> bool:
        """Tell whether no cell holds anything to see."""
        return not self.unvalued and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one sheet or file, blank ones included.

    Attributes:
        format: such as "csv", by content.
        sheet: the sheet's name, "" where there are no sheets.
        hidden: a person who opens the file does not see the sheet.
        hidden_columns: the places of columns that a person does not see.
        beside: what a person reads around the table, in a format that has such texts.
        epoch_1904: a day that is a bare number counts from 1904, not from 1900.
    """

    format: str
    rows: tuple[Row, ...]
    sheet: str = ""
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    epoch_1904: bool = False
    beside: tuple[str, ...] = ()
