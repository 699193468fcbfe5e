"""What qualifies an amount is understood, or its row or file is refused with the word that was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.tables.reasons import FileRefused
from jikimi.text import Lang
from jikimi.vouchers.line import Kind, Line, Statement
from tests.unit.tables.samples import csv_text, html, xlsx
from tests.unit.vouchers.readers.samples import bank_rows, card_rows, read_bank, read_card

HEADER = ["승인일자", "가맹점명", "승인금액"]
ROW = ["2026-11-04", "스타벅스", "50,000"]
BANK = ["거래일시", "적요", "출금액", "입금액"]
PAID = ["2026-11-04 09:00", "KT", "500", "0"]
CURRENCIES = [
    "USD",
    "US$",
    "$",
    "€",
    "JPY",
    "엔",
    "엔화",
    "달러",
    "미국달러",
    "USD(미국 달러)",
    "위안",
    "ｕｓｄ",
    "35.20 USD",
]
UNITS = [
    "단위: 천원",
    "(단위 : 백만원)",
    "[단위:만원]",
    "단위 천원",
    "(천원)",
    "천원 단위",
    "단위 : USD",
    "(단위: 천 원)",
]
FINE = [
    "단위: 원",
    "(단위 : 원, 건)",
    "[단위:KRW]",
    "(원)",
    "단위농협",
    "통화: KRW",
    "통화 : 전체",
    "조회기간 : 2026.11",
]


def with_column(name: str, value: str, row: list[str] = ROW) -> Statement:
    return card_rows([*row, value], header=[*HEADER, name])


def only_line(found: Statement) -> Line:
    assert [fault.reason.say(Lang.EN) for fault in found.faults] == []
    (line,) = found.lines
    return line


def only_code(found: Statement) -> str:
    (fault,) = found.faults
    assert found.lines == ()
    assert all(fault.reason.say(lang) for lang in Lang)
    return fault.reason.code


def refusal(rows: list[list[str]]) -> str:
    with pytest.raises(FileRefused) as caught:
        read_card(csv_text(rows).encode())
    return caught.value.reason.code


@pytest.mark.parametrize("name", ["통화구분", "비고", "결제통화", "금액구분", "열"])
@pytest.mark.parametrize("value", CURRENCIES)
def test_a_row_is_rejected_when_an_unread_column_names_another_currency(name: str, value: str) -> None:
    (fault,) = with_column(name, value).faults

    assert (fault.reason.code, fault.reason.facts["column"]) == ("currency_foreign", name)
    assert str(fault.reason.facts["value"]) == value


@pytest.mark.parametrize("value", ["KRW", "원", "원화", "₩", "krw", "", "-", "한국 원화", "KRW(원)"])
def test_a_row_is_read_when_the_currency_is_ours(value: str) -> None:
    assert only_line(with_column("통화구분", value)).amount == 50000


@pytest.mark.parametrize(("name", "value"), [("통화", "XYZ"), ("화폐", "금"), ("결제통화코드", "840")])
def test_a_row_is_rejected_when_nobody_knows_its_currency(name: str, value: str) -> None:
    assert only_code(with_column(name, value)) == "currency_foreign"


@pytest.mark.parametrize(("name", "value"), [("국내외구분", "해외"), ("해외여부", "Y"), ("이용지역", "해외")])
def test_a_use_abroad_is_rejected_unless_its_amount_is_in_won(name: str, value: str) -> None:
    assert only_code(with_column(name, value)) == "currency_abroad"
    in_won = card_rows([*ROW, value], header=["승인일자", "가맹점명", "승인금액(원)", name])
    assert only_line(in_won).amount == 50000


@pytest.mark.parametrize("amount", ["N/A", "0", "", "-"])
@pytest.mark.parametrize(
    ("name", "value"), [("현지금액(USD)", "35.20"), ("해외이용금액(US$)", "1,035.20"), ("원금액", "$35.20")]
)
def test_a_foreign_amount_alone_is_told(amount: str, name: str, value: str) -> None:
    assert only_code(with_column(name, value, ["2026-11-04", "A", amount])) == "foreign_only"


@pytest.mark.parametrize(("name", "value"), [("현지금액", "35.20"), ("해외이용금액($)", "35")])
def test_a_foreign_amount_beside_an_unnamed_currency_is_rejected(name: str, value: str) -> None:
    assert only_code(with_column(name, value)) == "currency_foreign"
    assert only_line(with_column(name, "0")).amount == 50000
    assert only_line(with_column(name, "N/A")).amount == 50000


@pytest.mark.parametrize("amount", ["$120", "120 USD", "USD 120", "€5", "5달러"])
def test_an_amount_with_a_currency_is_named_foreign(amount: str) -> None:
    assert only_code(card_rows(["2026-11-04", "A", amount], header=HEADER)) == "currency_foreign"


@pytest.mark.parametrize("title", UNITS)
def test_a_file_is_refused_when_a_title_states_another_unit(title: str) -> None:
    assert refusal([["카드 이용내역"], [title], HEADER, ROW]) == "unit_other"
    assert refusal([["카드 이용내역", "", title], HEADER, ROW]) == "unit_other"
    assert refusal([HEADER, ROW, [f"※ {title}"]]) == "unit_other"
    assert refusal([HEADER, [title, "", ""], ROW]) == "unit_other"


@pytest.mark.parametrize("title", ["(단위: 천원)", "단위: 1,000원", "[단위 : 백만원]"])
@pytest.mark.parametrize("place", ["<caption>{}</caption>", "<p>{}</p>", "<b>{}</b>"])
def test_a_page_is_refused_when_a_text_around_its_table_states_another_unit(title: str, place: str) -> None:
    for page in (html([HEADER, ROW]).replace("<table>", "<table>" + place.format(title)), html([HEADER, ROW]) + title):
        with pytest.raises(FileRefused) as caught:
            read_card(page.encode())
        assert caught.value.reason.code == "unit_other"
    hidden = f'<p style="display:none">{title}</p>{html([HEADER, ROW])}'
    assert only_line(read_card(hidden.encode())).amount == 50000


@pytest.mark.parametrize(
    "titles", [["단위", "천원"], ["통화", "USD"], ["외화보통예금 거래내역"], ["USD 이용내역"], ["총액 : $1,190"]]
)
def test_a_file_is_refused_when_its_titles_are_of_other_money(titles: list[str]) -> None:
    assert refusal([titles, HEADER, ROW]) == "unit_other"


@pytest.mark.parametrize("title", FINE)
def test_a_file_is_read_when_its_titles_are_in_won(title: str) -> None:
    assert only_line(read_card(csv_text([[title], HEADER, ROW]).encode())).amount == 50000


@pytest.mark.parametrize("name", ["승인금액(천원)", "승인금액(단위:천원)", "승인금액_USD", "승인금액(백만원)"])
def test_a_file_is_refused_when_the_amount_has_another_unit(name: str) -> None:
    assert refusal([["승인일자", "가맹점명", name], ROW]) == "column_missing"


def test_a_row_is_rejected_when_a_column_of_units_says_thousands() -> None:
    assert only_code(with_column("단위", "천원")) == "unit_other"
    assert only_line(with_column("단위", "원")).amount == 50000
    assert only_line(with_column("수수료", "1,000원")).amount == 50000


@pytest.mark.parametrize(
    "name", ["취소금액", "부분취소금액", "환불금액", "환불 금액(원)", "취소/환불액", "당월취소", "refund"]
)
@pytest.mark.parametrize("value", ["20,000", "-20,000", "50,000"])
def test_an_approval_is_rejected_when_a_part_was_given_back(name: str, value: str) -> None:
    assert only_code(with_column(name, value)) == "amount_qualified"


@pytest.mark.parametrize("value", ["0", "", "-", "0원", "N/A"])
def test_an_approval_is_read_when_nothing_was_given_back(value: str) -> None:
    assert only_line(with_column("취소금액", value)).kind is Kind.CARD_APPROVAL
    assert only_line(with_column("환불내역금액", value)).kind is Kind.CARD_APPROVAL


@pytest.mark.parametrize(
    ("mark", "back", "amount"),
    [("부분취소", "20,000", 20000), ("취소", "50,000", 50000), ("취소", "0", 50000), ("취소", "-50,000", 50000)],
)
def test_a_cancellation_is_of_the_cancelled_amount(mark: str, back: str, amount: int) -> None:
    line = only_line(card_rows([*ROW, back, mark], header=[*HEADER, "취소금액", "승인상태"]))

    assert (line.kind, line.amount) == (Kind.CARD_CANCELLATION, amount)


@pytest.mark.parametrize(
    ("mark", "back", "code"),
    [
        ("부분취소", "0", "part_unknown"),
        ("부분취소", "", "part_unknown"),
        ("취소", "20,000", "amount_qualified"),
        ("부분취소", "60,000", "amount_qualified"),
        ("부분취소", "?", "amount_unreadable"),
        ("승인", "20,000", "amount_qualified"),
    ],
)
def test_a_cancellation_is_rejected_when_its_amounts_do_not_agree(mark: str, back: str, code: str) -> None:
    assert only_code(card_rows([*ROW, back, mark], header=[*HEADER, "취소금액", "승인상태"])) == code


def test_the_parts_of_the_whole_are_not_those_of_a_cancellation_in_part() -> None:
    header = [*HEADER, "공급가액", "부가세", "취소금액", "승인상태"]

    line = only_line(card_rows(["2026-11-04", "A", "11,000", "10,000", "1,000", "5,500", "부분취소"], header=header))

    assert (line.amount, line.supply, line.vat) == (5500, None, None)


@pytest.mark.parametrize(
    ("name", "value"), [("처리", "취소"), ("결과", "거절"), ("취소사유", "변심"), ("매입금액", "30,000")]
)
def test_an_approval_is_rejected_when_an_unread_column_undoes_it(name: str, value: str) -> None:
    assert only_code(with_column(name, value)) == "amount_qualified"


@pytest.mark.parametrize(
    ("name", "value"), [("확정여부", "N"), ("비고", "미확정"), ("처리", "예정"), ("매입확정구분", "N")]
)
def test_a_row_is_pending_when_it_is_not_final(name: str, value: str) -> None:
    assert only_line(with_column(name, value)).pending


@pytest.mark.parametrize("mark", ["전표매입", "매출", "매입", "정상", "N/A"])
def test_issuers_normal_states_are_approvals(mark: str) -> None:
    line = only_line(with_column("상태", mark))

    assert (line.kind, line.pending) == (Kind.CARD_APPROVAL, False)


@pytest.mark.parametrize("value", ["N/A", "-", "0000-00-00", ""])
def test_no_day_of_cancellation_is_no_cancellation(value: str) -> None:
    assert only_line(with_column("취소일", value)).kind is Kind.CARD_APPROVAL


def test_a_day_of_cancellation_keeps_the_day_of_approval() -> None:
    line = only_line(with_column("취소일", "2026-11-07"))

    assert (line.kind, line.approved_too, line.on.isoformat()) == (Kind.CARD_CANCELLATION, True, "2026-11-04")
    assert only_code(with_column("취소일", "언젠가")) == "date_unreadable"
    assert not only_line(with_column("취소일", "2026-11-07", ["2026-11-04", "A", "-5"])).approved_too


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("취소여부", "Y", "amount_qualified"),
        ("처리결과", "실패", "amount_qualified"),
        ("구분", "입금", "amount_qualified"),
        ("구분", "취소", "amount_qualified"),
        ("통화", "USD", "currency_foreign"),
        ("비고", "US$", "currency_foreign"),
    ],
)
def test_a_bank_row_is_rejected_when_another_column_gainsays_it(name: str, value: str, code: str) -> None:
    assert only_code(bank_rows([*PAID, value], header=[*BANK, name])) == code
    assert only_line(bank_rows([*PAID, "인터넷"], header=[*BANK, "구분"])).kind is Kind.BANK_OUT


TOP = ["승인일자", "가맹점명", "이용금액", "", "", "승인번호"]


@pytest.mark.parametrize("top", [TOP, ["승인일자", "가맹점명", "이용금액", "이용금액", "이용금액", "승인번호"]])
def test_a_heading_over_several_amounts_is_its_total(top: list[str]) -> None:
    below = ["", "", "공급가액", "부가세", "합계", ""]
    row = ["2026-11-04", "A", "10,000", "1,000", "11,000", "123"]

    found = card_rows(below, row, below, row, header=top)

    assert [(line.amount, line.supply, line.vat) for line in found.lines] == [(11000, 10000, 1000)] * 2
    again = card_rows(list(found.lines[0].cells.values()), header=list(found.header))
    assert again.lines[0].amount == 11000


@pytest.mark.parametrize(
    "below", [["", "", "공급가액", "부가세", "봉사료", ""], ["", "", "공급가액", "부가세", "", ""]]
)
def test_a_heading_over_several_amounts_without_a_total_is_refused(below: list[str]) -> None:
    assert refusal([TOP, below, ["2026-11-04", "A", "10,000", "1,000", "11,000", "123"]]) == "header_spans"


def test_nameless_amounts_beside_the_amount_are_refused() -> None:
    assert refusal([TOP, ["2026-11-04", "A", "10,000", "1,000", "11,000", "123"]]) == "header_spans"
    with pytest.raises(FileRefused):
        read_card(xlsx([TOP[:5], ["2026-11-04", "A", "10,000", "1,000", "11,000"]]))


def test_a_unit_below_the_heading_counts() -> None:
    row = ["2026-11-04", "A", "55", "", "", "123"]

    assert refusal([TOP, ["", "", "(천원)", "", "", ""], row]) in {"column_missing", "unit_other"}
    assert only_line(read_card(csv_text([TOP, ["", "", "(원)", "", "", ""], row]).encode())).amount == 55


def test_a_bank_s_two_rows_of_header_are_read_together() -> None:
    top, below = ["거래일시", "적요", "거래금액", "", "잔액"], ["", "", "출금", "입금", ""]

    found = read_bank(
        csv_text([top, below, ["2026-11-04", "A", "5", "", "1"], ["2026-11-04", "B", "", "6", "1"]]).encode()
    )

    assert [(line.kind, line.amount) for line in found.lines] == [(Kind.BANK_OUT, 5), (Kind.BANK_IN, 6)]


@given(st.sampled_from(CURRENCIES), st.text(alphabet="가나다라AB", min_size=1, max_size=5), st.integers(1, 10**9))
def test_no_currency_is_passed_over_in_a_column_of_any_name(currency: str, name: str, amount: int) -> None:
    assert not with_column(f"x{name}", currency, ["2026-11-04", "A", str(amount)]).lines
