"""Whatever a bank, a card company, a spreadsheet or a person makes of a file: each row has one known end.

The numbers are those of the table of bad input that this was built against. What a file holds is judged by
`jikimi preview` with the ERP off; what only the books can tell is judged by whole cycles.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jikimi.cli.context import Context
from jikimi.cli.foresee import foresee
from jikimi.cli.stack import make_home
from jikimi.erp.port import Booked, Period, Refused, Voucher
from jikimi.tables.reasons import SENTENCES, Reason
from jikimi.testing.clock import FakeClock
from jikimi.text import Lang
from tests.unit.tables.samples import csv_text, html, xlsx
from tests.unit.vouchers.office import BANK_HEADER, CARD_HEADER, Office, card_file, card_row, counts

NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)
HEADER = CARD_HEADER.split(",")
COFFEE = card_row(1).split(",")
CANCELLED = {"cancelled": "취소", "day": "06"}
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
READ = {2: "posted 4500"}
Ends = Mapping[int, str]


@dataclass(frozen=True)
class Case:
    """A file and what becomes of it: its refusal, or every row's end as "state code amount".

    `shows` are what the rows say in other fields of the document, `says` fields of the document itself.
    """

    name: str
    data: bytes
    ends: Ends | Reason
    file: str = "card.csv"
    profile: str = "card"
    shows: Mapping[str, Sequence[str]] = field(default_factory=dict)
    says: Mapping[str, object] = field(default_factory=dict)


def rows(*rows: Sequence[object], header: Sequence[object] = HEADER) -> bytes:
    return csv_text([header, *rows]).encode()


def coffee(**changes: str) -> list[str]:
    """The coffee's row with the cells of some columns changed."""
    assert changes.keys() <= set(HEADER)
    return [changes.get(name, cell) for name, cell in zip(HEADER, COFFEE, strict=True)]


def one_by_one(column: str, *cells: str) -> bytes:
    """A coffee for each of *cells* in *column*, every one with its own approval number."""
    return rows(*(coffee(**{"승인번호": f"{place:08d}", column: cell}) for place, cell in enumerate(cells)))


def bank(*rows: str) -> bytes:
    return "\n".join([BANK_HEADER, *rows, ""]).encode()


def html_file(*rows: Sequence[object]) -> bytes:
    return html([["카드 승인내역"], [], HEADER, *rows]).encode()


def preview(context: Context, folder: Path, case: Case) -> dict[str, Any]:
    path = folder / case.file
    path.write_bytes(case.data)
    return foresee(context, path, case.profile)


def code_of(said: str) -> str:
    """The code of the only reason that can say this in English."""
    patterns = {code: re.sub(r"\\\{\w+\\\}", ".*", re.escape(text.en)) for code, text in SENTENCES.items()}
    (code,) = [code for code, pattern in patterns.items() if re.fullmatch(pattern, said, re.DOTALL)]
    return code


