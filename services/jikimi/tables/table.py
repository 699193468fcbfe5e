"""A file as rows of text: what every format becomes before anyone asks what the columns mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is what a person would call it, from 1."""

    number: int
    cells: tuple[str, ...]

    def cell(self, place: int) -> str:
        """Return the raw text at *place*, "" beyond the end of a short row."""
        return self.cells[place] if place < len(self.cells) else ""

    def is_blank(self) -> bool:
        """Tell whether no cell holds anything to see."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one sheet or file, blank ones included.

    Attributes:
        format: such as "csv", by content.
        sheet: the sheet's name, "" where there are no sheets.
    """

    format: str
    rows: tuple[Row, ...]
    sheet: str = ""
