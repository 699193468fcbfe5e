"""What a row of a card statement says."""

from datetime import date
from decimal import Decimal

import pytest

from jikimi.config.model import StatementKind
from jikimi.text import Lang
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.readers import ReadOptions, read_statement
from tests.unit.tables.samples import csv_text, xlsx
from tests.unit.vouchers.readers.samples import CARD_HEADER, COFFEE, OPTIONS, card_rows, coffee, read_card

PARTS_HEADER = ["승인일자", "가맹점명", "승인금액", "공급가액", "부가세"]


def only_line(*rows: list[str], header: list[str] = CARD_HEADER) -> Line:
    found = card_rows(*rows, header=header)
    assert found.faults == ()
    return found.lines[0]


def only_fault(row: list[str], header: list[str] = CARD_HEADER) -> str:
    found = card_rows(row, header=header)
    assert found.lines == ()
    assert all(found.faults[0].reason.say(lang) for lang in Lang)
    return found.faults[0].reason.code


def test_a_row_becomes_a_line() -> None:
    assert only_line(COFFEE) == Line(
        row=2,
        kind=Kind.CARD_APPROVAL,
        on=date(2026, 11, 4),
        amount=Decimal(4500),
        currency="KRW",
        counterparty="스타벅스",
        instrument="999912******3456",
        natural=("999912******3456", "2026-11-04", "00123456"),
        content=("999912******3456", "2026-11-04", "15:05:30", "00123456", "스타벅스", "2018121515", "4500"),
        cells=dict(zip(CARD_HEADER, COFFEE, strict=True)),
        reference="999912******3456 00123456",
        time="15:05:30",
        approval="00123456",
        said={"party": "스타벅스", "business": "2018121515"},
    )


@pytest.mark.parametrize("mark", ["취소", "승인취소", "취소승인", "Y", "전체취소", "부분취소", "cancel", " 취 소 "])
def test_a_marked_row_is_a_cancellation(mark: str) -> None:
    line = only_line(coffee(취소여부=mark))

    assert (line.kind, int(line.amount), line.reference) == (
        Kind.CARD_CANCELLATION,
        4500,
        "999912******3456 00123456",
    )


@pytest.mark.parametrize("mark", ["승인", "정상", "N", "일시불", "", "할부(3)", "3개월"])
def test_other_known_marks_are_approvals(mark: str) -> None:
    assert only_line(coffee(취소여부=mark)).kind is Kind.CARD_APPROVAL


@pytest.mark.parametrize("mark", ["거절", "보류", "취소?", "환불"])
def test_an_unknown_mark_is_never_taken_for_an_approval(mark: str) -> None:
    assert only_fault(coffee(취소여부=mark)) == "marker_unknown"


@pytest.mark.parametrize("mark", ["", "취소", "승인"])
@pytest.mark.parametrize("amount", ["-4,500", "△4,500", "(4,500)", "4500-"])
def test_a_negative_amount_is_one_cancellation(amount: str, mark: str) -> None:
    line = only_line(coffee(승인금액=amount, 취소여부=mark))

    assert (line.kind, int(line.amount)) == (Kind.CARD_CANCELLATION, 4500)


def test_a_cancellation_has_the_reference_of_its_approval_and_another_kind() -> None:
    first, second = card_rows(COFFEE, coffee(취소여부="취소")).lines

    assert first.reference == second.reference
    assert first.natural == second.natural
    assert first.kind is not second.kind


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        *(("2026-11-05", Kind.CARD_CANCELLATION), ("", Kind.CARD_APPROVAL), ("-", Kind.CARD_APPROVAL)),
        ("0000-00-00", Kind.CARD_APPROVAL),
    ],
)
def test_a_day_of_cancellation_makes_a_cancellation(day: str, kind: Kind) -> None:
    header = ["승인일자", "가맹점명", "승인금액", "구분", "취소일자"]

    assert only_line(["2026-11-04", "스타벅스", "4500", "승인", day], header=header).kind is kind


def test_any_of_several_marks_cancels() -> None:
    header = ["승인일자", "가맹점명", "승인금액", "거래구분", "취소여부"]

    assert only_line(["2026-11-04", "A", "1", "일시불", "Y"], header=header).kind is Kind.CARD_CANCELLATION
    assert only_line(["2026-11-04", "A", "1", "취소", "N"], header=header).kind is Kind.CARD_CANCELLATION


