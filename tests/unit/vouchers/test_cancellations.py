"""What is cancelled is undone once, by a voucher of its own, whichever way the card company tells of it."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from jikimi.erp.port import Booked
from tests.unit.vouchers.office import Office, card_file, card_row, counts

ACCOUNTS = ("811", "253", "135", "812", "830")


def marked(number: int, amount: str = "4500", day: str = "06") -> str:
    return card_row(number, amount=amount, cancelled="취소", day=day)


def negative(number: int, amount: str = "4500", day: str = "06") -> str:
    return card_row(number, amount=f"-{amount}", day=day)


def shown_as_cancelled(number: int, amount: str = "4500", day: str = "04") -> str:
    """The approval's own row, on its own day, as a later export shows it."""
    return card_row(number, amount=amount, cancelled="승인취소", day=day)


STYLES = pytest.mark.parametrize("cancelled", [marked, negative, shown_as_cancelled])
Cancelled = Callable[[int], str]


def assert_nothing_is_left(office: Office) -> None:
    assert {office.balance(account) for account in ACCOUNTS} == {Decimal(0)}


def reversals(office: Office) -> list[Booked]:
    return [booked for booked in office.company.books.values() if booked.origin is not None]


@STYLES
def test_a_cancellation_below_its_approval_undoes_it(office: Office, cancelled: Cancelled) -> None:
    document = office.settle(card_file(card_row(1), cancelled(1)))

    assert counts(document) == (2, 2, 0, 0, 0)
    assert document["cancellations"] == 1
    assert document["proof"]
    assert_nothing_is_left(office)


@STYLES
def test_a_cancellation_above_its_approval_undoes_it(office: Office, cancelled: Cancelled) -> None:
    document = office.settle(card_file(cancelled(1), card_row(1)))

    assert counts(document) == (2, 2, 0, 0, 0)
    assert_nothing_is_left(office)


@STYLES
def test_a_cancellation_in_a_later_file_undoes_what_stands(office: Office, cancelled: Cancelled) -> None:
    office.settle(card_file(card_row(1), card_row(2, amount="700")))

    document = office.settle(card_file(cancelled(1)), "later.csv")

    assert counts(document) == (1, 1, 0, 0, 0)
    assert office.balance("811") == Decimal(700)


@STYLES
def test_a_cancellation_after_losing_the_state_undoes_what_stands_in_the_erp(
    office: Office, cancelled: Cancelled
) -> None:
    office.settle(card_file(card_row(1)))
    office.lose_state()

    document = office.settle(card_file(cancelled(1)), "later.csv")

    assert counts(document) == (1, 1, 0, 0, 0)
    assert_nothing_is_left(office)


@STYLES
def test_a_cancellation_that_stands_is_known_again_after_losing_the_state(office: Office, cancelled: Cancelled) -> None:
    statement = card_file(card_row(1), cancelled(1))
    office.settle(statement)
    office.lose_state()

    document = office.settle(statement)

    assert counts(document) == (2, 0, 2, 0, 0)
    assert len(reversals(office)) == 1
    assert_nothing_is_left(office)


@STYLES
def test_the_whole_statement_again_after_a_cancellation_is_all_already(office: Office, cancelled: Cancelled) -> None:
    office.settle(card_file(card_row(1), card_row(2)))
    office.settle(card_file(cancelled(1)), "cancelled.csv")

    document = office.settle(card_file(card_row(1), card_row(2), cancelled(1)), "whole.csv")

    assert counts(document) == (3, 0, 3, 0, 0)
    assert office.balance("811") == Decimal(4500)


@STYLES
def test_a_cancellation_without_its_approval_waits_and_is_matched_when_it_comes(
    office: Office, cancelled: Cancelled
) -> None:
    alone = office.settle(card_file(cancelled(1)), "cancelled.csv")
    assert counts(alone) == (1, 0, 0, 0, 1)
    assert office.reasons(alone["files"][0]["sha"]) == {2: "no_original"}

    office.settle(card_file(card_row(1)), "approval.csv")
    office.cycle()

    assert len(reversals(office)) == 1
    assert office.files("work") == []
    assert office.journal.totals()["waiting"] == 0
    assert_nothing_is_left(office)


def test_a_reversal_names_its_original_and_has_its_sides_swapped(office: Office) -> None:
    office.settle(card_file(card_row(1), marked(1)))

    (reversal,) = reversals(office)
    original = office.company.books[reversal.origin or 0]

    assert original.origin is None
    assert reversal.entries == tuple(entry.swapped() for entry in original.entries)
    assert (original.on.day, reversal.on.day) == (4, 6)


def test_a_partial_cancellation_takes_back_its_own_amount(office: Office) -> None:
    document = office.settle(card_file(card_row(1), marked(1, "1500")))

    assert counts(document) == (2, 2, 0, 0, 0)
    assert (office.balance("811"), office.balance("253")) == (Decimal(3000), Decimal(-3000))
    assert reversals(office)[0].debit == Decimal(1500)


def test_two_equal_partial_cancellations_of_one_day_both_count(office: Office) -> None:
    document = office.settle(card_file(card_row(1), marked(1, "1500"), marked(1, "1500")))

    assert counts(document) == (3, 3, 0, 0, 0)
    assert office.balance("811") == Decimal(1500)


