"""What a person writes into a mended file or the rules may be wrong, but never stops the cycle."""

import pytest

from jikimi.inbox import safe_name
from tests.unit.vouchers.office import CARD_HEADER, Office, card_file, card_row, counts

MENDED = f"{CARD_HEADER},이유,계정"


@pytest.mark.parametrize("account", ["없는계정", "811.1", "8-1", "1234567890123"])
def test_an_account_that_is_no_code_rejects_its_row_and_the_others_go_on(office: Office, account: str) -> None:
    rows = (f"{card_row(1, '별빛상회')},,{account}", f"{card_row(2, '달빛상회')},,830")

    document = office.settle(card_file(*rows, header=MENDED))

    assert counts(document) == (2, 1, 0, 1, 0)
    assert office.reasons(document["files"][0]["sha"]) == {2: "no_such_account"}


def test_the_rule_of_a_merchant_with_quotes_in_its_name_can_be_read_again(office: Office) -> None:
    office.settle(card_file(f"{card_row(1, '별빛 상회')},,830".replace("별빛", "'''별빛"), header=MENDED))

    document = office.settle(card_file(card_row(2, "'''별빛 상회"), card_row(3)), "later.csv")

    assert counts(document) == (2, 2, 0, 0, 0)


def test_rules_that_are_not_utf8_keep_the_file_waiting(office: Office) -> None:
    rules = office.config.home / "rules/card.toml"
    good = rules.read_text(encoding="utf-8")
    rules.write_bytes(good.encode("cp949", "ignore"))

    broken = office.settle(card_file(card_row(1)))
    rules.write_text(good, encoding="utf-8")

    assert counts(broken) == (1, 0, 0, 0, 1)
    assert office.reasons(broken["files"][0]["sha"]) == {2: "rules_broken"}
    assert counts(office.cycle()) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize("name", ["가" * 80 + ".csv", "x" * 250, "a." + "b" * 240])
def test_a_file_with_a_very_long_name_is_settled_like_any_other(office: Office, name: str) -> None:
    document = office.settle(card_file(card_row(1)), name)

    assert counts(document) == (1, 1, 0, 0, 0)
    assert len(safe_name(name).encode()) <= 180


def test_a_column_name_that_is_a_formula_is_text_in_the_errors_file(office: Office) -> None:
    office.settle(card_file(f"{card_row(1, '별빛상회')},x", header=f"{CARD_HEADER},=cmd()"))

    assert ",'=cmd()," in (office.config.home / "rejected/card.errors.csv").read_text(encoding="utf-8")


def test_a_single_won_is_booked_whatever_the_split(office: Office) -> None:
    rules = office.config.home / "rules/card.toml"
    rules.write_text('counter = "253"\n[[rule]]\nsplit = { 811 = 50, 812 = 50 }\n', encoding="utf-8")

    assert counts(office.settle(card_file(card_row(1, amount="1")))) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(("account", "vat", "deducted"), [("813", "none", 0), ("830", "file", 4091)])
def test_entertainment_is_booked_and_remembered_without_vat_when_a_person_wrote_it(
    office: Office, account: str, vat: str, deducted: int
) -> None:
    office.company.accounts["813"] = "접대비"
    header = f"{CARD_HEADER},부가세"
    office.settle(card_file(f"{card_row(1, '별빛골프', '45000')},4091", header=header))

    mended = card_file(f"{card_row(1, '별빛골프', '45000')},4091,,{account}", header=f"{header},이유,계정")
    office.settle(mended, "card.errors.csv")
    office.settle(card_file(f"{card_row(2, '별빛골프', '45000')},4091", header=header), "next.csv")

    rules = (office.config.home / "rules/card.toml").read_text(encoding="utf-8")
    assert rules.endswith(f"merchant = '''^별빛골프$'''\naccount = \"{account}\"\nvat = \"{vat}\"\n")
    assert int(office.balance("135")) == 2 * deducted
    assert int(office.balance(account)) == 2 * (45000 - deducted)
