"""What holds for any bytes at all."""

from hypothesis import example, given
from hypothesis import strategies as st

from jikimi.tables import FileRefused, read_tables
from jikimi.text import Lang
from tests.unit.tables.samples import csv_text, html

FILE = csv_text([["이름", "금액"], ["스타벅스", "4,500"]])
VALID = [FILE.encode(), FILE.encode("cp949"), FILE.encode("utf-16"), html([["이름"], ["스타벅스"]]).encode()]


def is_read_or_refused(data: bytes) -> bool:
    """Tell whether *data* becomes tables, or a refusal that can be said."""
    try:
        return bool(read_tables(data))
    except FileRefused as refusal:
        return all(refusal.explain(lang) for lang in Lang)


@given(st.binary(max_size=300))
@example(b"PK\x03\x04")
@example(b"<table><![x")
@example(b"OFXHEADER:100")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert is_read_or_refused(data)


@given(st.sampled_from(VALID), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8))
def test_a_damaged_file_is_read_or_refused(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, byte in changes:
        damaged[place % len(damaged)] = byte

    assert is_read_or_refused(bytes(damaged))
