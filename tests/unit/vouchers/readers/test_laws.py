"""What holds for every statement and for any bytes at all."""

import csv
import io
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jikimi.config.model import StatementKind
from jikimi.tables.reasons import SENTENCES, FileRefused
from jikimi.text import Lang
from jikimi.vouchers.line import Statement
from jikimi.vouchers.readers import read_statement
from jikimi.vouchers.readers.statement import read_unproved
from tests.unit.tables.samples import csv_text, html, xlsx
from tests.unit.vouchers.readers.samples import CARD_HEADER, COFFEE, OPTIONS, TODAY

MERCHANTS = ["스타벅스", "김밥천국", "GS칼텍스", "별빛상회", 'A, "B"', "똠얌꿍; 강남점"]
VALID_TEXT = csv_text([["카드 승인내역"], CARD_HEADER, *[COFFEE] * 3, ["합계", *[""] * 5, "13,500", ""]])
VALID = [
    VALID_TEXT.encode(),
    VALID_TEXT.encode("cp949"),
    VALID_TEXT.encode("utf-16"),
    html([CARD_HEADER, COFFEE]).encode(),
]
WORKBOOK = xlsx([CARD_HEADER, COFFEE])

kinds = st.sampled_from(list(StatementKind))
mutations = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8)


@st.composite
def card_rows(draw: st.DrawFn) -> list[list[str]]:
    day = draw(st.dates(date(2017, 1, 1), TODAY)).isoformat()
    amount = draw(st.integers(1, 10**12))
    sign = draw(st.sampled_from(["", "-"]))
    number = draw(st.from_regex(r"[0-9]{8}", fullmatch=True))
    mark = draw(st.sampled_from(["", "취소", "승인"]))
    return [
        [day, "12:00", "9999-12**-****-3456", number, draw(st.sampled_from(MERCHANTS)), "", f"{sign}{amount:,}", mark]
    ]


def outcome(data: bytes, kind: StatementKind) -> Statement | FileRefused:
    try:
        return read_statement(data, kind, OPTIONS)
    except FileRefused as refusal:
        return refusal


def all_is_well(found: Statement | FileRefused) -> bool:
    """Tell whether what was found can be said to a person, and holds no line without money."""
    if isinstance(found, FileRefused):
        return all(found.explain(lang) for lang in Lang)
    said = all(fault.reason.say(lang) for fault in found.faults for lang in Lang)
    cells = [row.cells for row in found.lines] + [row.cells for row in found.faults]
    columns = all(tuple(row) == found.header for row in cells)
    return said and columns and all(line.amount > 0 and line.on <= TODAY for line in found.lines)


@given(st.binary(max_size=300), kinds)
@example(b"PK\x03\x04", StatementKind.CARD)
@example(b"<table><![x", StatementKind.CARD)
@example(b"<table><![CDATA[", StatementKind.BANK)
def test_any_bytes_are_read_or_refused(data: bytes, kind: StatementKind) -> None:
    assert all_is_well(outcome(data, kind))


@given(st.sampled_from(VALID), mutations, kinds)
def test_a_damaged_statement_is_read_or_refused(
    data: bytes, changes: list[tuple[int, int]], kind: StatementKind
) -> None:
    damaged = bytearray(data)
    for place, byte in changes:
        damaged[place % len(damaged)] = byte

    assert all_is_well(outcome(bytes(damaged), kind))


@given(mutations, st.integers(0, len(WORKBOOK)))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_workbook_is_read_or_refused(changes: list[tuple[int, int]], length: int) -> None:
    damaged = bytearray(WORKBOOK)
    for place, byte in changes:
        damaged[place % len(damaged)] = byte

    assert all_is_well(outcome(bytes(damaged), StatementKind.CARD))
    assert all_is_well(outcome(WORKBOOK[:length], StatementKind.CARD))


@given(st.lists(card_rows().map(lambda rows: rows[0]), min_size=1, max_size=8))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_every_format_says_the_same(rows: list[list[str]]) -> None:
    text = csv_text([CARD_HEADER, *rows])
    files = [text.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "cp949", "utf-16")]
    files += [csv_text([CARD_HEADER, *rows], "\t").encode(), xlsx([CARD_HEADER, *rows])]

    said = [read_statement(data, StatementKind.CARD, OPTIONS) for data in files]

    lines = [[(line.kind, line.on, line.amount, line.natural, line.content) for line in found.lines] for found in said]
    assert len(lines[0]) == len(rows)
    assert all(found == lines[0] for found in lines)


@given(st.lists(card_rows().map(lambda rows: rows[0]), min_size=1, max_size=8))
def test_no_money_is_lost(rows: list[list[str]]) -> None:
    found = read_statement(csv_text([CARD_HEADER, *rows]).encode(), StatementKind.CARD, OPTIONS)

    assert sum(line.amount for line in found.lines) == sum(Decimal(row[6].replace(",", "").lstrip("-")) for row in rows)


@given(
    st.lists(st.lists(st.sampled_from(["", "2026-11-04", "스타벅스", "4,500", "합계", "x"]), max_size=5), max_size=12)
)
def test_every_row_is_a_line_a_fault_or_skipped(rows: list[list[str]]) -> None:
    text = csv_text([["승인일자", "가맹점명", "승인금액"], *rows, ["2026-11-04", "A", "1"]])

    found = read_unproved(text.encode(), StatementKind.CARD, OPTIONS)

    counted = len(found.lines) + len(found.faults) + found.skipped + 1
    assert counted == len(list(csv.reader(io.StringIO(text, newline=""))))


def test_every_reason_is_said_in_both_languages() -> None:
    assert all(text.ko and text.en for text in SENTENCES.values())
