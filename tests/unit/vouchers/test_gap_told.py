"""A bank statement that does not go on where the last one ended is told of, and its rows go on."""

from tests.unit.vouchers.office import BANK_HEADER, Office, counts

FIRST = f"{BANK_HEADER}\n2026-11-02 09:00:11,KT 통신요금,55000,0,945000\n".encode()
NEXT = f"{BANK_HEADER}\n2026-11-05 14:10:00,송금수수료,500,0,944500\n".encode()
LATER = f"{BANK_HEADER}\n2026-11-09 14:10:00,송금수수료,500,0,744000\n".encode()


def test_page_says_which_statement_is_missing_when_the_balances_do_not_meet(office: Office) -> None:
    office.settle(FIRST, "first.csv", "bank")

    document = office.settle(LATER, "later.csv", "bank")

    assert counts(document) == (1, 1, 0, 0, 0)
    (note,) = document["files"][0]["notes"]
    assert "2026-11-02" in note["en"] and "2026-11-09" in note["ko"]  # noqa: PT018 - one sentence
    assert note["en"] in (office.config.home / "outputs/results/later.csv.html").read_text(encoding="utf-8")


def test_nothing_is_missing_when_the_balances_meet(office: Office) -> None:
    office.settle(FIRST, "first.csv", "bank")

    assert office.settle(NEXT, "next.csv", "bank")["files"][0]["notes"] == []
