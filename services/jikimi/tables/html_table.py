"""Read the HTML table that many banks call ".xls".

Rows are numbered over the whole document, as a spreadsheet shows them; so a header in one table and its
rows in the next still belong together. Nothing is fetched, run or expanded.
"""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from jikimi.tables.limits import CELLS
from jikimi.tables.refusal import refused
from jikimi.tables.sniff import Format
from jikimi.tables.table import Row, Table

_UNSEEN = frozenset({"script", "style"})
_BREAKS = frozenset({"br", "p", "div"})
_WIDEST = 200
_STRAY = 50
_UNENDING = re.compile(r"<[^!>][^>]{9999}|<![^>-][^>]{9999}")
"""html.parser takes quadratic time over tags and comments that do not end; no table of a person's has such."""

_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all", re.IGNORECASE)
_HIDING_CLASS = re.compile(r"\.([A-Za-z_][\w-]{0,60})\s{0,9}\{[^{}]{0,500}display\s{0,9}:\s{0,9}none", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "input", "col", "meta", "link", "wbr", "area", "base", "embed", "source"})
_SPAN = re.compile(r"[0-9]{1,6}")


def html_table(text: str) -> Table:
    """Return every row of every table in *text*.

    Raises:
        FileRefused: it is no sound HTML, or would fill more cells than any table of a person's has.
    """
    if _UNENDING.search(text) or text.count("<!--") > text.count("-->") + _STRAY:
        raise refused("unknown_format")
    parser = _Rows(frozenset(_HIDING_CLASS.findall(text)))
    try:
        parser.feed(text)
        parser.close()
    except AssertionError as broken:
        # html.parser gives up on a malformed "<![" with a bare assertion.
        raise refused("unknown_format") from broken
    rows = tuple(Row(number, tuple(cells), number in parser.hidden) for number, cells in enumerate(parser.rows, 1))
    return Table(Format.HTML, rows, beside=tuple(parser.beside))


class _Rows(HTMLParser):
    """Collects rows; a table inside a cell adds its rows after the row that holds it."""

    def __init__(self, hiding: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.hidden: set[int] = set()
        self.beside: list[str] = []
        self._hiding = hiding
        self._veils: list[list[str]] = []
        self._is_kept = True
        self._hanging: dict[int, int] = {}
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._unseen = 0
        self._room = CELLS

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        hides = self._hides(named)
        if tag not in {"td", "th", "tr"}:
            self._veil(tag, hides=hides)
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "tr":
            self._end_cell()
            self._start_row()
            if hides or self._veils:
                self.hidden.add(len(self.rows))
        elif tag in {"td", "th"}:
            self._end_cell()
            self._cell = []
            self._is_kept = not hides
            self._span = (_span(named.get("colspan")), _span(named.get("rowspan")))
        elif tag in _BREAKS and self._cell:
            self._cell.append("\n")

    def _hides(self, named: Mapping[str, str | None]) -> bool:
        classes = set((named.get("class") or "").split())
        return (
            "hidden" in named or bool(_HIDING.search(named.get("style") or "")) or not classes.isdisjoint(self._hiding)
        )

    def _veil(self, tag: str, *, hides: bool) -> None:
        """Begin what is hidden, or go on in it: an element of the same name within it must end first."""
        if tag not in _VOID and (hides or (self._veils and self._veils[-1][0] == tag)):
            if hides:
                self._veils.append([])
            self._veils[-1].append(tag)

    def _unveil(self, tag: str) -> None:
        if self._veils and self._veils[-1][0] == tag:
            self._veils[-1].pop()
            if not self._veils[-1]:
                self._veils.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in {"td", "th", "tr", "table"}:
            self._end_cell()
        if tag == "table":
            self._hanging.clear()
        self._unveil(tag)

    def handle_data(self, data: str) -> None:
        if self._cell is None and not self._unseen and not self._veils and data.strip():
            self.beside.append(data.strip())
        if self._cell is not None and not self._unseen and (not self._veils or len(self.rows) in self.hidden):
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _start_row(self) -> None:
        self.rows.append([])
        self._fill_hanging()

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        text = "".join(self._cell).replace("\xa0", " ").strip()
        self._cell = None
        if not self.rows:
            self._start_row()
        across, down = self._span if self._is_kept else (0, 1)
        for place in range(across):
            # The text stands once, as in a spreadsheet: a merged amount must not count twice.
            self._put(text if place == 0 else "", down)
        self._fill_hanging()

    def _put(self, text: str, down: int) -> None:
        row = self.rows[-1]
        if down > 1:
            self._hanging[len(row)] = down - 1
        row.append(text)
        self._room -= 1
        if self._room < 0:
            raise refused("too_many_cells", limit=CELLS)

    def _fill_hanging(self) -> None:
        """Keep the places free that cells from above reach down into."""
        row = self.rows[-1]
        while len(row) in self._hanging:
            self._put("", self._hanging.pop(len(row)))


def _span(text: str | None) -> int:
    """Return a colspan or rowspan, kept within reason."""
    return max(1, min(int(text), _WIDEST)) if text and _SPAN.fullmatch(text) else 1
