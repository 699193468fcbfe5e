"""The rules as the bookkeeper wrote them: the first that fits decides, and every mistake is told with its line."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jikimi.config.explain import BadFile
from jikimi.tables.reasons import Reason
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.rules import Rule, Vat, parse_rules

HEAD = 'counter = "253"\n'


def a_line(name: str = "가게", amount: str = "1000", kind: Kind = Kind.CARD_APPROVAL, account: str = "") -> Line:
    on = date(2026, 11, 4)
    return Line(2, kind, on, Decimal(amount), "KRW", name, "1", None, ("x",), {}, account=account)


def a_rule(**conditions: Any) -> Rule:
    return Rule(account="811", **conditions)


def problems(text: str) -> list[str]:
    with pytest.raises(BadFile) as caught:
        parse_rules(text, "card.toml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("rule", "got"),
    [
        ('merchant = "가게"', "neither"),
        ('account = "811"\nsplit = { 812 = 100 }', "both"),
        ("split = {}", "neither"),
        ('account = "811"\nsplit = {}', "neither"),
    ],
)
def test_a_rule_that_names_no_one_place_to_book_is_told_on_its_line_with_what_to_write(rule: str, got: str) -> None:
    (problem,) = problems(f'{HEAD}\n[[rule]]\naccount = "811"\n\n[[rule]]\n{rule}\n')

    assert problem == (
        'card.toml:6: rule.1: write either `account = "811"` or `split = { 811 = 60, 812 = 40 }` in each rule'
        f" (got {got})"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'{HEAD}[[rule]]\naccount = "81x"\n', 3),
        (f'{HEAD}[[rule]]\nacount = "811"\n', 3),
        (f'{HEAD}[[rule]]\nmerchant = "("\naccount = "811"\n', 3),
        (f'{HEAD}[[rule]]\nvat = "some"\naccount = "811"\n', 3),
        (f'{HEAD}[[rule]]\naccount = "1234567890123"\n', 3),
        ('counter = ""\n', 1),
        (f'{HEAD}[[rule]]\naccount = "811"\nat_least = nan\n', 4),
    ],
)
def test_what_is_wrong_in_a_rule_is_told_on_its_line(text: str, line: int) -> None:
    assert problems(text)[0].startswith(f"card.toml:{line}: ")


def test_a_file_without_a_counter_account_is_told_so() -> None:
    assert problems('[[rule]]\naccount = "811"\n') == ['card.toml: counter: missing; write it, such as counter = "253"']


def test_a_place_is_the_line_on_which_the_rule_begins() -> None:
    rules = parse_rules(f'{HEAD}[[rule]]\naccount = "811"\n\n[[rule]]\naccount = "812"\n', "card.toml")

    assert [rules.place(rule) for rule in rules.rules] == ["card.toml:2", "card.toml:5"]
    assert rules.place(a_rule()) == "계정"


def test_two_equal_rules_have_their_own_places() -> None:
    rules = parse_rules(f'{HEAD}[[rule]]\naccount = "811"\n[[rule]]\naccount = "811"\n', "card.toml")

    assert rules.place(rules.rules[1]) == "card.toml:4"


@pytest.mark.parametrize(("before", "line"), [("", 2), ("# a remark\n", 3)])
def test_rules_in_one_array_are_read_as_well(before: str, line: int) -> None:
    text = f'{HEAD}{before}rule = [{{ merchant = "a", account = "811" }}, {{ account = "812" }}]\n'

    rules = parse_rules(text, "card.toml")

    assert [rules.place(rule) for rule in rules.rules] == [f"card.toml:{line}"] * 2


def test_quoted_headers_are_read_though_their_place_is_unknown() -> None:
    rules = parse_rules(f'{HEAD}[["ru\\u006ce"]]\naccount = "811"\n', "card.toml")

    assert rules.place(rules.rules[0]) == "card.toml:1"


def test_the_first_rule_that_fits_decides() -> None:
    text = f'{HEAD}[[rule]]\nmerchant = "커피"\naccount = "811"\n[[rule]]\naccount = "812"\n'
    rules = parse_rules(text, "card.toml")

    assert rules.decide(a_line("별 커피")) is rules.rules[0]
    assert rules.decide(a_line("별빛")) is rules.rules[1]


def test_a_line_that_no_rule_fits_is_rejected_by_its_name() -> None:
    rules = parse_rules(HEAD, "card.toml")

    assert rules.decide(a_line("별빛")) == Reason("no_rule", {"name": "별빛"})


def test_the_account_that_a_person_wrote_comes_before_every_rule_and_keeps_the_vat_of_the_file() -> None:
    rules = parse_rules(f'{HEAD}[[rule]]\naccount = "811"\n', "card.toml")

    assert rules.decide(a_line(account="830")) == Rule(account="830", vat=Vat.FILE)


@pytest.mark.parametrize(("stated", "account"), [("", "813"), ('no_vat_accounts = ["812", "813"]\n', "812")])
def test_an_account_that_takes_no_vat_takes_none_when_a_person_wrote_it(stated: str, account: str) -> None:
    rules = parse_rules(f"{HEAD}{stated}", "card.toml")

    assert rules.decide(a_line(account=account)) == Rule(account=account, vat=Vat.NONE)


def test_an_old_rule_for_entertainment_deducts_no_vat_though_it_says_so() -> None:
    old = '[[rule]]\naccount = "813"\nvat = "file"\n[[rule]]\nsplit = { 811 = 50, 813 = 50 }\nvat = "eleventh"\n'

    rules = parse_rules(f"{HEAD}{old}", "card.toml")

    assert [rule.vat for rule in rules.rules] == [Vat.NONE, Vat.NONE]


def test_the_vat_of_entertainment_is_deducted_only_where_a_file_says_that_it_may() -> None:
    rules = parse_rules(f"{HEAD}no_vat_accounts = []\n", "card.toml")

    assert rules.decide(a_line(account="813")) == Rule(account="813", vat=Vat.FILE)


@pytest.mark.parametrize("account", ["소모품비", "8-1", "1" * 13, "811\n", "٨١١"])
def test_what_a_person_wrote_that_is_no_account_is_rejected(account: str) -> None:
    rules = parse_rules(f'{HEAD}[[rule]]\naccount = "811"\n', "card.toml")

    assert rules.decide(a_line(account=account)) == Reason("no_such_account", {"account": account})


@pytest.mark.parametrize(
    ("conditions", "name", "fits"),
    [
        ({}, "anything", True),
        ({"merchant": "커피"}, "별 커피 1호점", True),
        ({"merchant": "COFFEE"}, "star coffee", True),
        ({"merchant": "^커피"}, "별 커피", False),
    ],
)
def test_a_merchant_is_found_anywhere_in_the_name_in_any_case(
    conditions: dict[str, str],
    name: str,
    fits: bool,  # noqa: FBT001
) -> None:
    assert a_rule(**conditions).fits(a_line(name)) is fits


@pytest.mark.parametrize(
    ("conditions", "amount", "fits"),
    [
        ({"at_least": 1000}, "999", False),
        ({"at_least": 1000}, "1000", True),
        ({"at_least": 1000}, "1001", True),
        ({"at_most": 1000}, "999", True),
        ({"at_most": 1000}, "1000", True),
        ({"at_most": 1000}, "1001", False),
        ({"at_least": 1000, "at_most": 2000}, "2001", False),
        ({"at_least": 1000, "at_most": 2000}, "1500", True),
    ],
)
def test_both_limits_of_an_amount_belong_to_it(
    conditions: dict[str, int],
    amount: str,
    fits: bool,  # noqa: FBT001
) -> None:
    assert a_rule(**conditions).fits(a_line(amount=amount)) is fits


@pytest.mark.parametrize(
    ("direction", "kind", "fits"),
    [
        ("in", Kind.BANK_IN, True),
        ("in", Kind.BANK_OUT, False),
        ("out", Kind.BANK_OUT, True),
        ("out", Kind.BANK_IN, False),
        ("in", Kind.CARD_APPROVAL, False),
        ("out", Kind.CARD_CANCELLATION, False),
        (None, Kind.BANK_IN, True),
        (None, Kind.CARD_APPROVAL, True),
    ],
)
def test_a_direction_is_that_of_a_bank_line(direction: str | None, kind: Kind, fits: bool) -> None:  # noqa: FBT001
    assert a_rule(direction=direction).fits(a_line(kind=kind)) is fits


def test_every_condition_must_hold() -> None:
    rule = a_rule(merchant="커피", direction="in", at_least=10, at_most=20)

    assert rule.fits(a_line("커피", "15", Kind.BANK_IN))
    assert not rule.fits(a_line("차", "15", Kind.BANK_IN))
    assert not rule.fits(a_line("커피", "15", Kind.BANK_OUT))
    assert not rule.fits(a_line("커피", "9", Kind.BANK_IN))
    assert not rule.fits(a_line("커피", "21", Kind.BANK_IN))


def test_the_accounts_are_all_that_a_voucher_may_touch() -> None:
    text = f'{HEAD}vat_account = "136"\n[[rule]]\naccount = "811"\n[[rule]]\nsplit = {{ 812 = 50, 813 = 50 }}\n'

    assert parse_rules(text, "card.toml").accounts() == {"253", "136", "811", "812", "813"}


def test_a_rule_file_with_only_a_counter_has_the_usual_vat_account() -> None:
    assert parse_rules(HEAD, "card.toml").accounts() == {"253", "135"}


def test_remarks_that_look_like_rules_are_not_counted() -> None:
    rules = parse_rules(f'# [[rule]]\n{HEAD}\n[[rule]]  # [[rule]]\naccount = "811"\n', "card.toml")

    assert rules.lines == (4,)