def test_partial_cancellations_in_several_files_may_take_back_all_of_it(office: Office) -> None:
    office.settle(card_file(card_row(1)), "a.csv")
    office.settle(card_file(marked(1, "1500")), "b.csv")

    document = office.settle(card_file(marked(1, "1500"), marked(1, "3000", "07")), "c.csv")

    assert counts(document) == (2, 1, 1, 0, 0)
    assert_nothing_is_left(office)


def test_partial_cancellations_of_a_voucher_with_vat_leave_nothing(office: Office) -> None:
    header = "승인일자,카드번호,승인번호,가맹점명,승인금액,취소여부,공급가액,부가세"
    office.settle(card_file(f"{card_row(1, amount='11000')},10000,1000", header=header))

    document = office.settle(card_file(marked(1, "3333"), marked(1, "7667", "07")), "later.csv")

    assert counts(document) == (2, 2, 0, 0, 0)
    assert_nothing_is_left(office)


def test_cancelling_more_than_is_left_is_rejected_in_one_file(office: Office) -> None:
    document = office.settle(card_file(card_row(1), marked(1, "3000"), marked(1, "1501")))

    assert counts(document) == (3, 2, 0, 1, 0)
    assert office.reasons(document["files"][0]["sha"]) == {4: "cancels_too_much"}
    assert office.balance("811") == Decimal(1500)


def test_cancelling_a_second_time_in_a_later_file_is_rejected(office: Office) -> None:
    office.settle(card_file(card_row(1), marked(1)))

    document = office.settle(card_file(marked(1, day="07")), "later.csv")

    assert counts(document) == (1, 0, 0, 1, 0)
    assert office.reasons(document["files"][0]["sha"]) == {2: "cancels_too_much"}
    assert_nothing_is_left(office)


def test_cancelling_more_than_the_approval_is_rejected(office: Office) -> None:
    document = office.settle(card_file(card_row(1), marked(1, "4501")))

    assert office.reasons(document["files"][0]["sha"]) == {3: "cancels_too_much"}
    assert office.balance("811") == Decimal(4500)


def test_a_cancellation_dated_before_its_approval_waits(office: Office) -> None:
    document = office.settle(card_file(card_row(1, day="05"), marked(1, day="04")))

    assert counts(document) == (2, 1, 0, 0, 1)
    assert office.reasons(document["files"][0]["sha"]) == {3: "no_original"}
    assert reversals(office) == []


def test_a_cancellation_speaks_of_the_newest_approval_with_its_number(office: Office) -> None:
    office.settle(card_file(card_row(1, day="02"), card_row(1, amount="8800", day="04"), card_row(1, day="08")))

    document = office.settle(card_file(marked(1, "8800")), "later.csv")

    assert counts(document) == (1, 1, 0, 0, 0)
    assert office.company.books[reversals(office)[0].origin or 0].on.day == 4


def test_another_card_with_the_same_approval_number_is_not_touched(office: Office) -> None:
    other = marked(1).replace("3456", "7777")

    document = office.settle(card_file(card_row(1), other))

    assert counts(document) == (2, 1, 0, 0, 1)
    assert office.balance("811") == Decimal(4500)


def test_a_negative_amount_without_an_approval_number_is_a_refund_by_rule(office: Office) -> None:
    row = "2026-11-06,9999-12**-****-3456,,스타벅스 강남점,-4500,"

    document = office.settle(card_file(row))

    assert counts(document) == (1, 1, 0, 0, 0)
    assert (office.balance("811"), office.balance("253")) == (Decimal(-4500), Decimal(4500))
    assert reversals(office) == []


def test_a_refund_without_a_rule_is_rejected(office: Office) -> None:
    document = office.settle(card_file("2026-11-06,9999-12**-****-3456,,별빛상회,-4500,"))

    assert office.reasons(document["files"][0]["sha"]) == {2: "no_rule"}


def test_refunds_that_look_alike_both_count_and_once_only(office: Office) -> None:
    row = "2026-11-06,9999-12**-****-3456,,스타벅스 강남점,-4500,"
    whole_day = (card_row(2, day="05"), row, row, card_row(3, day="07"))
    office.settle(card_file(*whole_day))

    document = office.settle(card_file(*whole_day, card_row(1, day="08")), "later.csv")

    assert counts(document) == (5, 1, 4, 0, 0)
    assert office.balance("811") == Decimal(4500)


def test_a_cancellation_of_a_rejected_approval_waits(office: Office) -> None:
    document = office.settle(card_file(card_row(1, "별빛상회"), card_row(1, "별빛상회", cancelled="취소", day="06")))

    assert counts(document) == (2, 0, 0, 1, 1)
    assert office.reasons(document["files"][0]["sha"]) == {2: "no_rule", 3: "no_original"}


def test_a_cancellation_in_a_closed_period_is_rejected(office: Office) -> None:
    office.settle(card_file(card_row(1)))
    year = office.company.periods[0]
    office.company.periods = (type(year)(year.first, year.last.replace(month=11, day=5), is_open=True),)

    document = office.settle(card_file(marked(1)), "later.csv")

    assert office.reasons(document["files"][0]["sha"]) == {2: "period_closed"}
