"""A voucher that was booked to a wrong account is corrected in one step that no kill can halve."""

from datetime import date

import pytest

from jikimi.testing.erp import Fate
from jikimi.vouchers.correction import CORRECTED, correct
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk
from tests.unit.vouchers.office import Office, card_file, card_row, counts

DAY = date(2026, 11, 30)


def corrected(office: Office, key: str, account: str) -> dict[str, Outcome]:
    lease = office.leases.lease("company", "erp-worker")
    lease.take()
    return correct(Desk(office.company, lease, office.journal, 1), key, account, DAY, lambda _: None)


def posted(office: Office) -> str:
    office.settle(card_file(card_row(1)))
    return next(iter(office.posted_keys()))


def balances(office: Office) -> tuple[int, int, int]:
    return int(office.balance("811")), int(office.balance("830")), int(office.balance("253"))


def test_corrected_voucher_bears_the_new_account(office: Office) -> None:
    key = posted(office)

    outcomes = corrected(office, key, "830")

    assert {outcome.state for outcome in outcomes.values()} == {State.POSTED}
    assert outcomes.keys() == {key, CORRECTED}
    assert balances(office) == (0, 4500, -4500)


def test_correction_does_nothing_when_it_is_asked_for_twice(office: Office) -> None:
    key = posted(office)
    corrected(office, key, "830")

    again = corrected(office, key, "830")

    assert {outcome.state for outcome in again.values()} == {State.ALREADY}
    assert balances(office) == (0, 4500, -4500)


@pytest.mark.parametrize("posts_several", [True, False])
@pytest.mark.parametrize("fate", [Fate.LOST, Fate.UNANSWERED, Fate.LATE])
@pytest.mark.parametrize("step", range(4))
def test_correction_is_finished_when_it_was_cut_off_anywhere(
    office: Office, *, fate: Fate, step: int, posts_several: bool
) -> None:
    key = posted(office)
    office.company.posts_several = posts_several
    fates = iter([Fate.DONE] * step + [fate])
    office.company.fate = lambda: next(fates, Fate.DONE)

    corrected(office, key, "830")
    office.company.fate = lambda: Fate.DONE
    while office.company.late:
        office.company.arrive()
    corrected(office, key, "830")

    assert balances(office) == (0, 4500, -4500)


def test_statement_is_already_there_when_its_voucher_was_corrected(office: Office) -> None:
    corrected(office, posted(office), "830")
    office.lose_state()

    again = office.settle(card_file(card_row(1), ""), "again.csv")

    assert counts(again) == (1, 0, 1, 0, 0)


def test_correction_is_refused_when_the_account_is_unknown(office: Office) -> None:
    (outcome,) = corrected(office, posted(office), "999").values()

    assert outcome.reason is not None
    assert outcome.reason.code == "no_such_account"


def test_correction_is_refused_when_a_cancellation_rests_on_the_voucher(office: Office) -> None:
    office.settle(card_file(card_row(1), card_row(1, amount="1000", cancelled="부분취소", day="05")))
    key = next(booked.key for booked in office.company.books.values() if booked.origin is None)

    (outcome,) = corrected(office, key, "830").values()

    assert outcome.reason is not None
    assert outcome.reason.code == "has_cancellations"
