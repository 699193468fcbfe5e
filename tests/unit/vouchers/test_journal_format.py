"""Cycles over vouchers of another program: each key is posted once, whole or not at all."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from jikimi.erp.port import Booked, Refused
from tests.unit.vouchers.office import Office, counts

HEADER = "전표키,일자,계정,차변,대변,적요"
EXAMPLE = Path(__file__).resolve().parents[3] / "examples/journal-2026-11.csv"


def voucher(key: str, amount: str = "4500", *, account: str = "811 복리후생비", day: str = "04") -> list[str]:
    date = f"2026-11-{day}"
    return [f"{key},{date},{account},{amount},,커피", f"{key},{date},253,,{amount},카드"]


def settle(office: Office, *rows: str, name: str = "journal.csv") -> tuple[tuple[int, ...], dict[int, str]]:
    document = office.settle("\n".join([HEADER, *rows, ""]).encode(), name, "journal")
    assert document["proof"]
    return counts(document), office.reasons(document["files"][0]["sha"])


def test_a_second_run_posts_nothing_and_a_later_file_only_its_new_keys(office: Office) -> None:
    first, _ = settle(office, *voucher("V1"), *voucher("V2"))
    later, why = settle(office, *voucher("V2"), *voucher("V3"), name="later.csv")

    assert (first, later, why) == ((2, 2, 0, 0, 0), (2, 1, 1, 0, 0), {2: "stands_already"})
    assert office.balance("811") == 13_500


def test_after_losing_the_state_the_same_keys_are_found_again(office: Office) -> None:
    settle(office, *voucher("V1"))
    office.lose_state()

    assert settle(office, *voucher("V1"), name="again.csv")[0] == (1, 0, 1, 0, 0)


def test_no_rules_are_needed(office: Office) -> None:
    assert not (office.config.home / "rules/journal.toml").exists()

    assert settle(office, *voucher("V1"))[0] == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (voucher("V1", "4600"), "conflict"),
        (voucher("V1", day="05"), "key_taken"),
        (voucher("V1", account="830"), "key_taken"),
    ],
)
def test_a_key_that_comes_again_with_another_voucher_is_not_taken_for_the_same(
    office: Office, other: list[str], reason: str
) -> None:
    settle(office, *voucher("V1"))

    assert settle(office, *other, name="other.csv") == ((1, 0, 0, 1, 0), {2: reason})


def test_a_voucher_that_is_no_voucher_costs_its_own_rows_only(office: Office) -> None:
    unbalanced = [voucher("V1")[0], voucher("V1", "4400")[1]]
    two_days = [voucher("V2")[0], voucher("V2", day="05")[1]]

    found = settle(office, *unbalanced, *two_days, *voucher("V3", "4500.5"), *voucher("V4"))

    rows = {2: "unbalanced", 3: "unbalanced", 4: "key_days", 5: "key_days"}
    assert found == ((7, 1, 0, 6, 0), rows | {6: "amount_decimals", 7: "amount_decimals"})


@pytest.mark.parametrize("account", ["999", "복리후생비"])
def test_an_account_that_the_erp_does_not_have_posts_nothing(office: Office, account: str) -> None:
    found = settle(office, *voucher("V1", account=account), *voucher("V2"))

    assert found == ((2, 1, 0, 1, 0), {2: "no_such_account"})


def test_rejected_rows_keep_their_accounts_and_can_be_mended(office: Office) -> None:
    settle(office, voucher("V1")[0], voucher("V1", "4400")[1])
    text = (office.config.home / "rejected/journal.errors.csv").read_text(encoding="utf-8-sig")
    assert "전표키,일자,계정코드,차변,대변,적요,원본,이유,계정" in text

    document = office.settle(text.replace("4400", "4500").encode(), "mended.csv", "journal")

    assert counts(document) == (1, 1, 0, 0, 0)


def errors(office: Office, name: str = "journal") -> list[dict[str, str]]:
    text = (office.config.home / f"rejected/{name}.errors.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def as_file(rows: Sequence[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_a_voucher_that_the_erp_cannot_take_comes_back_whole_as_it_stood_and_posts_once_mended(office: Office) -> None:
    (first, second), (other_first, other_second) = voucher("V1"), voucher("V2", account="999 없는 계정")
    third = "V2,2026-11-04,811,1000,,  우유 "
    fourth = "V2,2026-11-04,253,,1000,"

    found = settle(office, other_first, first, third, other_second, second, fourth)
    rows = errors(office)
    mended = office.settle(as_file([rows[0] | {"계정": "830"}, *rows[1:]]), "journal.errors.csv", "journal")

    assert found == ((2, 1, 0, 1, 0), {2: "no_such_account"})
    assert [list(row.values())[:6] for row in rows] == [
        ["V2", "2026-11-04", "999 없는 계정", "4500", "", "커피"],
        ["V2", "2026-11-04", "811", "1000", "", "  우유 "],
        ["V2", "2026-11-04", "253", "", "4500", "카드"],
        ["V2", "2026-11-04", "253", "", "1000", ""],
    ]
    assert len({row["이유"] for row in rows} - {""}) == 1
    assert {row["계정"] for row in rows} == {""}
    assert counts(mended) == (1, 1, 0, 0, 0)
    assert [office.balance(account) for account in ("830", "811", "253")] == [4500, 5500, -10_000]


def test_a_voucher_that_the_erp_refuses_to_post_comes_back_whole(office: Office) -> None:
    as_is = office.company.post

    def refuse(drafts: Sequence[Booked]) -> list[Booked]:
        if any(draft.debit == 4600 for draft in drafts):
            raise Refused(answer="no")
        return as_is(drafts)

    office.company.post = refuse  # type: ignore[method-assign]

    found = settle(office, *voucher("V1"), *voucher("V2", "4600"), *voucher("V3"))

    assert found == ((3, 2, 0, 1, 0), {4: "refused"})
    sides = [(row["전표키"], row["차변"], row["대변"]) for row in errors(office)]
    assert sides == [("V2", "4600", ""), ("V2", "", "4600")]


def test_whole_and_half_rejected_vouchers_stand_in_the_file_s_order(office: Office) -> None:
    unbalanced = [voucher("V1")[0], voucher("V1", "4400")[1]]
    unknown = voucher("V2", account="999")

    settle(office, unknown[0], *unbalanced, unknown[1])

    assert [(row["전표키"], row["대변"]) for row in errors(office)] == [
        ("V2", ""),
        ("V1", ""),
        ("V1", "4400"),
        ("V2", "4500"),
    ]


def test_a_loose_journal_finds_its_profile(office: Office) -> None:
    (office.config.home / "inbox/loose.csv").write_text("\n".join([HEADER, *voucher("V1")]), encoding="utf-8")

    document = office.cycle()

    assert (document["files"][0]["profile"], document["posted"]) == ("journal", 1)


def test_the_template_is_three_vouchers_that_practice_can_post(office: Office) -> None:
    document = office.settle(EXAMPLE.read_bytes(), EXAMPLE.name, "practice-journal")

    assert (counts(document), document["ledger"]) == ((3, 3, 0, 0, 0), "practice")
    assert document["debit"] == document["credit"] == "3387000"
