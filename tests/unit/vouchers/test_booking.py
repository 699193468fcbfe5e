"""From a line and a rule to a balanced voucher, at the edges that no random amount is sure to meet."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jikimi.erp.port import Booked, Catalogue, Entry, Period, Voucher
from jikimi.tables.reasons import SENTENCES, Reason
from jikimi.vouchers.booking import book, refund, reverse, take_back
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.rules import Rule, Rules, Vat

DAY = date(2026, 11, 4)
ACCOUNTS = dict.fromkeys(["811", "812", "813", "253", "135"], "")
WON = Catalogue(ACCOUNTS, (Period(DAY, DAY, is_open=True),), "KRW", 0)
CENTS = Catalogue(ACCOUNTS, (Period(DAY, DAY, is_open=True),), "USD", 2)
SIXTY_THIRTY = {"811": Decimal(60), "812": Decimal(30)}
SIXTY_FORTY = {"811": Decimal(60), "812": Decimal(40)}
Sides = list[tuple[str, int, int]]


def a_line(amount: str = "1000", kind: Kind = Kind.CARD_APPROVAL, *, on: date = DAY, **more: Any) -> Line:
    facts: dict[str, Any] = {"reference": "1 00000001", **more}
    return Line(2, kind, on, Decimal(amount), "KRW", "가게", "1", None, ("x",), {}, **facts)


def by(**rule: Any) -> Rules:
    return Rules("card.toml", "253", "135", (Rule(**rule),), (7,))


def sides(voucher: Voucher | Reason) -> Sides:
    assert isinstance(voucher, Voucher), voucher
    return [(entry.account, int(entry.debit), int(entry.credit)) for entry in voucher.entries]


def why(voucher: Voucher | Reason) -> Reason:
    assert isinstance(voucher, Reason), voucher
    assert SENTENCES[voucher.code].ko.format(**voucher.facts)
    return voucher


def as_booked(*entries: Entry, number: str = "2026-000001") -> Booked:
    return Booked(7, "k", number, posted=True, on=DAY, entries=entries)


def debit(account: str, amount: str) -> Entry:
    return Entry(account, Decimal(amount), Decimal(0), "")


def credit(account: str, amount: str) -> Entry:
    return Entry(account, Decimal(0), Decimal(amount), "")


PAID = as_booked(debit("811", "600"), debit("812", "400"), credit("253", "1000"))


@pytest.mark.parametrize("kind", [Kind.CARD_APPROVAL, Kind.BANK_OUT])
def test_money_out_is_the_rule_s_debit_and_the_counter_s_credit(kind: Kind) -> None:
    assert sides(book(a_line(kind=kind), "k", by(account="811"), WON)) == [("811", 1000, 0), ("253", 0, 1000)]


def test_money_in_is_the_counter_s_debit_and_the_rule_s_credit() -> None:
    voucher = book(a_line(kind=Kind.BANK_IN), "k", by(account="811"), WON)

    assert sides(voucher) == [("811", 0, 1000), ("253", 1000, 0)]


def test_a_refund_swaps_the_sides_of_the_rule_s_voucher() -> None:
    voucher = refund(a_line("1100", Kind.CARD_CANCELLATION), "k", by(account="811", vat=Vat.ELEVENTH), WON)

    assert sides(voucher) == [("811", 0, 1000), ("135", 0, 100), ("253", 1100, 0)]


@pytest.mark.parametrize(
    ("vat", "kind", "stated", "expected"),
    [
        (Vat.NONE, Kind.CARD_APPROVAL, "100", 0),
        (Vat.FILE, Kind.CARD_APPROVAL, "90", 90),
        (Vat.FILE, Kind.CARD_APPROVAL, None, 0),
        (Vat.FILE, Kind.CARD_APPROVAL, "0", 0),
        (Vat.ELEVENTH, Kind.CARD_APPROVAL, "90", 90),
        (Vat.ELEVENTH, Kind.CARD_APPROVAL, "0", 0),
        (Vat.ELEVENTH, Kind.CARD_APPROVAL, None, 100),
        (Vat.ELEVENTH, Kind.BANK_IN, None, 0),
        (Vat.ELEVENTH, Kind.BANK_OUT, None, 0),
        (Vat.FILE, Kind.BANK_OUT, "90", 0),
    ],
)
def test_the_vat_is_the_file_s_or_one_eleventh_and_never_a_bank_line_s(
    vat: Vat, kind: Kind, stated: str | None, expected: int
) -> None:
    line = a_line("1100", kind, vat=None if stated is None else Decimal(stated))

    found = {account: one or other for account, one, other in sides(book(line, "k", by(account="811", vat=vat), WON))}

    assert found == {"811": 1100 - expected, "253": 1100, **({"135": expected} if expected else {})}


def test_the_texts_are_the_memo_or_the_counterparty_and_the_reference() -> None:
    plain = book(replace(a_line(approval="00000001"), instrument="9999"), "k", by(account="811"), WON)
    told = book(a_line(reference=""), "k", by(account="811", memo="회의"), WON)

    assert isinstance(plain, Voucher)
    assert isinstance(told, Voucher)
    assert [entry.text for entry in plain.entries] == ["가게", "9999 00000001"]
    assert [entry.text for entry in told.entries] == ["회의", "가게"]


@pytest.mark.parametrize("make", [book, refund])
@pytest.mark.parametrize("amount", ["1", "2", "3", "5", "1000", "100000000000"])
@pytest.mark.parametrize("split", [SIXTY_THIRTY, {"811": Decimal(100), "812": Decimal("0.01")}])
def test_shares_that_make_no_whole_are_rejected_even_where_rounding_would_balance_them(
    make: Any, amount: str, split: dict[str, Decimal]
) -> None:
    reason = why(make(a_line(amount), "k", by(split=split), WON))

    assert (reason.code, reason.facts["rule"]) == ("unbalanced", "card.toml:7")
    assert reason.facts["debit"] != reason.facts["credit"]


def test_shares_that_make_no_whole_are_told_with_both_sides() -> None:
    out = why(book(a_line("1100"), "k", by(split=SIXTY_THIRTY, vat=Vat.ELEVENTH), WON))
    into = why(book(a_line("1000", Kind.BANK_IN), "k", by(split=SIXTY_THIRTY), WON))

    assert out.facts == {"rule": "card.toml:7", "debit": Decimal(1000), "credit": Decimal(1100)}
    assert into.facts == {"rule": "card.toml:7", "debit": Decimal(1000), "credit": Decimal(900)}


def test_a_share_of_nothing_is_left_out() -> None:
    split = {"811": Decimal(0), "812": Decimal(100)}

    assert sides(book(a_line("10"), "k", by(split=split), WON)) == [("812", 10, 0), ("253", 0, 10)]


def test_shares_are_of_what_is_left_without_the_vat() -> None:
    voucher = book(a_line("1100"), "k", by(split=SIXTY_FORTY, vat=Vat.ELEVENTH), WON)

    assert sides(voucher) == [("811", 600, 0), ("812", 400, 0), ("135", 100, 0), ("253", 0, 1100)]


@pytest.mark.parametrize("make", [book, refund])
@pytest.mark.parametrize("rule", [{"account": "811"}, {"split": SIXTY_FORTY}, {"split": SIXTY_THIRTY}])
def test_an_amount_with_more_decimals_than_the_ledger_s_currency_is_rejected(make: Any, rule: dict[str, Any]) -> None:
    reason = why(make(a_line("1000.5"), "k", by(**rule), WON))

    assert reason == Reason("amount_decimals", {"column": "card.toml:7", "digits": 0, "value": Decimal("1000.5")})


def test_a_vat_with_more_decimals_than_the_ledger_s_currency_is_rejected_where_it_would_be_booked() -> None:
    line = a_line("1000", vat=Decimal("90.5"))

    assert why(book(line, "k", by(account="811", vat=Vat.FILE), WON)).facts["value"] == Decimal("90.5")
    assert sides(book(line, "k", by(account="811"), WON)) == [("811", 1000, 0), ("253", 0, 1000)]


def test_decimals_that_the_ledger_s_currency_has_are_booked() -> None:
    voucher = book(a_line("10.01"), "k", by(split={"811": Decimal(50), "812": Decimal(50)}), CENTS)

    assert isinstance(voucher, Voucher)
    assert [entry.debit for entry in voucher.entries] == [Decimal("5.01"), Decimal("5.00"), Decimal(0)]
    assert why(book(a_line("10.001"), "k", by(account="811"), CENTS)).facts["digits"] == 2


def test_zeros_behind_the_point_are_no_decimals() -> None:
    assert sides(book(a_line("1000.00"), "k", by(account="811"), WON)) == [("811", 1000, 0), ("253", 0, 1000)]


def test_an_account_that_the_erp_does_not_have_is_rejected_by_its_name() -> None:
    assert why(book(a_line(), "k", by(account="999"), WON)) == Reason("no_such_account", {"account": "999"})


@pytest.mark.parametrize("on", [date(2026, 11, 3), date(2026, 11, 5)])
def test_a_day_outside_every_open_period_is_rejected(on: date) -> None:
    assert why(book(a_line(on=on), "k", by(account="811"), WON)) == Reason("period_closed", {"on": on})


@pytest.mark.parametrize("vat", ["1000", "1001"])
def test_a_vat_that_leaves_nothing_to_book_is_rejected(vat: str) -> None:
    line = a_line("1000", vat=Decimal(vat))

    assert why(book(line, "k", by(account="811", vat=Vat.FILE), WON)).code == "unbalanced"


def test_no_rule_is_the_reason_why_there_is_no_voucher() -> None:
    assert why(book(a_line(), "k", by(merchant="없는", account="811"), WON)).code == "no_rule"


def test_a_whole_reversal_swaps_every_side_and_names_its_origin() -> None:
    voucher = reverse(a_line(kind=Kind.CARD_CANCELLATION), "c", PAID, Decimal(0), WON)

    assert sides(voucher) == [("811", 0, 600), ("812", 0, 400), ("253", 1000, 0)]
    assert isinstance(voucher, Voucher)
    assert (voucher.key, voucher.on, voucher.origin) == ("c", DAY, 7)


def test_a_part_is_taken_from_every_account_by_its_share() -> None:
    voucher = reverse(a_line("500", Kind.CARD_CANCELLATION), "c", PAID, Decimal(500), WON)

    assert sorted(sides(voucher)) == [("253", 500, 0), ("811", 0, 300), ("812", 0, 200)]


def test_an_account_of_which_nothing_is_taken_is_left_out() -> None:
    original = as_booked(debit("811", "999"), debit("812", "1"), credit("253", "1000"))

    voucher = reverse(a_line("10", Kind.CARD_CANCELLATION), "c", original, Decimal(0), WON)

    assert sorted(sides(voucher)) == [("253", 10, 0), ("811", 0, 10)]


@pytest.mark.parametrize(
    ("asked", "undone", "fits"), [("500", "500", True), ("501", "500", False), ("1001", "0", False)]
)
def test_no_more_is_taken_back_than_stands(asked: str, undone: str, fits: bool) -> None:  # noqa: FBT001
    voucher = reverse(a_line(asked, Kind.CARD_CANCELLATION), "c", PAID, Decimal(undone), WON)

    if fits:
        assert isinstance(voucher, Voucher)
    else:
        facts = {"number": "2026-000001", "amount": Decimal(1000), "undone": Decimal(undone), "asked": Decimal(asked)}
        assert why(voucher) == Reason("cancels_too_much", facts)


def test_a_cancellation_with_too_many_decimals_is_rejected_rather_than_rounded() -> None:
    reason = why(reverse(a_line("10.5", Kind.CARD_CANCELLATION), "c", PAID, Decimal(0), WON))

    assert reason == Reason("amount_decimals", {"column": "2026-000001", "digits": 0, "value": Decimal("10.5")})


def test_an_original_that_does_not_balance_is_not_reversed() -> None:
    crooked = as_booked(debit("811", "1000"), credit("253", "900"))

    reason = why(take_back(crooked, Decimal(1000), DAY, "c", WON))

    assert reason == Reason("unbalanced", {"rule": "", "debit": Decimal(900), "credit": Decimal(1000)})


def test_an_original_with_a_closed_account_is_not_reversed() -> None:
    original = as_booked(debit("999", "1000"), credit("253", "1000"))

    assert why(take_back(original, Decimal(1000), DAY, "c", WON)).facts == {"account": "999"}


def test_a_single_won_is_booked_and_taken_back() -> None:
    voucher = book(a_line("1"), "k", by(account="811"), WON)

    assert sides(voucher) == [("811", 1, 0), ("253", 0, 1)]


def test_a_side_of_a_single_won_is_a_side_like_any_other() -> None:
    original = as_booked(debit("811", "1000"), credit("253", "1"), credit("135", "999"))

    voucher = take_back(original, Decimal(999), DAY, "c", WON)

    assert sorted(sides(voucher)) == [("135", 998, 0), ("253", 1, 0), ("811", 0, 999)]
