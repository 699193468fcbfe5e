"""Whatever the amounts, the rates and the shares: money is neither made nor lost."""

from collections import Counter
from datetime import date
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from jikimi.erp.port import Booked, Catalogue, Entry, Period, Voucher
from jikimi.tables.reasons import Reason
from jikimi.vouchers.booking import book, refund, reverse
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.rules import Rule, Rules, Vat

DAY = date(2026, 11, 4)
NAMES = [str(number) for number in range(800, 812)]
CATALOGUE = Catalogue(dict.fromkeys([*NAMES, "253", "135"], ""), (Period(DAY, DAY, is_open=True),), "KRW", 0)
amounts = st.integers(1, 10**12).map(Decimal)


BY_RULE = [kind for kind in Kind if kind is not Kind.JOURNAL]  # a journal's line brings its own entries


def a_line(amount: Decimal, kind: Kind = Kind.CARD_APPROVAL, vat: Decimal | None = None) -> Line:
    return Line(2, kind, DAY, amount, "KRW", "가게", "1", None, ("x",), {}, vat=vat, reference="1 00000001")


def by(rule: Rule) -> Rules:
    return Rules("card.toml", "253", "135", (rule,), (1,))


@st.composite
def splits(draw: st.DrawFn) -> dict[str, Decimal]:
    cuts = sorted(draw(st.sets(st.integers(1, 9999), max_size=len(NAMES) - 1)))
    edges = [0, *cuts, 10000]
    return {name: Decimal(b - a) / 100 for name, a, b in zip(NAMES, edges, edges[1:], strict=False)}


def as_booked(voucher: Voucher) -> Booked:
    return Booked(1, voucher.key, "1", posted=True, on=voucher.on, entries=voucher.entries)


def assert_sound(voucher: Voucher | Reason, amount: Decimal) -> None:
    assert isinstance(voucher, Voucher)
    assert voucher.debit == voucher.credit == amount
    assert all(entry.debit + entry.credit > 0 for entry in voucher.entries)
    assert all(min(entry.debit, entry.credit) == 0 for entry in voucher.entries)
    assert all(value == value.to_integral_value() for entry in voucher.entries for value in (entry.debit, entry.credit))


@given(amounts, splits(), st.sampled_from(Vat), st.sampled_from(BY_RULE), st.data())
@example(Decimal(1), {"800": Decimal(50), "801": Decimal(50)}, Vat.NONE, Kind.CARD_APPROVAL, None)
def test_every_voucher_is_sound(
    amount: Decimal, split: dict[str, Decimal], vat: Vat, kind: Kind, data: st.DataObject | None
) -> None:
    stated = data.draw(st.none() | st.integers(0, int(amount) - 1).map(Decimal), "vat") if data else None
    line, rules = a_line(amount, kind, stated), by(Rule(split=split, vat=vat))

    assert_sound(book(line, "k", rules, CATALOGUE), amount)
    assert_sound(refund(line, "k", rules, CATALOGUE), amount)


@given(amounts, splits(), st.lists(st.integers(1, 10**12), max_size=6))
@example(Decimal(10), dict.fromkeys(NAMES[:10], Decimal(10)), [5])
def test_partial_reversals_leave_nothing_in_total_and_rounding_in_each_account(
    amount: Decimal, split: dict[str, Decimal], asked: list[int]
) -> None:
    voucher = book(a_line(amount), "k", by(Rule(split=split)), CATALOGUE)
    assert isinstance(voucher, Voucher)
    left, undone = Counter[str](), Decimal(0)
    for entry in voucher.entries:
        left[entry.account] += entry.debit - entry.credit  # type: ignore[assignment]
    parts = 0
    while undone < amount:
        part = min(Decimal(asked[parts] if parts < len(asked) else 10**12), amount - undone)
        reversal = reverse(a_line(part, Kind.CARD_CANCELLATION), "c", as_booked(voucher), undone, CATALOGUE)
        assert_sound(reversal, part)
        assert isinstance(reversal, Voucher)
        for entry in reversal.entries:
            left[entry.account] += entry.debit - entry.credit  # type: ignore[assignment]
        undone, parts = undone + part, parts + 1

    assert left["253"] == sum(left.values()) == 0
    assert all(abs(rest) <= parts for rest in left.values())


@given(amounts, amounts, amounts)
def test_no_more_is_undone_than_was_booked(amount: Decimal, undone: Decimal, asked: Decimal) -> None:
    entries = (Entry("800", amount, Decimal(0), ""), Entry("253", Decimal(0), amount, ""))
    original = as_booked(Voucher("k", DAY, entries))

    found = reverse(a_line(asked, Kind.CARD_CANCELLATION), "c", original, undone, CATALOGUE)

    assert isinstance(found, Reason) == (asked + undone > amount)


def test_one_eleventh_is_rounded_half_up() -> None:
    voucher = book(a_line(Decimal(4500)), "k", by(Rule(account="800", vat=Vat.ELEVENTH)), CATALOGUE)

    assert isinstance(voucher, Voucher)
    assert [(entry.account, entry.debit, entry.credit) for entry in voucher.entries] == [
        ("800", Decimal(4091), Decimal(0)),
        ("135", Decimal(409), Decimal(0)),
        ("253", Decimal(0), Decimal(4500)),
    ]
