"""A mended row is shown where it came from, and its file of rows to mend goes; accounts may be chosen by name."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from jikimi.config.model import Ledger
from tests.unit.vouchers.office import CARD_HEADER, Office, card_file, card_row, counts

TWO = card_file(card_row(1), card_row(2, "별빛상회"), card_row(3, "달빛상회"))
VAT_FILE = card_file(f"{card_row(1)},409", header=f"{CARD_HEADER},부가세")


def to_mend(office: Office, name: str = "card.errors.csv") -> Path:
    return office.config.home / "rejected" / name


def filled(office: Office, **accounts: str) -> bytes:
    """Return the rows to mend with the accounts that a person writes beside the merchants."""
    rows = list(csv.DictReader(io.StringIO(to_mend(office).read_text(encoding="utf-8-sig"))))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows({**row, "계정": accounts.get(row["가맹점명"], "")} for row in rows)
    return out.getvalue().encode()


def page(office: Office, name: str = "card.csv") -> str:
    return (office.config.home / f"outputs/results/{name}.html").read_text(encoding="utf-8")


def test_first_page_shows_a_mended_row_when_it_was_posted(office: Office) -> None:
    first = office.settle(TWO)["files"][0]["sha"]
    assert office.reasons(first) == {3: "no_rule", 4: "no_rule"}

    office.settle(filled(office, 별빛상회="830"), "card.errors.csv")

    assert office.reasons(first) == {3: "mended", 4: "no_rule"}
    assert "2026-000002" in page(office)
    assert "830 소모품비" in page(office)
    (left,) = csv.DictReader(io.StringIO(to_mend(office).read_text(encoding="utf-8-sig")))
    assert left["가맹점명"] == "달빛상회"


def test_rows_to_mend_go_when_all_are_posted(office: Office) -> None:
    office.settle(TWO)
    assert office.files("rejected") == ["card.errors.csv", "card.errors.xlsx"]

    office.settle(filled(office, 별빛상회="830", 달빛상회="811"), "card.errors.csv")

    assert office.files("rejected") == []
    assert not office.journal.files("card.csv")[0].open
    assert "card.errors.csv</b>" not in page(office)


def test_rows_of_another_file_of_that_name_stay_when_a_row_is_mended(office: Office) -> None:
    office.settle(TWO)
    mended = filled(office, 별빛상회="830", 달빛상회="811")
    other = office.settle(card_file(card_row(7, "햇빛상회")))["files"][0]

    office.settle(mended, "card.errors.csv")

    assert office.files("rejected") == [other["errors"], other["errors"].replace(".csv", ".xlsx")]


def test_rows_to_mend_keep_their_file_when_the_statement_is_looked_at_again(office: Office) -> None:
    waits = card_row(5, "쿠팡", cancelled="취소")
    office.settle(card_file(card_row(2, "별빛상회"), waits))

    office.cycle()

    assert office.files("rejected") == ["card.errors.csv", "card.errors.xlsx"]


@pytest.mark.parametrize("saved", [b"", "계정\n".encode("cp949"), None])
def test_mended_row_is_posted_whatever_a_spreadsheet_made_of_its_file(office: Office, saved: bytes | None) -> None:
    first = office.settle(TWO)["files"][0]["sha"]
    mended = filled(office, 별빛상회="830")
    path = to_mend(office)
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("cp949") if saved is None else saved)

    document = office.settle(mended, "card.errors.csv")

    assert (document["outcome"], document["posted"]) == ("done", 1)
    assert office.reasons(first) == {3: "mended", 4: "no_rule"}


def test_reversal_of_the_first_file_takes_its_mended_rows_along(office: Office) -> None:
    first = office.settle(TWO)["files"][0]["sha"]
    office.settle(filled(office, 별빛상회="830"), "card.errors.csv")

    assert len(office.journal.posted_keys(first)) == 2


@pytest.mark.parametrize("account", ["830", "소모품비", " 소모 품비", "830 소모품비"])
def test_account_is_booked_when_it_is_written_as_code_or_name(office: Office, account: str) -> None:
    office.settle(TWO)

    document = office.settle(filled(office, 별빛상회=account), "card.errors.csv")

    assert document["posted"] == 1
    assert office.balance("830") == 4500
    later = office.settle(card_file(card_row(8, "별빛상회")), "later.csv")
    assert counts(later) == (1, 1, 0, 0, 0)


def test_workbook_offers_the_accounts_and_is_read_when_it_is_dropped(office: Office) -> None:
    office.settle(TWO)
    path = to_mend(office, "card.errors.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    (validation,) = sheet.data_validations.dataValidation
    offered = [row[header.index("계정")] for row in book.worksheets[1].iter_rows(values_only=True)]
    assert str(validation.sqref).startswith(sheet.cell(2, header.index("계정") + 1).coordinate)
    assert f"${len(offered)}" in validation.formula1
    assert offered == [f"{code} {name}" for code, name in sorted(office.company.accounts.items())]

    sheet.cell(2, header.index("계정") + 1).value = "830 소모품비"
    out = io.BytesIO()
    book.save(out)
    document = office.settle(out.getvalue(), "card.errors.xlsx")

    assert (document["posted"], document["rejected"]) == (1, 1)
    assert office.balance("830") == 4500
    assert office.reasons(office.journal.files("card.csv")[0].sha) == {3: "mended", 4: "no_rule"}


@pytest.mark.parametrize(("data", "notes"), [(TWO, ["vat_unstated"]), (VAT_FILE, [])])
def test_file_without_vat_is_told_of_when_its_rules_take_what_it_states(
    office: Office, data: bytes, notes: list[str]
) -> None:
    told = office.settle(data)["files"][0]["notes"]

    assert len(told) == len(notes)
    assert ("eleventh" in page(office)) == bool(notes)


def test_page_and_story_name_account_vat_and_rule_when_a_row_is_posted(office: Office) -> None:
    office.settle(VAT_FILE)

    (line,) = office.journal.of(Ledger.COMPANY).story("2026-000001")

    assert (line["kind"], line["vat"]) == ("card_approval", "409")
    assert line["accounts"] == [{"code": "811", "name": "복리후생비"}]
    assert line["rule"].startswith("card.toml:")
    assert all(f"<td>{text}</td>" in page(office) for text in ("approval", "811 복리후생비", line["rule"]))
