"""Files as Korean card companies and banks hand them out, each read to its last row."""

from datetime import date
from pathlib import Path

import pytest

from jikimi.config.model import StatementKind
from jikimi.tables.reasons import FileRefused
from jikimi.text import Lang
from jikimi.vouchers.line import Statement
from jikimi.vouchers.readers import ReadOptions, read_statement

CASES = Path(__file__).parents[3] / "data" / "cases"
CARD, BANK = StatementKind.CARD, StatementKind.BANK
OUT, IN = "bank_out", "bank_in"
DONE, UNDONE = "card_approval", "card_cancellation"

LINES = {
    "issuers/BC카드_승인내역.csv": [
        (2, DONE, "2026-11-02", 9800, "이디야커피 삼성점"),
        (4, UNDONE, "2026-11-04", 45000, "롯데마트 서초"),
        (5, DONE, "2026-11-04", 45000, "롯데마트 서초"),
    ],
    "issuers/KB국민카드_이용내역.xlsx": [
        (3, DONE, "2026-11-03", 12400, "파리바게뜨 서초점"),
        (5, UNDONE, "2026-11-09", 15000, "다이소 강남점"),
        (6, DONE, "2026-11-10", 15000, "다이소 강남점"),
    ],
    "issuers/롯데카드_이용내역.xlsx": [
        (2, DONE, "2026-11-02", 4300, "세븐일레븐 논현"),
        (3, DONE, "2026-11-03", 59800, "KTX(한국철도공사)"),
        (4, UNDONE, "2026-11-03", 59800, "KTX(한국철도공사)"),
        (5, DONE, "2026-11-29", 23000, "배달의민족"),
    ],
    "issuers/하나카드_매입내역.xls": [
        (5, DONE, "2026-11-03", 55000, "한신포차 역삼"),
        (6, DONE, "2026-11-04", 66000, "SK에너지 논현주유소"),
        (7, UNDONE, "2026-11-04", 66000, "SK에너지 논현주유소"),
    ],
    "issuers/현대카드_이용내역.csv": [
        (5, DONE, "2026-11-03", 12000, "김밥천국 선릉"),
        (6, DONE, "2026-11-05", 4800, "한국도로공사"),
        (7, UNDONE, "2026-11-06", 88000, "이마트 역삼"),
    ],
    "issuers/신한_승인내역_202611.xlsx": [
        (7, DONE, "2026-11-03", 18000, "본죽 강남역점"),
        (8, DONE, "2026-11-04", 32000, "(주)우아한형제들"),
        (9, DONE, "2026-11-05", 990000, "하이마트 선릉점"),
        (10, DONE, "2026-11-06", 5500, "GS25역삼센터"),
        (11, UNDONE, "2026-11-07", 990000, "하이마트 선릉점"),
        (12, DONE, "2026-11-09", 144500, "AMAZON WEB SERVICES"),
    ],
    "issuers/IBK_거래내역조회.xlsx": [
        (7, OUT, "2026-11-02", 1100000, "한빛빌딩"),
        (8, IN, "2026-11-03", 5500000, "(주)푸른물산"),
        (9, OUT, "2026-11-05", 500, "수수료"),
        (10, OUT, "2026-11-10", 3200000, "급여"),
        (11, OUT, "2026-11-25", 382500, "국민연금공단"),
    ],
    "issuers/농협_입출금거래내역.csv": [
        (5, OUT, "2026-11-03", 55000, "한국전력"),
        (6, IN, "2026-11-04", 100000, "홍길동"),
    ],
    "07-partial-cancel/first.csv": [(2, DONE, "2026-11-04", 50000, "쿠팡(주)")],
    "07-partial-cancel/later.csv": [(2, UNDONE, "2026-11-04", 20000, "쿠팡(주)")],
    "08-currency-elsewhere/colname.csv": [(3, DONE, "2026-11-06", 4500, "스타벅스")],
    "14-nfd/nfd.csv": [(2, DONE, "2026-11-10", 4500, "스타벅스 강남대로점")],
    "14-nfd/bank-nfd.csv": [(2, OUT, "2026-11-12", 1100000, "11월 임차료")],
    "11-xlsx-1904/dates-formatted.xlsx": [(2, DONE, "2026-11-09", 4500, "스타벅스 강남대로점")],
    "11-xlsx-1904/dates-general.xlsx": [(2, DONE, "2026-11-09", 4500, "스타벅스 강남대로점")],
    "11-xlsx-1904/dates-korean-format.xlsx": [(2, DONE, "2026-11-09", 4500, "스타벅스 강남대로점")],
}
FAULTS = {
    "issuers/BC카드_승인내역.csv": [(3, "foreign amount only: 35.20 USD")],
    "issuers/KB국민카드_이용내역.xlsx": [(4, "foreign amount only: 22 $")],
    "08-currency-elsewhere/colname.csv": [(2, "통화구분: foreign currency is not handled: 'USD'")],
}


