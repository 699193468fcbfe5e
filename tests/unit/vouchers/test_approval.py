"""Drafts that wait for a person, and reversals that a person asks for."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from jikimi.config import Config
from jikimi.config.model import Approve, Ledger
from jikimi.erp.port import Period, Voucher
from jikimi.testing.erp import THIS_YEAR, Fate
from jikimi.vouchers.booking import take_back
from jikimi.vouchers.identity import undo_key
from jikimi.vouchers.outcome import State
from jikimi.vouchers.posting import Desk
from jikimi.vouchers.undo import undo
from tests.unit.vouchers.office import Office, card_file, card_row, counts


@pytest.fixture
def config(config: Config) -> Config:
    """The settings with a card profile that waits for a person."""
    profiles = dict(config.settings.profiles)
    profiles["card"] = profiles["card"].model_copy(update={"approve": Approve.PERSON})
    return replace(config, settings=config.settings.model_copy(update={"profiles": profiles}))


def approve(office: Office, sha: str) -> None:
    office.journal.of(Ledger.COMPANY).approve(sha, "kim")


def desk_of(office: Office) -> Desk:
    lease = office.leases.lease("company", "erp-worker")
    lease.take()
    return Desk(office.company, lease, office.journal, 10)


def reverse(office: Office, *keys: str) -> list[tuple[State, str]]:
    outcomes = undo(desk_of(office), list(keys), office.clock.now().date(), lambda _: None)
    return [(outcome.state, outcome.reason.code if outcome.reason else "") for outcome in outcomes.values()]


def test_drafts_wait_for_a_person_and_are_posted_when_the_file_is_approved(office: Office) -> None:
    waiting = office.settle(card_file(card_row(1), card_row(2, "별빛상회")))
    assert counts(waiting) == (2, 0, 0, 1, 1)
    assert [booked.posted for booked in office.company.books.values()] == [False]
    assert office.journal.totals()["waiting"] == 1

    still = office.cycle()
    approve(office, waiting["files"][0]["sha"])
    posted = office.cycle()

    assert counts(still) == (1, 0, 0, 0, 1)
    assert counts(posted) == (1, 1, 0, 0, 0)
    assert office.files("done") == ["card.csv"]
    assert list(office.posted_keys().values()) == [1]


def test_a_cancellation_of_a_draft_waits_for_it_and_goes_with_it(office: Office) -> None:
    waiting = office.settle(card_file(card_row(1), card_row(1, cancelled="취소", day="05")))
    approve(office, waiting["files"][0]["sha"])

    posted = office.cycle()

    assert counts(waiting) == (2, 0, 0, 0, 2)
    assert counts(posted) == (2, 2, 0, 0, 0)
    assert office.balance("811") == 0


def test_after_losing_the_state_a_person_is_asked_again_and_the_same_draft_waits(office: Office) -> None:
    waiting = office.settle(card_file(card_row(1)))
    approve(office, waiting["files"][0]["sha"])
    office.lose_state()

    again = office.cycle()

    assert counts(again) == (1, 0, 0, 0, 1)
    assert len(office.company.books) == 1


def posted_key(office: Office, *rows: str) -> str:
    document = office.settle(card_file(*rows))
    approve(office, document["files"][0]["sha"])
    office.cycle()
    return next(iter(office.posted_keys()))


def test_a_voucher_is_undone_once_however_often_it_is_asked_for(office: Office) -> None:
    key = posted_key(office, card_row(1))

    first, second = reverse(office, key), reverse(office, key)

    assert (first, second) == ([(State.POSTED, "")], [(State.ALREADY, "reversed_already")])
    assert office.balance("811") == office.balance("253") == 0
    assert len(office.company.books) == 2


def test_what_is_partly_cancelled_is_undone_with_its_cancellation(office: Office) -> None:
    key = posted_key(office, card_row(1, amount="10001"), card_row(1, amount="3333", cancelled="취소", day="05"))

    assert reverse(office, key) == [(State.POSTED, "")] * 2

    assert office.balance("811") == office.balance("253") == 0
    assert [state for state, _ in reverse(office, key)] == [State.ALREADY] * 2
    assert office.balance("811") == 0


def test_what_the_first_release_undid_of_the_rest_is_undone(office: Office) -> None:
    key = posted_key(office, card_row(1, amount="10001"), card_row(1, amount="3333", cancelled="취소", day="05"))
    original = office.company.find([key])[0]
    rest = take_back(original, Decimal(6668), original.on, undo_key(key), office.company.catalogue())
    assert isinstance(rest, Voucher)
    office.company.post(office.company.stage([rest]))

    assert {reason for _, reason in reverse(office, key)} == {"reversed_already"}
    assert office.balance("811") == 0


def test_a_reversal_that_was_lost_on_its_way_is_finished_the_next_time(office: Office) -> None:
    key = posted_key(office, card_row(1))
    office.company.fate = iter([Fate.DONE, Fate.LATE]).__next__

    lost = reverse(office, key)
    office.company.fate = lambda: Fate.DONE
    office.company.arrive()
    again = reverse(office, key)

    assert lost == [(State.WAITING, "stopped")]
    assert again == [(State.ALREADY, "reversed_already")]
    assert office.balance("811") == 0


def test_a_reversal_of_a_closed_period_bears_today(office: Office) -> None:
    key = posted_key(office, card_row(1))
    today = office.clock.now().date()
    office.company.periods = (Period(today, THIS_YEAR.last, is_open=True),)

    assert reverse(office, key) == [(State.POSTED, "")]

    assert [booked.on for booked in office.company.books.values() if booked.origin] == [today]


def test_what_does_not_stand_cannot_be_undone(office: Office) -> None:
    assert reverse(office, "jk1-nothing") == [(State.REJECTED, "not_posted")]


def test_reversed_line_is_open_again_when_it_is_dropped_once_more(office: Office) -> None:
    key = posted_key(office, card_row(1))
    reverse(office, key)
    office.lose_state()

    waiting = office.settle(card_file(card_row(1)), "again.csv")
    approve(office, waiting["files"][0]["sha"])
    office.cycle()

    assert counts(waiting) == (1, 0, 0, 0, 1)
    assert Counter(booked.posted for booked in office.company.books.values()) == {True: 3}
    assert office.balance("811") == 4500
