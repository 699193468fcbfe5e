"""A bank statement that does not go on where the last one ended is told of, and its rows go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jikimi.config import load
from tests.unit.vouchers.office import BANK_HEADER, Office, counts

FIRST = f"{BANK_HEADER}\n2026-11-02 09:00:11,KT 통신요금,55000,0,945000\n".encode()
NEXT = f"{BANK_HEADER}\n2026-11-05 14:10:00,송금수수료,500,0,944500\n".encode()
LATER = f"{BANK_HEADER}\n2026-11-09 14:10:00,송금수수료,500,0,744000\n".encode()
MISSING = f"{BANK_HEADER}\n2026-11-04 11:00:00,한빛보안,200500,0,744500\n".encode()


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[Office]:
    """Yield an office whose bank statements wait for a missing one."""
    home = tmp_path / "careful"
    home.mkdir()
    (home / "jikimi.toml").write_text('[profiles.bank]\nkind = "bank"\ngap = "wait"\n', encoding="utf-8")
    config = load(home, {})
    config.home.make()
    office = Office(config)
    yield office
    office.close()


def test_rows_wait_when_the_profile_says_so_until_the_missing_statement_comes(careful: Office) -> None:
    careful.settle(FIRST, "first.csv", "bank")

    held = careful.settle(LATER, "later.csv", "bank")
    careful.settle(MISSING, "missing.csv", "bank")
    then = careful.cycle()

    assert counts(held) == (1, 0, 0, 0, 1)
    assert careful.balance("831") == 500
    assert then["waiting"] == 0


def test_rows_go_on_when_a_person_approves_the_gap(careful: Office) -> None:
    careful.settle(FIRST, "first.csv", "bank")
    held = careful.settle(LATER, "later.csv", "bank")

    careful.journal.approve(held["files"][0]["sha"], "kim")

    assert counts(careful.cycle()) == (1, 1, 0, 0, 0)


def test_loose_statement_is_told_where_it_breaks_when_its_balances_do(office: Office) -> None:
    broken = (
        FIRST
        + "2026-11-03 10:00:00,송금수수료,500,0,900000\n".encode()
        + "2026-11-04 10:00:00,송금수수료,500,0,899500\n".encode()
    )

    document = office.settle(broken, "loose.csv", "")

    assert document["files"][0]["refusal"] == "balance_broken"


def test_page_says_which_statement_is_missing_when_the_balances_do_not_meet(office: Office) -> None:
    office.settle(FIRST, "first.csv", "bank")

    document = office.settle(LATER, "later.csv", "bank")

    assert counts(document) == (1, 1, 0, 0, 0)
    (note,) = document["files"][0]["notes"]
    assert "2026-11-02" in note["en"] and "2026-11-09" in note["ko"]  # noqa: PT018 - one sentence
    assert note["en"] in (office.config.home / "outputs/results/later.csv.html").read_text(encoding="utf-8")


def test_nothing_is_missing_when_the_balances_meet(office: Office) -> None:
    office.settle(FIRST, "first.csv", "bank")

    assert office.settle(NEXT, "next.csv", "bank")["files"][0]["notes"] == []
