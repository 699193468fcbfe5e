"""Fields that belong together, on a fake screen."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from jikimi.rpa.errors import Mismatch
from jikimi.rpa.evidence import Evidence
from jikimi.rpa.secret import Masks, Secret
from jikimi.rpa.selector import Selector
from jikimi.rpa.ui import Limits, Ui
from jikimi.testing.clock import FakeClock
from jikimi.testing.rpa import FakeProgram, FakeSurface, Widget


class Heard:
    def moved(self, phase: str, budget_s: float) -> None: ...


def fill(folder: Path, values: Mapping[str | Selector, str | Secret | int], *widgets: Widget) -> None:
    clock, program = FakeClock(), FakeProgram()
    program.widgets = list(widgets)
    limits = Limits(60.0, 20.0, clock.ticks() + 60.0)
    with closing(Evidence(folder, clock, Masks())) as evidence:
        surface = FakeSurface(program, clock)
        Ui(surface, evidence, clock, Heard(), limits, lambda name: Secret(name, "s"), folder).fill(values)


def test_a_field_that_the_next_one_empties_holds_its_value_in_the_end(tmp_path: Path) -> None:
    party = Widget("거래처")
    is_first = iter((True,))

    def empties(value: str) -> str:
        if next(is_first, False):
            party.value = ""
        return value

    account = Widget("계정", on_set=empties)

    fill(tmp_path, {"거래처": "가나상사", "계정": "접대비"}, party, account)

    assert (party.value, account.value) == ("가나상사", "접대비")


def test_fields_that_undo_each_other_are_told(tmp_path: Path) -> None:
    def undoing(other: str, value: str) -> str:
        widgets[other].value = "0"
        return value

    widgets: dict[str, Widget] = {
        "단가": Widget("단가", on_set=lambda value: undoing("금액", value)),
        "금액": Widget("금액", on_set=lambda value: undoing("단가", value)),
    }

    with pytest.raises(Mismatch, match="단가"):
        fill(tmp_path, {"단가": 100, "금액": 1000}, *widgets.values())


def test_fields_that_leave_each_other_alone_are_written_once(tmp_path: Path) -> None:
    written: list[str] = []

    def keeps(value: str) -> str:
        written.append(value)
        return value

    fill(tmp_path, {"단가": 100, "금액": 1000}, Widget("단가", on_set=keeps), Widget("금액", on_set=keeps))

    assert written == ["100", "1000"]
