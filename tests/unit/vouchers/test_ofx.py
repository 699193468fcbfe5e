"""Cycles over OFX: overlapping files post nothing twice, and what was rejected can be mended."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jikimi.cli import foresee
from jikimi.cli.context import Context
from jikimi.erp.port import Catalogue, Unavailable
from jikimi.text import Lang
from tests.unit.vouchers.office import Office, counts
from tests.unit.vouchers.readers.test_ofx import paid, sgml


class Dollars:
    """Makes an office's books hold dollars, and its ERP answer or not."""

    def __init__(self, office: Office) -> None:
        self._erp = office.company
        self._erp.catalogue = self.catalogue  # type: ignore[method-assign]
        self.away = False

    def catalogue(self) -> Catalogue:
        if self.away:
            raise Unavailable(answer="off")
        return Catalogue(dict(self._erp.accounts), self._erp.periods, "USD", 2)


def fee(number: int, amount: str = "-500", day: str = "03") -> str:
    return paid(TRNTYPE="OTHER", FITID=f"F{number}", NAME="송금수수료", TRNAMT=amount, DTPOSTED=f"202611{day}")


def settle(office: Office, data: bytes, name: str = "bank.ofx") -> tuple[int, int, int, int, int]:
    document = office.settle(data, name, "bank")
    assert document["proof"]
    return counts(document)


def test_a_second_run_and_an_overlapping_file_post_only_what_is_new(office: Office) -> None:
    first = settle(office, sgml(fee(1), fee(2)))
    again = office.settle(sgml(fee(1), fee(2)), "again.qfx", "bank")
    overlapping = settle(office, sgml(fee(2), fee(3)), "later.ofx")

    assert (first, overlapping) == ((2, 2, 0, 0, 0), (2, 1, 1, 0, 0))
    assert (again["duplicates"], again["posted"]) == (1, 0)
    assert office.balance("831") == 1500


def test_two_payments_that_differ_only_in_their_number_are_two(office: Office) -> None:
    assert settle(office, sgml(fee(1), fee(2))) == (2, 2, 0, 0, 0)


@pytest.mark.parametrize("other", ["-700", "500"])
def test_one_number_with_two_amounts_or_directions_is_a_conflict(office: Office, other: str) -> None:
    document = office.settle(sgml(fee(1), fee(1, other), fee(2)), "bank.ofx", "bank")

    assert counts(document) == (3, 1, 0, 2, 0)
    assert office.reasons(document["files"][0]["sha"]) == {1: "conflict_in_file", 2: "conflict_in_file"}


def test_another_amount_in_a_later_file_is_a_conflict_with_the_voucher(office: Office) -> None:
    settle(office, sgml(fee(1)))

    document = office.settle(sgml(fee(1, "-700")), "later.ofx", "bank")

    assert office.reasons(document["files"][0]["sha"]) == {1: "conflict"}


def test_the_same_number_in_two_accounts_is_two_transactions(office: Office) -> None:
    settle(office, sgml(fee(1)))

    assert settle(office, sgml(fee(1), account="220"), "other.ofx") == (1, 1, 0, 0, 0)


def test_a_loose_ofx_file_finds_the_bank(office: Office) -> None:
    (office.config.home / "inbox/loose.ofx").write_bytes(sgml(fee(1)))

    document = office.cycle()

    assert (document["files"][0]["profile"], document["posted"]) == ("bank", 1)


def test_a_rejected_transaction_can_be_mended_even_if_a_spreadsheet_shortens_its_number(office: Office) -> None:
    stranger = paid(FITID="00012345678901234567", NAME="별빛상회", DTPOSTED="20261103120000[+9:KST]")
    assert settle(office, sgml(stranger)) == (1, 0, 0, 1, 0)
    text = (office.config.home / "rejected/bank.ofx.errors.csv").read_text(encoding="utf-8-sig")
    ((rejected),) = csv.DictReader(io.StringIO(text))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rejected))
    writer.writeheader()
    writer.writerow(rejected | {"계정": "830 소모품비", "FITID": "1.23457E+16"})

    mended = settle(office, out.getvalue().encode("cp949"), "mended.csv")
    original = settle(office, sgml(stranger, fee(1)), "next-month.ofx")

    assert (mended, original) == ((1, 1, 0, 0, 0), (2, 1, 1, 0, 0))
    assert next(booked.on for booked in office.company.books.values()) == date(2026, 11, 3)
    assert "별빛상회" in (office.config.home / "rules/bank.toml").read_text(encoding="utf-8")


