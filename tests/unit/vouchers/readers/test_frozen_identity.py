"""What the keys of posted vouchers were made of stays as it was, whatever columns are understood since."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jikimi.config.model import StatementKind
from jikimi.vouchers.line import Statement
from jikimi.vouchers.readers import ReadOptions
from jikimi.vouchers.readers.statement import read_unproved

FROZEN = json.loads((Path(__file__).parents[3] / "data" / "frozen_identity.json").read_text(encoding="utf-8"))


def read(case: dict[str, Any]) -> Statement:
    return read_unproved(case["text"].encode(), StatementKind(case["kind"]), ReadOptions(today=date(2026, 12, 1)))


@pytest.mark.parametrize("case", FROZEN, ids=[str(number) for number, _ in enumerate(FROZEN)])
def test_natural_and_content_stay_when_the_reader_learns_more(case: dict[str, Any]) -> None:
    found = read(case)

    said = [
        {
            "row": line.row,
            "kind": line.kind.value,
            "natural": None if line.natural is None else list(line.natural),
            "content": list(line.content),
        }
        for line in found.lines
    ]
    assert (len(found.faults), said) == (case["faults"], case["lines"])
