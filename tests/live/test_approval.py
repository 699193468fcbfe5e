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


def test_voucher_is_corrected_and_its_file_posted_anew_when_it_was_reversed(stack: LiveStack, until: Until) -> None:
    statement = card_file(card_row(1), card_row(2, amount="8800"))
    stack.drop(statement)
    until(lambda: sum(stack.posted().values()) == 2, 60.0)
    (number, _), *_ = stack.execute("SELECT number, id FROM account_move WHERE state = 'posted' ORDER BY id")

    corrected = [stack.run("correct", str(number), "--account", "소모품비", "--learn") for _ in range(2)]
    reversed_ = stack.document("reverse", "card.csv")

    assert [answer.returncode for answer in corrected] == [0, 0]
    assert [answer.stdout.splitlines()[0].startswith(str(number)) for answer in corrected] == [True, True]
    assert {item["outcome"] for item in reversed_["reversals"]} == {"posted"}
    assert {balance["after"] for balance in reversed_["balances"]} == {"0"}
    assert stack.document("files", "--open")["files"][0]["open"] == 2

    stack.drop(statement)
    until(lambda: not stack.document("files", "--open")["files"], 60.0)
    (file,) = stack.document("files")["files"]
    assert (file["posted"], file["open"]) == (2, 0)
