"""What is larger than any statement is refused, and what is just as large is read."""

import pytest

from jikimi.tables import html_table, limits, package
from jikimi.tables.reasons import FileRefused
from jikimi.vouchers.readers import body
from tests.unit.tables.samples import csv_text, xlsx
from tests.unit.vouchers.readers.samples import CARD_HEADER, COFFEE, read_card

ROWS = [CARD_HEADER, COFFEE]


def test_a_very_wide_table_is_refused() -> None:
    wide = [*COFFEE, *["x"] * limits.COLUMNS]

    with pytest.raises(FileRefused) as caught:
        read_card(csv_text([CARD_HEADER, wide]).encode())

    assert caught.value.reason.code == "too_many_cells"


def test_limits_are_reached_before_they_are_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = [*CARD_HEADER, *(f"열{n}" for n in range(limits.COLUMNS - len(CARD_HEADER)))]
    assert len(read_card(csv_text([wide, COFFEE]).encode()).header) == limits.COLUMNS

    monkeypatch.setattr(body, "CELLS", len(CARD_HEADER))
    monkeypatch.setattr(package, "CELLS", 2 * len(CARD_HEADER))
    monkeypatch.setattr(html_table, "CELLS", 2 * len(CARD_HEADER))
    assert read_card(xlsx(ROWS)).lines
    with pytest.raises(FileRefused):
        read_card(csv_text([*ROWS, COFFEE]).encode())
