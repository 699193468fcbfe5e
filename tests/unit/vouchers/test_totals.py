"""What was booked in a month, by account."""

from datetime import date

import pytest

from jikimi.config.model import Ledger
from jikimi.vouchers.totals import TotalsArguments, account_totals, totals
from tests.unit.vouchers.office import CARD_HEADER, Office, card_file, card_row

BOTH = card_file(
    f"{card_row(1)},409",
    f"{card_row(2, '쿠팡')},0",
    f"{card_row(3)},409".replace("2026-11", "2026-10"),
    header=f"{CARD_HEADER},부가세",
)


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2026, 11, 30)])
def test_sums_are_those_of_the_month_when_another_has_vouchers_too(office: Office, day: date) -> None:
    office.settle(BOTH)

    found = account_totals(office.company, day, office.company.accounts)

    shown = [(one.account, one.name, one.vouchers, int(one.debit), int(one.credit)) for one in found]
    assert shown == [
        ("135", "부가세대급금", 1, 409, 0),
        ("253", "미지급금", 2, 0, 9000),
        ("811", "복리후생비", 1, 4091, 0),
        ("830", "소모품비", 1, 4500, 0),
    ]


def test_drafts_count_for_nothing_when_they_wait(office: Office) -> None:
    office.company.fate = lambda: pytest.fail("nothing is to be posted")

    assert account_totals(office.company, date(2026, 11, 1), {}) == []


def test_month_is_this_one_when_none_is_named(office: Office) -> None:
    assert totals(office.shop(), TotalsArguments(ledger=Ledger.COMPANY))["month"] == f"{office.shop().today():%Y-%m}"


def test_month_is_the_one_that_is_named(office: Office) -> None:
    office.settle(BOTH)

    document = totals(office.shop(), TotalsArguments(ledger=Ledger.COMPANY, month="2026-10"))

    assert [row["debit"] for row in document["accounts"]] == ["409", "0", "4091"]