def test_a_mended_file_without_an_account_is_rejected_again(office: Office) -> None:
    settle(office, sgml(paid(NAME="별빛상회")))
    data = (office.config.home / "rejected/bank.ofx.errors.csv").read_bytes()

    document = office.settle(data, "mended.csv", "bank")

    assert office.reasons(document["files"][0]["sha"]) == {2: "no_account_written"}


def test_the_books_currency_is_the_one_that_is_read(office: Office) -> None:
    Dollars(office)

    document = office.settle(sgml(fee(1, "-3.25"), currency="USD"), "bank.ofx", "bank")
    won = office.settle(sgml(fee(2)), "won.ofx", "bank")

    assert counts(document) == (1, 1, 0, 0, 0)
    assert office.balance("831") == Decimal("3.25")
    assert office.reasons(won["files"][0]["sha"]) == {1: "currency_foreign"}


def test_while_nobody_knows_the_books_currency_no_row_is_rejected_for_it(office: Office) -> None:
    dollars = Dollars(office)
    dollars.away = True

    first = office.settle(sgml(fee(1, "-3.25"), fee(2, "x"), currency="USD"), "bank.ofx", "bank")
    dollars.away = False
    second = office.cycle()

    assert (counts(first)[3:], counts(second)[1:]) == ((0, 2), (1, 0, 1, 0))
    assert office.balance("831") == Decimal("3.25")
    assert office.cycle()["in"] == 0


@pytest.fixture
def preview(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], dict[str, Any]]:
    """Foretell a file of the bank over the office's own books."""
    (office.config.home / "state/ports.json").write_text(json.dumps({"erp": 1}), encoding="utf-8")
    monkeypatch.setattr(foresee, "erp_of", lambda _config, ledger, _clock: office.erps[ledger])
    context = Context(office.config.home.root, Lang.KO)
    context.clock = office.clock

    def ask(data: bytes) -> dict[str, Any]:
        path = tmp_path / "bank.ofx"
        path.write_bytes(data)
        return foresee.foresee(context, path, "bank")

    return ask


def ends(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["outcome"], row["amount"]) for row in rows]


def test_a_preview_reads_in_the_currency_of_the_books(
    office: Office, preview: Callable[[bytes], dict[str, Any]]
) -> None:
    Dollars(office)
    dollars, won = sgml(fee(1, "-3.25"), currency="USD"), sgml(fee(2))

    foretold, foreign = preview(dollars), preview(won)
    document = office.settle(dollars, "bank.ofx", "bank")

    assert (foretold["erp_asked"], ends(foretold["rows"])) == (True, [("posted", "3.25")])
    assert foreign["rejected"] == 1
    assert counts(document) == (1, 1, 0, 0, 0)
    assert preview(dollars + b"\n")["already"] == 1


def test_a_preview_that_can_ask_nobody_calls_no_currency_foreign(
    office: Office, preview: Callable[[bytes], dict[str, Any]]
) -> None:
    Dollars(office).away = True

    foretold = preview(sgml(fee(1, "-3.25"), fee(2, "x"), currency="USD"))
    won = preview(sgml(fee(1), fee(2, "x")))

    assert (foretold["erp_asked"], foretold["waiting"], foretold["rejected"]) == (False, 2, 0)
    assert (won["posted"], won["rejected"]) == (1, 1)


@pytest.mark.parametrize("data", [b"OFXHEADER:100\n<OFX>", b"<OFX><!DOCTYPE x></OFX>", b"<OFX></OFX>"])
def test_a_broken_file_is_put_aside_and_the_cycle_goes_on(office: Office, data: bytes) -> None:
    office.drop(data, "broken.ofx", "bank")

    document = office.settle(sgml(fee(1)), "bank.ofx", "bank")

    assert (document["posted"], document["proof"]) == (1, True)
    assert "broken.ofx" in office.files("rejected")
