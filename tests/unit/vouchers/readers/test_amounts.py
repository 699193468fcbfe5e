"""Amounts have one meaning or none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.vouchers.readers.amounts import parse_amount, parse_optional
from jikimi.vouchers.readers.refusal import RowRefused

SPELLINGS = [
    "{0}",
    "{0:,}",
    "₩{0:,}",
    "￦ {0:,}",
    "{0:,}원",
    "{0:,} 원",
    "KRW {0:,}",
    "+{0:,}",
    " {0}\t",
]
BELOW_ZERO = ["({0:,})", "-{0:,}", "−{0}", "△{0:,}", "▲{0:,}", "{0}-", "-₩{0:,}", "₩-{0:,}", "（{0:,}）", "- {0:,}원"]
FULL_WIDTH = str.maketrans("0123456789,-", "０１２３４５６７８９，－")

amounts = st.integers(0, 10**15 - 1)


@given(amounts, st.sampled_from(SPELLINGS), st.booleans())
def test_every_spelling_means_the_same(amount: int, spelling: str, wide: bool) -> None:  # noqa: FBT001 -- drawn
    text = spelling.format(amount)

    assert parse_amount(text.translate(FULL_WIDTH) if wide else text, 0, "금액") == amount


@given(amounts, st.sampled_from(BELOW_ZERO), st.booleans())
def test_every_sign_means_below_zero(amount: int, spelling: str, wide: bool) -> None:  # noqa: FBT001 -- drawn
    text = spelling.format(amount)

    assert parse_amount(text.translate(FULL_WIDTH) if wide else text, 0, "금액") == -amount


@given(st.decimals(0, 10**9, places=2))
def test_decimals_are_exact_where_the_currency_has_them(amount: Decimal) -> None:
    assert parse_amount(f"{amount:,}", 2, "amount") == amount


@pytest.mark.parametrize(
    ("text", "digits", "code"),
    [
        ("", 0, "amount_empty"),
        (" \u3000", 0, "amount_empty"),
        ("1.234,50", 0, "amount_decimals"),
        ("1.234,50", 2, "amount_decimals"),
        ("4500.5", 0, "amount_decimals"),
        ("4.500", 0, "amount_decimals"),
        ("1.234", 2, "amount_decimals"),
        ("1,23", 0, "amount_decimals"),
        ("#REF!", 0, "amount_unreadable"),
        ("1.23E+06", 0, "amount_unreadable"),
        ("사천오백원", 0, "amount_unreadable"),
        ("-(1,000)", 0, "amount_unreadable"),
        ("-1000-", 0, "amount_unreadable"),
        ("(1,000", 0, "amount_unreadable"),
        ("1,000)", 0, "amount_unreadable"),
        ("-", 0, "amount_unreadable"),
        ("$45", 0, "currency_foreign"),
        ("١٢٣", 0, "amount_unreadable"),
        ("1000000000000000", 0, "amount_too_large"),
        ("12345678901234.56", 2, "amount_too_large"),
    ],
)
def test_what_has_no_single_meaning_is_refused(text: str, digits: int, code: str) -> None:
    with pytest.raises(RowRefused) as caught:
        parse_amount(text, digits, "금액")

    assert caught.value.reason.code == code


def test_fifteen_digits_are_still_read() -> None:
    assert parse_amount("999,999,999,999,999", 0, "금액") == 10**15 - 1
    assert parse_amount("0000000000000001", 0, "금액") == 1


@given(st.text())
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        amount = parse_amount(text, 0, "금액")
    except RowRefused:
        return

    assert amount == amount.to_integral_value()


@pytest.mark.parametrize("text", ["", " ", "-"])
def test_an_optional_amount_may_be_left_out(text: str) -> None:
    assert parse_optional(text, 0, "부가세") is None


def test_a_reason_shows_no_more_than_forty_signs_on_one_line() -> None:
    with pytest.raises(RowRefused) as caught:
        parse_amount("x\n\0" * 100, 0, "금액")

    assert len(str(caught.value.reason.facts["value"])) == 40
    assert str(caught.value.reason.facts["value"]).isprintable()
