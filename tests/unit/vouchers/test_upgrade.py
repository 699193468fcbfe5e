"""A home of the first release: what it has posted is recognised, in the same spelling and in another."""

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jikimi.erp.port import Booked, Entry
from tests.unit.vouchers.office import Office

HOME = Path(__file__).parents[2] / "data/home-0.1"
MADE = json.loads((HOME / "books.json").read_text(encoding="utf-8"))


def take_over(office: Office) -> None:
    """Give *office* the books of the first release."""
    for one in MADE["books"]:
        entries = tuple(
            Entry(code, Decimal(debit), Decimal(credit), text) for code, debit, credit, text in one["entries"]
        )
        on = date.fromisoformat(one["on"])
        office.company.books[one["id"]] = Booked(
            one["id"], one["key"], one["number"], one["posted"], on, entries, origin=one["origin"]
        )
    office.company._next = max(office.company.books) + 1


@pytest.mark.parametrize("keeps_state", [False, True])
def test_statements_of_the_first_release_post_nothing_new_when_dropped_again(
    office: Office, *, keeps_state: bool
) -> None:
    take_over(office)
    if keeps_state:
        office.journal.close()
        for stale in (office.config.home / "state").glob("journal.sqlite*"):
            stale.unlink()
        shutil.copy(HOME / "journal.sqlite", office.config.home / "state/journal.sqlite")
        office.journal = office._open_journal()
    before = len(office.company.books)

    found = {}
    for name, profile in MADE["files"].items():
        data = (HOME / name).read_bytes() + b"\n"
        document = office.settle(data, f"again-{name}", profile)
        found[name] = (document["posted"], document["already"], document["waiting"])

    assert found == {
        "card-11.csv": (0, 8, 0),
        "card-no-number.csv": (0, 3, 0),
        "bank-11.csv": (0, 2, 0),
        "bank-titled.csv": (0, 1, 0),
        "bank.ofx": (0, 1, 0),
        "journal.csv": (0, 2, 0),
    }
    assert len(office.company.books) == before


def test_voucher_of_the_first_release_is_recognised_in_another_view(office: Office) -> None:
    take_over(office)
    view = "거래일자,적요,출금액,입금액\n2026-11-02,11월 임차료,1100000,0\n2026-11-09,KT 통신요금,55000,0\n"
    masked = (
        "승인일자,카드번호,승인번호,가맹점명,승인금액\n2026-11-04,9999-****-****-3456,00000001,스타벅스 강남점,4500\n"
    )

    bank = office.settle(view.encode(), "view.csv", "bank")
    card = office.settle(masked.encode(), "view.csv", "card")

    assert (bank["posted"], bank["already"]) == (0, 2)
    assert (card["posted"], card["already"]) == (0, 1)