@pytest.mark.parametrize(
    ("state", "pending"),
    [("미매입", True), ("매입전", True), ("접수전", True), ("N", True), ("매입", False), ("", False)],
)
def test_a_row_that_is_not_final_is_pending(state: str, pending: bool) -> None:  # noqa: FBT001 -- from the table
    header = ["승인일자", "가맹점명", "승인금액", "매입상태"]

    assert only_line(["2026-11-04", "A", "1", state], header=header).pending is pending


def test_an_unknown_state_of_purchase_is_refused() -> None:
    header = ["승인일자", "가맹점명", "승인금액", "매입여부"]

    assert only_fault(["2026-11-04", "A", "1", "매입취소"], header) == "marker_unknown"


def test_an_approval_number_gets_its_leading_zeros_back() -> None:
    number: list[list[object]] = [[*CARD_HEADER], [*COFFEE[:3], 123456, *COFFEE[4:6], 4500, ""]]

    assert read_card(xlsx(number)).lines[0].natural == only_line(COFFEE).natural
    assert only_line(coffee(승인번호="123456")).natural == only_line(COFFEE).natural


def test_the_width_of_approval_numbers_is_the_card_company_s() -> None:
    data = csv_text([CARD_HEADER, coffee(승인번호="123456")]).encode()

    found = read_statement(data, StatementKind.CARD, ReadOptions(OPTIONS.today, approval_digits=10))

    assert found.lines[0].reference.endswith(" 0000123456")


def test_a_row_without_an_approval_number_has_no_natural_name() -> None:
    line = only_line(coffee(승인번호=""))

    assert (line.natural, line.reference) == (None, "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"카드번호": "1.23E+15"}, "number_lost"),
        ({"카드번호": "9.99912345678346E+15"}, "number_lost"),
        ({"카드번호": "9999123456783456.0"}, "number_lost"),
        ({"승인번호": "1.23E+07"}, "approval_unreadable"),
        ({"승인금액": ""}, "amount_empty"),
        ({"승인금액": "#REF!"}, "amount_unreadable"),
        ({"승인금액": "0"}, "amount_zero"),
        ({"승인금액": "4,500.50"}, "amount_decimals"),
        ({"승인일자": "2026-02-30"}, "date_impossible"),
        ({"승인일자": "2026-11-25"}, "date_future"),
        ({"가맹점명": " \t"}, "merchant_empty"),
        ({"사업자번호": "201-81-21516"}, "business_number_wrong"),
        ({"사업자번호": "1234567890"}, "business_number_wrong"),
        ({"사업자번호": "201-81-2151"}, "business_number_wrong"),
    ],
)
def test_a_value_that_is_not_certain_rejects_its_row_only(changes: dict[str, str], code: str) -> None:
    found = card_rows(coffee(**changes), COFFEE)

    assert only_fault(coffee(**changes)) == code
    assert [fault.row for fault in found.faults] == [2]
    assert [line.row for line in found.lines] == [3]
    assert found.faults[0].cells == dict(zip(CARD_HEADER, coffee(**changes), strict=True))


def test_a_formula_without_a_value_is_never_zero() -> None:
    found = read_card(xlsx([CARD_HEADER, [*COFFEE[:6], "=1+1", ""]]))

    assert [fault.reason.code for fault in found.faults] == ["formula_unvalued"]


def test_a_card_number_that_a_spreadsheet_rounded_is_refused() -> None:
    found = read_card(xlsx([CARD_HEADER, [*COFFEE[:2], 9999123456783456, *COFFEE[3:]]]))

    assert [fault.reason.code for fault in found.faults] == ["number_lost"]


@pytest.mark.parametrize(
    ("written", "number"),
    [("9999-12XX-XXXX-3456", "999912******3456"), ("삼성카드 3456", "3456"), ("", ""), ("LX카드 12*4", "12*4")],
)
def test_a_card_number_is_digits_and_stars(written: str, number: str) -> None:
    assert only_line(coffee(카드번호=written)).instrument == number


def test_a_card_number_above_the_header_becomes_a_column() -> None:
    header = ["승인일자", "가맹점명", "승인금액"]
    rows = [["카드번호 : 9999-12**-****-3456"], header, ["2026-11-04", "스타벅스", "4500"]]

    found = read_card(csv_text(rows).encode())

    assert found.header == (*header, "카드번호")
    assert found.lines[0].instrument == "999912******3456"
    assert found.lines[0].cells["카드번호"] == "9999-12**-****-3456"


