"""Rejected rows go back to a person as they were, and nothing in them runs."""

import csv
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jikimi.config import Home
from jikimi.tables.errors_csv import unguarded, write_errors


@given(st.text())
@example("=cmd()")
@example("+82 10")
@example("\t=1")
def test_a_cell_comes_back_from_the_file_of_rejected_rows_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, cell: str
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))

    path = write_errors(home, "a.csv", ["cell"], [({"cell": cell}, "why")])

    with path.open(encoding="utf-8-sig", newline="") as file:
        written = next(csv.DictReader(file))["cell"]
    assert not written.startswith(("=", "@"))
    assert unguarded(written) == unguarded(cell)


@pytest.mark.parametrize("cell", ["-4,500", "+1.5", "-₩ 1,000원", "plain", "'quoted", ""])
def test_money_and_plain_text_are_written_as_they_are(tmp_path: Path, cell: str) -> None:
    path = write_errors(Home(tmp_path), "a.csv", ["cell"], [({"cell": cell}, "why")])

    assert path.read_text(encoding="utf-8-sig").splitlines()[1].strip('"').startswith(cell)


def test_the_columns_to_fill_stand_last_and_once_however_often_a_file_comes_back(tmp_path: Path) -> None:
    header = ["a", "이유", "계정"]
    rejected = [({"a": "1", "이유": "old", "계정": "811"}, "new")]

    path = write_errors(Home(tmp_path), "x.errors.csv", header, rejected, to_fill=["계정"])

    assert path == tmp_path / "rejected/x.errors.csv"
    assert path.read_text(encoding="utf-8-sig").splitlines() == ["a,이유,계정", "1,new,"]


def test_a_capability_that_has_no_column_to_fill_keeps_one_of_that_name(tmp_path: Path) -> None:
    path = write_errors(Home(tmp_path), "x.xlsx", ["계정"], [({"계정": "811"}, "why")])

    assert path == tmp_path / "rejected/x.xlsx.errors.csv"
    assert path.read_text(encoding="utf-8-sig").splitlines() == ["계정,이유", "811,why"]
