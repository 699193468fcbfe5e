"""What is cancelled as a whole or in part, what is not final, and what an issuer calls normal."""

import pytest

from jikimi.vouchers.line import Kind
from tests.unit.vouchers.readers.samples import card_rows
from tests.unit.vouchers.readers.test_qualifiers import HEADER, ROW, only_code, only_line, with_column


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

    assert (line.kind, int(line.amount)) == (Kind.CARD_CANCELLATION, amount)


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

    assert (int(line.amount), line.supply, line.vat) == (5500, None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("처리", "취소"),
        ("결과", "거절"),
        ("취소사유", "변심"),
        ("매입금액", "30,000"),
        ("원화금액", "48,900"),
        ("비고", "부분 취소 20000원"),
    ],
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
