"""A person approves drafts, and has vouchers undone, by commands."""

from tests.conftest import Until
from tests.live.stack import LiveStack
from tests.unit.vouchers.office import card_file, card_row


def waiting(stack: LiveStack) -> int:
    return int(stack.document("status")["vouchers"]["waiting"])


def test_drafts_wait_until_a_person_approves_and_a_file_can_be_undone(stack: LiveStack, until: Until) -> None:
    stack.interrupt()
    settings = stack.root / "jikimi.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace('[profiles.card]\nkind = "card"', '[profiles.card]\nkind = "card"\napprove = "person"')
    )
    stack.start()
    stack.drop(card_file(card_row(1), card_row(2, amount="8800")))
    until(lambda: waiting(stack) == 2, 30.0)
    assert stack.posted() == {}

    approved = stack.document("approve", "card.csv")

    assert (approved["found"], approved["posted"], approved["proof"]) == (1, 2, True)
    assert sum(stack.posted().values()) == 2
    assert stack.run("approve", "card.csv").returncode == 2

    (number, _), *_ = stack.execute("SELECT number, id FROM account_move WHERE state = 'posted' ORDER BY id")
    one = stack.document("reverse", str(number))
    rest = stack.document("reverse", "card.csv")

    assert [item["outcome"] for item in one["reversals"]] == ["posted"]
    assert sorted(item["outcome"] for item in rest["reversals"]) == ["already", "posted"]
    (story,) = stack.document("why", str(number))["story"]
    assert story["reversal"]["number"] == one["reversals"][0]["number"]
    assert [attempt["erp_id"] for attempt in story["attempts"]]
    sums = stack.execute(
        "SELECT account, sum(CAST(debit AS REAL)) - sum(CAST(credit AS REAL)) FROM account_move_line GROUP BY account"
    )
    assert {balance for _, balance in sums} == {0.0}