def read(name: str) -> Statement:
    kind = BANK if any(word in name for word in ("IBK", "농협", "bank", "padded", "ofx")) else CARD
    return read_statement((CASES / name).read_bytes(), kind, ReadOptions(today=date(2026, 12, 1)))


@pytest.mark.parametrize("name", LINES)
def test_a_file_reads_to_its_lines(name: str) -> None:
    found = read(name)

    assert [(x.row, x.kind, x.on.isoformat(), int(x.amount), x.counterparty) for x in found.lines] == LINES[name]
    said = [(fault.row, fault.reason.say(Lang.EN).partition(";")[0]) for fault in found.faults]
    assert said == FAULTS.get(name, [])


def test_parts_stay_beside_the_total_when_one_heading_spans_them() -> None:
    lines = read("issuers/하나카드_매입내역.xls").lines

    assert [f"{line.supply} + {line.vat}" for line in lines] == ["50000 + 5000", "60000 + 6000", "60000 + 6000"]


def test_a_row_is_pending_when_the_issuer_says_that_it_is_not_confirmed() -> None:
    assert [line.row for line in read("issuers/롯데카드_이용내역.xlsx").lines if line.pending] == [5]
    assert [line.row for line in read("issuers/신한_승인내역_202611.xlsx").lines if line.pending] == [10]


def test_a_filled_day_of_cancellation_makes_the_row_both() -> None:
    assert [line.row for line in read("issuers/현대카드_이용내역.csv").lines if line.approved_too] == [7]


def test_the_other_side_and_the_memo_are_told_apart() -> None:
    first = read("issuers/농협_입출금거래내역.csv").lines[0]

    assert first.said == {"party": "한국전력", "memo": "인터넷뱅킹", "branch": "농협 001234"}


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("issuers/롯데카드_이용내역.xlsx", ["18:22", "18:22", "20:22", "20:22"]),
        ("issuers/하나카드_매입내역.xls", ["", "", ""]),
        ("issuers/농협_입출금거래내역.csv", ["11:12:13", "11:12:13"]),
    ],
)
def test_a_time_is_as_exact_as_the_file(name: str, times: list[str]) -> None:
    assert [line.time for line in read(name).lines] == times


def test_padded_cells_say_the_same_in_every_format() -> None:
    as_csv, as_html = read("05-padded-cells/padded.csv").lines, read("05-padded-cells/padded.xls").lines

    assert [line.said for line in as_csv] == [line.said for line in as_html]
    assert as_csv[0].content[-1] == "국민연금          "


def test_a_decomposed_name_is_composed_for_rules_and_raw_in_its_identity() -> None:
    decomposed, composed = read("14-nfd/bank-nfd.csv").lines[0], read("14-nfd/bank-nfc.csv").lines[0]

    assert decomposed.counterparty == composed.counterparty
    assert decomposed.content[-1] != composed.content[-1]


def test_a_unit_in_the_titles_refuses_the_file() -> None:
    with pytest.raises(FileRefused) as caught:
        read("08-currency-elsewhere/title-thousand.csv")

    assert (caught.value.reason.code, caught.value.reason.facts) == ("unit_other", {"value": "(단위: 천원)"})
