"""What qualifies an amount is understood, or its row or file is refused with the word that was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.tables.reasons import FileRefused
from jikimi.text import Lang
from jikimi.vouchers.line import Kind, Line, Statement
from tests.unit.tables.samples import csv_text, html
from tests.unit.vouchers.readers.samples import bank_rows, card_rows, read_card

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


@pytest.mark.parametrize("value", ["USD 35.20 결제", "결제 $35", "35 달러", "환율 USD"])
def test_a_row_is_rejected_when_a_note_speaks_of_another_currency(value: str) -> None:
    assert only_code(with_column("비고", value)) in {"currency_foreign", "foreign_only"}
    assert only_line(with_column("비고", "$0.00 / 0 USD")).amount == 50000


@pytest.mark.parametrize(
    ("name", "value"), [("계좌번호", "110-123-456789 (USD)"), ("잔액", "$1,200.00"), ("취급점", "외환 USD")]
)
def test_a_bank_row_is_rejected_when_its_account_is_in_another_currency(name: str, value: str) -> None:
    assert only_code(bank_rows([*PAID, value], header=[*BANK, name])) == "currency_foreign"


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


@given(st.sampled_from(CURRENCIES), st.text(alphabet="가나다라AB", min_size=1, max_size=5), st.integers(1, 10**9))
def test_no_currency_is_passed_over_in_a_column_of_any_name(currency: str, name: str, amount: int) -> None:
    assert not with_column(f"x{name}", currency, ["2026-11-04", "A", str(amount)]).lines


def test_a_bank_row_of_a_foreign_amount_is_rejected() -> None:
    header = [*BANK, "외화출금액"]

    assert only_code(bank_rows(["2026-11-04", "A", "0", "0", "35.20"], header=header)) == "foreign_only"
    assert only_code(bank_rows(["2026-11-04", "A", "48,000", "0", "35.20"], header=header)) == "currency_foreign"
    assert only_line(bank_rows(["2026-11-04", "A", "48,000", "0", "0"], header=header)).amount == 48000
