"""What is said to stand is read again, and every way in which it does not stand is told."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from jikimi.erp.port import Booked, Entry
from jikimi.testing.erp import FakeErp
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.reconcile import keys_in_trouble

SAYS = Outcome(State.POSTED, None, "n1")


class Counting(FakeErp):
    def __init__(self, *booked: Booked) -> None:
        super().__init__()
        self.books = dict(enumerate(booked))
        self.asked: list[int] = []

    def find(self, keys: Sequence[str]) -> list[Booked]:
        self.asked.append(len(keys))
        return super().find(keys)


def stands(key: str = "a", number: str = "n1", *, posted: bool = True, credit: int = 5) -> Booked:
    entries = (Entry("811", Decimal(5), Decimal(0), ""), Entry("253", Decimal(0), Decimal(credit), ""))
    return Booked(1, key, number, posted=posted, on=date(2026, 11, 4), entries=entries)


def trouble(*booked: Booked) -> dict[str, str]:
    return keys_in_trouble(Counting(*booked), {"a": SAYS})


def test_a_voucher_that_stands_once_as_it_was_said_is_no_trouble() -> None:
    assert trouble(stands()) == {}
    assert trouble(stands(), stands("b"), stands(posted=False)) == {}


def test_what_does_not_stand_or_is_a_draft_only_is_told() -> None:
    assert trouble() == trouble(stands(posted=False)) == trouble(stands("b")) == {"a": "stands 0 times"}


def test_what_stands_twice_is_told() -> None:
    assert trouble(stands(), stands()) == {"a": "stands 2 times"}


def test_another_number_than_the_one_that_was_said_is_told() -> None:
    assert trouble(stands(number="n2")) == {"a": "bears number n2, not n1"}


def test_a_voucher_that_does_not_balance_is_told() -> None:
    assert trouble(stands(credit=4)) == {"a": "does not balance"}


def test_every_key_is_asked_about_once_a_hundred_at_a_time() -> None:
    keys = [f"k{number}" for number in range(201)]
    erp = Counting(*(stands(key) for key in keys if key not in {"k0", "k100", "k200"}))

    found = keys_in_trouble(erp, dict.fromkeys(keys, SAYS))

    assert erp.asked == [100, 100, 1]
    assert list(found) == ["k0", "k100", "k200"]


def test_with_nothing_to_prove_nobody_is_asked() -> None:
    erp = Counting()

    assert keys_in_trouble(erp, {}) == {}
    assert erp.asked == []
