"""Rows that are likely the same as a voucher: a person is asked, and the answer is kept."""

import csv
import io

import pytest

from tests.unit.vouchers.office import BANK_HEADER, Office, card_file, counts

FIRST = card_file("2026-11-05,9999-12**-****-3456,,스타벅스 강남점,4500,")
VIEW = "승인일자,승인시간,가맹점명,승인금액\n2026-11-05,09:00:01,스타벅스 강남점,4500\n".encode()


def question(office: Office, data: bytes = VIEW) -> str:
    """Settle a row without a card number beside a voucher of the same day and amount, and return its source."""
    office.settle(FIRST)
    document = office.settle(data, "view.csv")
    assert counts(document) == (1, 0, 0, 0, 1)
    (source,) = office.journal.questions("jk2-")
    return source


def errors(office: Office) -> list[dict[str, str]]:
    text = (office.config.home / "rejected/view.errors.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def as_csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_row_waits_when_it_hides_the_card_that_a_voucher_shows(office: Office) -> None:
    question(office)

    (row,) = errors(office)
    assert "2026-000001" in row["이유"]
    assert (row["계정"], row["판단"]) == ("", "")


@pytest.mark.parametrize(("same", "posted", "already"), [(True, 0, 1), (False, 1, 0)])
def test_answer_decides_a_waiting_row_when_it_is_given_by_command(
    office: Office, *, same: bool, posted: int, already: int
) -> None:
    office.journal.answer(question(office), "kim", same=same)

    document = office.cycle()

    assert (document["posted"], document["already"], document["waiting"]) == (posted, already, 0)
    assert office.balance("811") == 4500 * (1 + posted)


@pytest.mark.parametrize(("verdict", "posted", "already"), [("같음", 0, 1), (" 다름 ", 1, 0)])
def test_answer_decides_a_waiting_row_when_it_is_written_in_the_mend_file(
    office: Office, verdict: str, posted: int, already: int
) -> None:
    question(office)
    (row,) = errors(office)

    mended = office.settle(as_csv([{**row, "판단": verdict}]), "view.errors.csv")

    assert (mended["posted"], mended["already"], mended["rejected"]) == (posted, already, 0)
    assert office.balance("811") == 4500 * (1 + posted)


@pytest.mark.parametrize("verdict", ["같음", "다름"])
def test_row_of_the_first_file_is_settled_when_its_mend_file_was_answered(office: Office, verdict: str) -> None:
    question(office)
    (row,) = errors(office)
    office.settle(as_csv([{**row, "판단": verdict}]), "view.errors.csv")
    before = office.balance("811")

    office.cycle()

    assert office.balance("811") == before
    assert office.journal.questions("jk2-") == []
    assert office.files("work") == []


def test_rows_are_never_asked_about_when_their_balances_differ(office: Office) -> None:
    row = "2026-11-05 09:00:01,KT 통신요금,55000,0,{}"
    office.settle("\n".join([BANK_HEADER, row.format(900_000)]).encode(), "one.csv", "bank")

    document = office.settle("\n".join([BANK_HEADER, row.format(845_000)]).encode(), "two.csv", "bank")

    assert counts(document) == (1, 1, 0, 0, 0)


def test_mended_row_is_its_original_when_a_spreadsheet_has_lost_the_seconds(office: Office) -> None:
    row = "2026-11-05 09:00:01,모르는 곳,55000,0,"
    office.settle(f"{BANK_HEADER}\n{row}".encode(), "bank.csv", "bank")
    text = (office.config.home / "rejected/bank.errors.csv").read_text(encoding="utf-8-sig")
    (mended,) = list(csv.DictReader(io.StringIO(text)))
    office.settle(as_csv([{**mended, "거래일시": "2026-11-05 9:00", "계정": "831"}]), "bank.errors.csv", "bank")

    again = office.settle(f"{BANK_HEADER}\n{row}\n".encode(), "again.csv", "bank")

    assert counts(again) == (1, 0, 1, 0, 0)
    assert office.balance("831") == 55000