@pytest.mark.parametrize(
    ("amount", "supply", "vat", "parts"),
    [
        ("4,500", "4,091", "409", (4091, 409)),
        ("4,500", "4,500", "0", (4500, 0)),
        ("-4,500", "-4,091", "-409", (4091, 409)),
        ("4,500", "", "", (None, None)),
        ("4,500", "-", "-", (None, None)),
        ("4,500", "4,091", "", (4091, None)),
    ],
)
def test_supply_and_vat_are_what_the_file_states(
    amount: str, supply: str, vat: str, parts: tuple[int | None, int | None]
) -> None:
    line = only_line(["2026-11-04", "스타벅스", amount, supply, vat], header=PARTS_HEADER)

    assert (line.supply, line.vat) == parts


@pytest.mark.parametrize(("supply", "vat"), [("4,091", "410"), ("4,909", "-409.0"), ("-4,091", "-409")])
def test_parts_that_do_not_add_up_are_refused(supply: str, vat: str) -> None:
    assert only_fault(["2026-11-04", "A", "4,500", supply, vat], PARTS_HEADER) in {
        "parts_do_not_sum",
        "amount_decimals",
    }


@pytest.mark.parametrize(("currency", "codes"), [("KRW", []), ("원", []), ("", []), ("USD", ["currency_foreign"])])
def test_another_currency_is_refused(currency: str, codes: list[str]) -> None:
    found = card_rows(["2026-11-04", "A", "1", currency], header=["승인일자", "가맹점명", "승인금액", "통화"])

    assert [fault.reason.code for fault in found.faults] == codes


def test_won_is_foreign_to_a_dollar_statement() -> None:
    data = csv_text([["date", "merchant", "amount", "currency"], ["2026-11-04", "A", "1.5", "원"]]).encode()

    found = read_statement(data, StatementKind.CARD, ReadOptions(OPTIONS.today, currency="USD", digits=2))

    assert [fault.reason.code for fault in found.faults] == ["currency_foreign"]


def test_a_merchant_is_cleaned_and_cut_but_known_by_its_raw_name() -> None:
    raw = "스타\t벅\n스\0☕🧋 " + "가" * 500
    other = raw + "나"

    first, second = card_rows(coffee(가맹점명=raw), coffee(가맹점명=other)).lines

    assert first.counterparty.startswith("스타 벅 스 ☕🧋 가")
    assert len(first.counterparty) == 200
    assert first.counterparty == second.counterparty
    assert first.content != second.content


def test_a_formula_is_only_text() -> None:
    assert only_line(coffee(가맹점명="=cmd()")).counterparty == "=cmd()"


def test_a_mended_row_is_the_same_transaction() -> None:
    header = [*CARD_HEADER, "이유", "계정"]
    raw = coffee(가맹점명="=cmd()", 승인금액="-4,500")
    mended = [*coffee(가맹점명="'=cmd()", 승인금액="'-4,500"), "규칙 없음", "811 복리후생비"]

    was, now = only_line(raw), only_line(mended, header=header)

    assert (now.content, now.natural, now.kind) == (was.content, was.natural, was.kind)
    assert (was.account, now.account) == ("", "811")
    assert was.cells.items() <= now.cells.items()
    assert list(now.cells) == header


@pytest.mark.parametrize(
    ("written", "account"), [("811", "811"), (" 811-01 여비 ", "811-01"), ("복리후생비", "복리후생비")]
)
def test_an_account_is_taken_by_its_number(written: str, account: str) -> None:
    assert only_line([*COFFEE, "", written], header=[*CARD_HEADER, "이유", "계정"]).account == account


def test_an_apostrophe_in_a_bank_s_own_file_stays() -> None:
    assert only_line(coffee(가맹점명="'=A")).content[4] == "'=A"


def test_formats_do_not_change_who_a_row_is() -> None:
    typed = [date(2026, 11, 4), *COFFEE[1:6], -4500, ""]

    was, now = only_line(coffee(승인금액="(4,500)")), read_card(xlsx([CARD_HEADER, typed])).lines[0]

    assert (was.content, was.natural, was.kind) == (now.content, now.natural, now.kind)
