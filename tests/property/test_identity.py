"""A key says which transaction a row speaks of, and nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from jikimi.vouchers.identity import first_release_key, first_release_keys
from jikimi.vouchers.line import Kind, Line

words = st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]), max_size=4)
naturals = st.tuples(st.sampled_from("12"), st.sampled_from(["2026-11-04", "2026-11-05"]), st.sampled_from("789"))


def line(natural: tuple[str, ...] | None, content: tuple[str, ...], kind: Kind, amount: int) -> Line:
    return Line(1, kind, date(2026, 11, 4), Decimal(amount), "KRW", "가게", "1", natural, content, {})


with_natural = st.builds(line, naturals, st.just(()), st.just(Kind.CARD_APPROVAL), st.integers(1, 3))
cancellations = st.builds(line, naturals, st.just(()), st.just(Kind.CARD_CANCELLATION), st.integers(1, 3))
without = st.builds(line, st.none(), st.tuples(st.sampled_from("ab")), st.sampled_from(Kind), st.integers(1, 1))
anything = st.lists(st.one_of(with_natural, cancellations, without), max_size=12)


@given(st.lists(with_natural, max_size=9), st.randoms())
def test_a_natural_key_is_the_same_in_any_order(lines: list[Line], random: Random) -> None:
    keys = list(zip(lines, first_release_keys(lines), strict=True))
    random.shuffle(keys)

    assert first_release_keys([item for item, _ in keys]) == [key for _, key in keys]


@given(anything, st.sets(st.integers(0, 11)))
def test_the_first_release_keys_a_part_are_among_those_of_the_whole(lines: list[Line], kept: set[int]) -> None:
    part = Counter(first_release_keys([item for place, item in enumerate(lines) if place in kept]))

    assert part <= Counter(first_release_keys(lines))


@given(anything, st.randoms())
def test_the_order_of_rows_does_not_change_which_keys_there_are(lines: list[Line], random: Random) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)

    assert Counter(first_release_keys(shuffled)) == Counter(first_release_keys(lines))


@given(st.lists(words, min_size=1, max_size=3), st.lists(words, min_size=1, max_size=3))
def test_other_fields_have_another_key(one: list[str], other: list[str]) -> None:
    assert (first_release_key(one) == first_release_key(other)) == (one == other)


@given(st.lists(without, min_size=1, max_size=9))
def test_rows_without_a_natural_key_never_share_one(lines: list[Line]) -> None:
    assert len(set(first_release_keys(lines))) == len(lines)


@given(with_natural)
def test_the_amount_is_no_part_of_an_approval_s_key_but_of_a_cancellation_s(one: Line) -> None:
    other = replace(one, amount=one.amount + 1)
    cancelled = [replace(item, kind=Kind.CARD_CANCELLATION) for item in (one, other)]

    assert first_release_keys([one]) == first_release_keys([other])
    assert len({*first_release_keys([one]), *first_release_keys(cancelled)}) == 3


def test_first_release_keys_vouchers_that_stand_never_change() -> None:
    assert first_release_key(["card_approval", "9999", "2026-11-04", "00000001"]) == "jk1-ttj4nqn3dtpphbuvwati"


def test_trailing_zeros_do_not_tell_two_cancellations_apart() -> None:
    plain = line(("1", "d", "7"), (), Kind.CARD_CANCELLATION, 1500)

    assert first_release_keys([plain]) == first_release_keys([replace(plain, amount=Decimal("1500.00"))])
