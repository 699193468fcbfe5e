"""Which row is the header, and which column holds what."""

import pytest

from jikimi.tables.reasons import FileRefused
from jikimi.vouchers.readers.columns import distinct
from jikimi.vouchers.readers.fields import BANK_FIELDS, CARD_FIELDS, Field
from tests.unit.tables.samples import csv_text
from tests.unit.vouchers.readers.samples import CARD_HEADER, COFFEE, bank_rows, card_rows, read_card, rent

ISSUERS = {
    "롯데": ["이용일자", "이용가맹점", "업종", "이용금액"],
    "KB": ["이용일", "이용하신곳", "이용카드명", "국내이용금액\n(원)"],
    "신한": ["거래일자", "가맹점명", "승인번호", "거래금액"],
    "현대": ["이용일", "이용가맹점", "카드종류", "이용금액"],
    "삼성": ["승인일자", "가맹점명", "승인시각", "승인금액(원)"],
    "하나": ["거래일자", "가맹점명", "업종", "이용금액"],
    "영어": ["Date", "Merchant", "Memo", "Amount"],
}


@pytest.mark.parametrize("header", ISSUERS.values(), ids=ISSUERS.keys())
def test_every_issuer_s_header_is_known(header: list[str]) -> None:
    found = card_rows(
        ["2026-11-04", "스타벅스", "123", "4,500"], ["2026-11-04", "123", "스타벅스", "4,500"], header=header
    )

    assert "4500" in {str(line.amount) for line in found.lines}


@pytest.mark.parametrize("fields", [CARD_FIELDS, BANK_FIELDS])
def test_no_alias_belongs_to_two_fields(fields: tuple[Field, ...]) -> None:
    # `text` is what the keys of posted vouchers were made of; `party` and `memo` share its columns.
    aliases = [alias for field in fields if field.name != "text" for alias in field.aliases]

    assert len(aliases) == len(set(aliases))
    assert aliases == ["".join(alias.split()).casefold() for alias in aliases]


def test_titles_blank_rows_and_footers_are_skipped_and_counted() -> None:
    titles = [["카드 승인내역"], [], ["조회기간", "2026.11.01 ~ 2026.11.20"]]
    footers = [
        ["소계", "", "", "", "1건", "", "4,500", ""],
        ["", "", "", "", "[합 계]", "", "4,500", ""],
        ["총 1건", "", "", "", "", "", "4,500", ""],
        ["", "", "", "", "총계 : 1건", "", "4,500", ""],
        ["※ 본 자료는 2026년 자료입니다"],
        ["이하 여백"],
    ]

    found = read_card(csv_text([*titles, CARD_HEADER, COFFEE, [], *footers]).encode())

    assert [line.row for line in found.lines] == [5]
    assert (found.faults, found.skipped) == ((), 10)


def test_a_merchant_that_is_called_like_a_footer_is_a_line() -> None:
    header = ["거래일", "가맹점명", "금액"]

    found = card_rows(
        ["2026-11-04", "합계", "1"], ["2026-11-04", "총계상사", "2"], ["", "합계마트", "3"], header=header
    )

    assert [line.amount for line in found.lines] == [1, 2]
    assert [fault.reason.code for fault in found.faults] == ["date_empty"]


def test_a_lone_amount_is_not_passed_over_as_a_note() -> None:
    found = card_rows(COFFEE, [*[""] * 6, "4,500", ""])

    assert [fault.row for fault in found.faults] == [3]


def test_a_missing_column_lists_the_ones_seen() -> None:
    with pytest.raises(FileRefused) as caught:
        card_rows(["2026-11-04", "스타벅스", "1"], header=["승인일자", "가맹점명", "승인번호"])

    assert caught.value.reason.code == "column_missing"
    assert caught.value.reason.facts == {"columns": "승인금액", "headers": "승인일자, 가맹점명, 승인번호"}


def test_a_file_without_any_header_is_refused() -> None:
    with pytest.raises(FileRefused) as caught:
        card_rows(["2026-11-04", "4500"], header=["오늘", "내일"])

    assert caught.value.reason.code == "no_header"


@pytest.mark.parametrize("rows", [[], [["", "", ""]], [["합계", "", "0"]], [["조회된 내역이 없습니다"]]])
def test_a_header_without_rows_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(FileRefused) as caught:
        card_rows(*rows, header=["승인일자", "가맹점명", "승인금액"])

    assert caught.value.reason.code == "no_rows"


def test_the_day_of_approval_is_not_taken_for_its_number() -> None:
    header = ["승인일자", "승인번호", "승인금액", "가맹점명"]

    line = card_rows(["2026-11-04", "123", "4,500", "스타벅스"], header=header).lines[0]

    assert line.natural == ("", "2026-11-04", "00000123")


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["승인일자", "가맹점명", "승인금액", "승인금액"], "승인금액, 승인금액"),
        (["승인일자", "가맹점명", "승인금액", "이용금액"], "승인금액, 이용금액"),
        (["승인일자", "가맹점명", "금액(원)", "금액 [KRW]"], "금액(원), 금액 [KRW]"),
        (["승인일자", "승인일자", "가맹점명", "금액"], "승인일자, 승인일자"),
    ],
)
def test_two_columns_that_fit_equally_are_refused(header: list[str], columns: str) -> None:
    with pytest.raises(FileRefused) as caught:
        card_rows(["2026-11-04", "스타벅스", "1", "2"], header=header)

    assert caught.value.reason.code == "column_ambiguous"
    assert caught.value.reason.facts["columns"] == columns


def test_an_exact_name_wins_over_one_with_brackets() -> None:
    header = ["승인일자", "가맹점명", "승인금액(원)", "승인금액"]

    assert card_rows(["2026-11-04", "스타벅스", "1", "2"], header=header).lines[0].amount == 2


def test_an_amount_in_dollars_is_no_amount() -> None:
    with pytest.raises(FileRefused) as caught:
        card_rows(["2026-11-04", "스타벅스", "45"], header=["승인일자", "가맹점명", "이용금액(US$)"])

    assert caught.value.reason.code == "column_missing"


def test_a_header_printed_again_on_every_page_is_skipped() -> None:
    found = bank_rows(
        rent(), ["거래일시", "적요", "출금액", "입금액", "거래후잔액", "계좌번호", ""], rent(거래후잔액="")
    )

    assert (len(found.lines), found.skipped) == (2, 1)


def test_no_two_columns_of_a_row_have_one_name() -> None:
    assert distinct(["금액", "", "금액", "금액 (2)", " 금액\n"]) == (
        "금액",
        "열 2",
        "금액 (2)",
        "금액 (2) (2)",
        "금액 (3)",
    )


def test_cells_stand_as_in_the_file_and_in_its_order() -> None:
    header = ["승인일자", "메모", "가맹점명", "메모", "승인금액"]
    row = ["2026.11.04", " =cmd()", "스타\t벅스", "b", "4,500원"]

    found = card_rows(row, header=header)

    assert found.header == ("승인일자", "메모", "가맹점명", "메모 (2)", "승인금액")
    assert list(found.lines[0].cells.items()) == list(zip(found.header, row, strict=True))


def test_a_note_beside_a_workbook_s_table_is_kept_under_a_name_of_its_own() -> None:
    found = card_rows(["2026-11-04", "스타벅스", "4500", ""], header=["승인일자", "가맹점명", "승인금액", ""])

    assert found.header == ("승인일자", "가맹점명", "승인금액")