def ends_of(document: Mapping[str, Any]) -> dict[int, str]:
    ends = {}
    for row in document["rows"]:
        code = code_of(row["reason"]["en"]) if row["reason"] else ""
        ends[row["row"]] = " ".join(filter(None, [row["outcome"], code, row["amount"]]))
    return ends


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A home whose ERP was never started."""
    context = Context(tmp_path_factory.mktemp("home"), Lang.KO)
    context.clock = FakeClock(NOON)
    make_home(context.config)
    return context


CASES = [
    Case("row 1: a file of no bytes", b"", Reason("empty_file")),
    Case("row 1: a file of blanks and a byte order mark", b"\xef\xbb\xbf \r\n", Reason("empty_file")),
    Case(
        "row 4: an overlapping file, and nobody to ask what stands",
        card_file(card_row(1), card_row(2)),
        {2: "posted 4500", 3: "posted 4500"},
        says={"erp_asked": False, "posted": 2, "already": 0},
    ),
    Case(
        "row 5: two identical rows",
        rows(coffee(승인번호=""), coffee(승인번호="")),
        {2: "posted 4500", 3: "posted 4500"},
    ),
    Case(
        "row 5: two identical rows of a bank",
        bank(*["2026-11-05 10:00,송금수수료,500,,"] * 2),
        {2: "posted 500", 3: "posted 500"},
        profile="bank",
    ),
    Case(
        "row 5: two identical rows with an approval number are one transaction",
        rows(coffee(), coffee()),
        {2: "posted 4500", 3: "already same_row 4500"},
    ),
    Case(
        "row 6: CP949 with syllables outside EUC-KR",
        csv_text([HEADER, coffee(가맹점명="스타벅스 똠펲점")]).encode("cp949"),
        READ,
        shows={"counterparty": ["스타벅스 똠펲점"]},
    ),
    Case("row 7: UTF-8 with a byte order mark", card_file(card_row(1)).decode().encode("utf-8-sig"), READ),
    Case("row 7: UTF-16", card_file(card_row(1)).decode().encode("utf-16"), READ),
    Case(
        "row 7: UTF-16 of the other byte order", b"\xfe\xff" + card_file(card_row(1)).decode().encode("utf-16-be"), READ
    ),
    Case("row 8: bytes of no encoding", "승인일자,금액\n".encode() + b"\xff", Reason("undecodable", {"offset": 20})),
    Case(
        "row 9: an xls that is an HTML table",
        html_file(COFFEE),
        {4: "posted 4500"},
        file="card.xls",
        says={"format": "html"},
    ),
    Case("row 9: an xls that is HTML without a table", b"<html>ok</html>", Reason("unknown_format"), file="card.xls"),
    Case("row 10: an xlsx that is CSV", card_file(card_row(1)), READ, file="card.xlsx", says={"format": "csv"}),
    Case("row 10: a csv that is an xlsx", xlsx([HEADER, COFFEE]), READ, says={"format": "xlsx"}),
    Case("row 10: an xlsx cut short", xlsx([HEADER, COFFEE])[:-40], Reason("broken_workbook"), file="card.xlsx"),
    Case("row 11: a workbook with a password", LOCKED, Reason("password_needed"), file="card.xlsx"),
    Case(
        "row 12: titles and blanks above the header, sums below",
        csv_text(
            [
                ["카드 승인내역"],
                [],
                HEADER,
                COFFEE,
                ["소계", "", "", "", "4500", ""],
                [],
                ["합계", "", "", "", "4500", ""],
            ]
        ).encode(),
        {4: "posted 4500"},
        says={"in": 1, "skipped": 5},
    ),
    Case(
        "row 13: no column with the amount",
        rows(["2026-11-04", "스타벅스", "1"], header=["승인일자", "가맹점명", "업종"]),
        Reason("column_missing", {"columns": "승인금액", "headers": "승인일자, 가맹점명, 업종"}),
    ),
    Case(
        "row 14: columns with like names are told apart",
        rows(
            ["00000001", "2026-11-04", "취소아님", "스타벅스", "4500"],
            header=["승인번호", "승인일자", "승인기관", "가맹점명", "승인금액"],
        ),
        READ,
        shows={"on": ["2026-11-04"]},
    ),
    Case(
        "row 14: two columns could be the amount",
        rows(["2026-11-04", "스타벅스", "4500", "45"], header=["승인일자", "가맹점명", "승인금액", "이용금액"]),
        Reason("column_ambiguous", {"field": "승인금액", "columns": "승인금액, 이용금액"}),
    ),
    Case(
        "row 15: spellings of an amount",
        one_by_one("승인금액", "1,234,500", "₩4,500", "4,500원", "１２３", " 7 "),
        {2: "posted 1234500", 3: "posted 4500", 4: "posted 4500", 5: "posted 123", 6: "posted 7"},
    ),
    Case(
        "row 16: spellings of an amount below zero cancel",
        one_by_one("승인금액", "(1,000)", "-1,000", "△1,000", "1000-", "−1000"),
        dict.fromkeys(range(2, 7), "waiting no_original 1000"),
    ),
    Case(
        "row 16: an amount below zero in a bank's column of money out",
        bank("2026-11-05 10:00,송금수수료,-500,,1000000"),
        {2: "rejected amount_negative"},
        profile="bank",
    ),
    Case(
        "row 17: points and decimals in won",
        one_by_one("승인금액", "1.234,50", "4500.50", "4,500.0"),
        {2: "rejected amount_decimals", 3: "rejected amount_decimals", 4: "rejected amount_decimals"},
    ),
    Case(
        "row 18: no amount",
        one_by_one("승인금액", "", "#REF!", "-", "미정"),
        {
            2: "rejected amount_empty",
            3: "rejected amount_unreadable",
            4: "rejected amount_unreadable",
            5: "rejected amount_unreadable",
        },
    ),
    Case(
        "row 18: a formula without a value",
        xlsx([HEADER, coffee(승인금액="=1+1")]),
        {2: "rejected formula_unvalued"},
        file="card.xlsx",
    ),
    Case(
        "row 19: an amount of zero",
        one_by_one("승인금액", "0", "-0", "4500"),
        {2: "rejected amount_zero", 3: "rejected amount_zero", 4: "posted 4500"},
        says={"in": 3, "rejected": 2},
    ),
    Case(
        "row 19: a bank's row that moves nothing",
        bank("2026-11-05 10:00,송금수수료,0,0,1000000"),
        {2: "rejected amount_zero"},
        profile="bank",
    ),
    Case(
        "row 20: spellings of a day",
        one_by_one(
            "승인일자", "2026.11.04", "20261104", "26-11-04", "45962", "2026-11-04 오후 3:05", "2026년 11월 4일"
        ),
        dict.fromkeys(range(2, 8), "posted 4500"),
        shows={"on": ["2026-11-04", "2026-11-04", "2026-11-04", "2025-11-01", "2026-11-04", "2026-11-04"]},
    ),
    Case("row 20: a day with two meanings", one_by_one("승인일자", "04-11-26"), {2: "rejected date_ambiguous"}),
    Case(
        "row 21: days that cannot be",
        one_by_one("승인일자", "2026-02-30", "1926-11-04", "2126-11-04", "2026-11-25", "2026-11-24"),
        {
            2: "rejected date_impossible",
            3: "rejected date_year",
            4: "rejected date_year",
            5: "rejected date_future",
            6: "posted 4500",
        },
    ),
    Case(
        "row 22: a closed period, and nobody to ask which",
        one_by_one("승인일자", "2024-11-04"),
        READ,
        says={"erp_asked": False},
    ),
    Case(
        "row 23: an approval number that lost its zeros is the same one",
        rows(coffee(승인번호="00123456"), coffee(승인번호="123456")),
        {2: "posted 4500", 3: "already same_row 4500"},
    ),
    Case(
        "row 23: an approval number that is a number in a workbook",
        xlsx([HEADER, ["2026-11-04", COFFEE[1], 123456, "스타벅스", 4500, ""], coffee(승인번호="00123456")]),
        {2: "posted 4500", 3: "already same_row 4500"},
        file="card.xlsx",
    ),
    Case(
        "row 23: a card number in scientific spelling", one_by_one("카드번호", "1.23E+15"), {2: "rejected number_lost"}
    ),
    Case(
        "row 23: an approval number in scientific spelling",
        one_by_one("승인번호", "1.23E+15"),
        {2: "rejected approval_unreadable"},
    ),
    Case(
        "row 24: a cancellation above its approval",
        card_file(card_row(1, **CANCELLED), card_row(1)),
        {2: "posted 4500", 3: "posted 4500"},
    ),
    Case(
        "row 24: a cancellation without its approval",
        card_file(card_row(1, **CANCELLED), card_row(2)),
        {2: "waiting no_original 4500", 3: "posted 4500"},
    ),
    Case(
        "row 25: cancellations in part",
        card_file(card_row(1), card_row(1, amount="1500", **CANCELLED), card_row(1, amount="3000", **CANCELLED)),
        {2: "posted 4500", 3: "posted 1500", 4: "posted 3000"},
    ),
    Case(
        "row 25: cancellations of more than there was",
        card_file(card_row(1), card_row(1, amount="1500", **CANCELLED), card_row(1, amount="3001", **CANCELLED)),
        {2: "posted 4500", 3: "posted 1500", 4: "rejected cancels_too_much 3001"},
    ),
    Case(
        "row 25: a cancellation twice over",
        card_file(card_row(1), card_row(1, **CANCELLED), card_row(1, **CANCELLED)),
        {2: "posted 4500", 3: "posted 4500", 4: "rejected cancels_too_much 4500"},
    ),
    Case(
        "row 26: one transaction with two amounts",
        card_file(card_row(1), card_row(1, amount="9900"), card_row(2)),
        {2: "rejected conflict_in_file 4500", 3: "rejected conflict_in_file 9900", 4: "posted 4500"},
    ),
    Case("row 28: a merchant of no rule", card_file(card_row(1, "별빛상회")), {2: "rejected no_rule 4500"}),
    Case(
        "row 35: tab, newline, NUL and emoji in a name",
        rows(coffee(가맹점명="스타벅스\t강남\n점\0☕")),
        READ,
        shows={"counterparty": ["스타벅스 강남 점 ☕"]},
    ),
    Case(
        "row 35: a name of 500 characters",
        rows(coffee(가맹점명="스타벅스" + "가" * 496)),
        READ,
        shows={"counterparty": ["스타벅스" + "가" * 196]},
    ),
    Case(
        "row 36: a formula for a name",
        rows(coffee(가맹점명="=cmd()|'A1'")),
        {2: "rejected no_rule 4500"},
        shows={"counterparty": ["=cmd()|'A1'"]},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_row_of_a_bad_file_has_its_one_end(context: Context, tmp_path: Path, case: Case) -> None:
    document = preview(context, tmp_path, case)

    if isinstance(case.ends, Reason):
        said = {lang.value: case.ends.say(lang) for lang in Lang}
        assert document["refusal"] == {"code": case.ends.code, **said}
        assert document["rows"] == []
        return
    assert document["refusal"] is None
    assert ends_of(document) == case.ends
    assert document["in"] == sum(document[name] for name in ("posted", "already", "rejected", "waiting", "unknown"))
    assert {name: [row[name] for row in document["rows"]] for name in case.shows} == case.shows
    assert {name: document[name] for name in case.says} == case.says
    assert document["erp_asked"] is False


def test_no_case_stands_twice_and_every_row_of_the_table_has_one() -> None:
    names = [case.name for case in CASES]
    numbers = {int(name.split(":")[0].removeprefix("row ")) for name in names}

    assert len(names) == len(set(names))
    assert numbers == {1, *range(4, 27), 28, 35, 36}


def test_row_5_two_identical_rows_have_keys_of_their_own(context: Context, tmp_path: Path) -> None:
    case = Case("", rows(coffee(승인번호=""), coffee(승인번호="")), {})

    first, second = preview(context, tmp_path, case)["rows"]

    assert first["key"] != second["key"]


def test_row_35_key_is_of_the_transaction_and_not_of_its_name(context: Context, tmp_path: Path) -> None:
    names = ["스타벅스 강남", "스타벅스\t강남", "스타벅스" + "가" * 496, "스타벅스" + "가" * 495]
    cases = [Case("", rows(coffee(승인번호="", 가맹점명=name)), {}) for name in names]

    documents = [preview(context, tmp_path, case) for case in cases]

    assert len({document["rows"][0]["key"] for document in documents}) == 1


def test_row_2_a_file_that_still_grows_is_left_and_taken_whole_later(office: Office) -> None:
    path = office.drop(card_file(card_row(1)))
    office.clock.advance(-3600)

    early = office.cycle()
    path.write_bytes(card_file(card_row(1), card_row(2)))
    office.clock.advance(3600)
    late = office.cycle()

    assert counts(early) == (0, 0, 0, 0, 0)
    assert counts(late) == (2, 2, 0, 0, 0)


def test_row_2_a_file_that_another_program_holds_is_left_and_taken_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(_path: Path, _target: Path) -> Path:
        raise PermissionError

    office.drop(card_file(card_row(1)))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", held)
        early = office.cycle()
    left = office.files("inbox")
    late = office.cycle()

    assert (counts(early), early["outcome"], left) == ((0, 0, 0, 0, 0), "done", ["card.csv"])
    assert counts(late) == (1, 1, 0, 0, 0)


def test_row_3_the_same_file_again_makes_no_voucher(office: Office) -> None:
    office.settle(card_file(card_row(1)))

    again = office.settle(card_file(card_row(1)), "again.csv")

    assert (counts(again), again["duplicates"]) == ((0, 0, 0, 0, 0), 1)
    assert office.files("duplicate") == ["again.csv"]
    assert list(office.posted_keys().values()) == [1]


def test_row_4_of_an_overlapping_file_only_what_is_new_is_posted(office: Office) -> None:
    office.settle(card_file(card_row(1), card_row(2)))

    later = office.settle(card_file(card_row(2), card_row(3)), "later.csv")

    assert counts(later) == (2, 1, 1, 0, 0)
    assert reasons(office, later) == {2: "stands_already"}
    assert office.balance("811") == Decimal(13500)


@pytest.mark.parametrize(
    "periods",
    [
        (),
        (Period(date(2026, 1, 1), date(2026, 12, 31), is_open=False),),
        (Period(date(2026, 11, 5), date(2026, 12, 31), is_open=True),),
        (Period(date(2026, 1, 1), date(2026, 11, 3), is_open=True),),
    ],
    ids=["no period", "a closed one", "one that begins later", "one that ended before"],
)
def test_row_22_a_row_without_an_open_period_is_rejected(office: Office, periods: tuple[Period, ...]) -> None:
    office.company.periods = periods

    document = office.settle(card_file(card_row(1)))

    assert counts(document) == (1, 0, 0, 1, 0)
    assert reasons(office, document) == {2: "period_closed"}
    assert office.company.books == {}


def test_row_24_a_cancellation_is_matched_when_its_approval_comes(office: Office) -> None:
    alone = office.settle(card_file(card_row(1, **CANCELLED)), "cancelled.csv")
    office.settle(card_file(card_row(1)), "approval.csv")
    office.cycle()

    assert reasons(office, alone) == {}
    assert counts(alone) == (1, 0, 0, 0, 1)
    assert (office.balance("811"), office.balance("253")) == (Decimal(0), Decimal(0))
    assert office.files("work") == []


def test_row_25_a_second_cancellation_in_a_later_file_is_rejected(office: Office) -> None:
    office.settle(card_file(card_row(1), card_row(1, **CANCELLED)))

    again = office.settle(card_file(card_row(1, cancelled="취소", day="07")), "again.csv")

    assert counts(again) == (1, 0, 0, 1, 0)
    assert reasons(office, again) == {2: "cancels_too_much"}
    assert office.balance("811") == Decimal(0)


def test_row_26_a_known_transaction_with_another_amount_is_left_to_a_person(office: Office) -> None:
    office.settle(card_file(card_row(1)))

    later = office.settle(card_file(card_row(1, amount="9900")), "later.csv")

    assert counts(later) == (1, 0, 0, 1, 0)
    assert reasons(office, later) == {2: "conflict"}
    assert office.balance("811") == Decimal(4500)
    assert len(office.company.books) == 1


def test_row_28_a_row_without_a_rule_comes_back_with_a_place_for_its_account(office: Office) -> None:
    office.settle(card_file(card_row(1, "별빛상회")))

    header, row = errors_of(office)
    assert header.endswith(",이유,계정")
    assert "별빛상회" in row
    assert row.endswith(",")


def test_row_36_a_formula_is_text_in_the_file_of_rejected_rows(office: Office) -> None:
    office.settle(card_file(card_row(1, "=cmd()|'A1'")))

    assert ",'=cmd()|'A1'," in errors_of(office)[1]


def test_row_39_one_poison_line_is_rejected_and_the_others_of_its_batch_are_posted(office: Office) -> None:
    office.company._stage = poisoned(office, "스타벅스 독")  # type: ignore[method-assign]

    document = office.settle(
        card_file(*(card_row(number, "스타벅스 독" if number == 5 else "스타벅스") for number in range(10)))
    )

    assert counts(document) == (10, 9, 0, 1, 0)
    assert reasons(office, document) == {7: "refused"}
    assert office.balance("811") == Decimal(9 * 4500)
    assert office.company.drafts() == []


def poisoned(office: Office, name: str) -> Any:
    """The ERP's own way to make drafts, but that it refuses a batch with *name* in it."""
    stage = office.company._stage

    def picky(vouchers: Sequence[Voucher]) -> list[Booked]:
        if any(name == entry.text for voucher in vouchers for entry in voucher.entries):
            raise Refused(answer="poison")
        return stage(vouchers)

    return picky


def reasons(office: Office, document: Mapping[str, Any]) -> dict[int, str]:
    return office.reasons(document["files"][0]["sha"])


def errors_of(office: Office) -> list[str]:
    return (office.config.home / "rejected/card.errors.csv").read_text(encoding="utf-8").splitlines()
