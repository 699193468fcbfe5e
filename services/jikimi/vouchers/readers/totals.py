"""Find the totals that a statement states, and what its rows add up to.

A rejected row counts with the rest. Where one leaves open how much it states, its totals prove nothing.
"""

import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jikimi.tables.reasons import Reason
from jikimi.tables.table import Row
from jikimi.vouchers.line import Kind, StatementKind, Total
from jikimi.vouchers.readers.amounts import parse_optional
from jikimi.vouchers.readers.bank import UNCERTAIN
from jikimi.vouchers.readers.card_marks import movement
from jikimi.vouchers.readers.columns import Header
from jikimi.vouchers.readers.labelled import amount_in, labelled, labels
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.record import Record
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.words import plain

# 소계 and 누계 may add up fewer or more rows than the file has.
_TOTAL = re.compile(r"[<\[(]?(?:(?:합계|총계|총합계|계|total)(?:금액|액)?|총[0-9]+건)[>\])]?:?(?:\(?[0-9]+건\)?)?")
_NAMED = labels(
    {
        "in": r"총입금(?:액|금액)?|입금(?:액|금액)?(?:합계|총계|총액)",
        "out": r"총출금(?:액|금액)?|출금(?:액|금액)?(?:합계|총계|총액)",
        "amount": r"총(?:승인|이용)금?액|(?:승인|이용)금?액(?:합계|총계|총액)",
    }
)
_FIELDS = {StatementKind.BANK: ("in", "out"), StatementKind.CARD: ("amount",)}


@dataclass(frozen=True, slots=True)
class Read:
    """The rows that were read as transactions.

    Attributes:
        rejected: why some of them, by number, are no lines.
    """

    records: Sequence[Record]
    kind: StatementKind
    options: ReadOptions
    rejected: Mapping[int, Reason]

    def others(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that were not read."""
        numbers = {record.number for record in self.records}
        return [row for row in rows if row.number not in numbers]


def totals_in(header: Header, read: Read) -> tuple[Total, ...]:
    """Return the totals of each column: those that stand in it below the header, and those that bear its name.

    One below may add up all rows, or those above it down from the total before: a section.
    """
    others = read.others(header.rows_below())
    around = [*header.rows_above(), *others]
    named = [(name, row, value) for row in around for name, value in labelled(row, _NAMED, read.options.digits)]
    below = [row for row in others if _is_total(row)]
    return tuple(
        total
        for field in _FIELDS.get(read.kind, ())
        for place in header.columns.get(field, ())[:1]
        for total in _of_column(place, below, [(row, value) for name, row, value in named if name == field], read)
    )


def _is_total(row: Row) -> bool:
    return any(_TOTAL.fullmatch(plain(cell)) for cell in row.cells)


def _of_column(place: int, below: Sequence[Row], named: Sequence[tuple[Row, Decimal]], read: Read) -> Iterator[Total]:
    standing = [(row, value) for row in below if (value := amount_in(row.cell(place), read.options.digits)) is not None]
    if not read.records or not (standing or named):
        return
    column, numbers = read.records[0].name(place), [record.number for record in read.records]
    whole = _sums(read.records, place, read)
    if whole:
        yield from (Total(row.number, column, value, whole) for row, value in named)
    before = 0
    for row, value in standing:
        at = bisect(numbers, row.number)
        section = read.records[before:at]
        before = at
        sums = _sums(section, place, read) if section else whole
        if whole and sums:
            yield Total(row.number, column, value, whole | sums)


def _sums(records: Sequence[Record], place: int, read: Read) -> frozenset[Decimal]:
    """Return what *records* add up to in the column, none if one of them leaves open how much it states."""
    values = []
    for record in records:
        reason = read.rejected.get(record.number)
        unsure = reason is not None and (reason.code in UNCERTAIN or reason.code == "amount_empty")
        if unsure or record.overflow or place in record.unvalued:
            return frozenset()
        try:
            values.append(parse_optional(record.texts[place], read.options.digits, "") or Decimal(0))
        except RowRefused:
            return frozenset()
    if read.kind is StatementKind.CARD:
        return _card_sums(records, values, read.options)
    return frozenset({sum(values, Decimal(0))})


def _card_sums(records: Sequence[Record], values: Sequence[Decimal], options: ReadOptions) -> frozenset[Decimal]:
    """Return the sums as written, of the approvals alone, and net of cancellations.

    Amounts below zero never count as above it: a sign that was turned would not show.
    A cancellation stands in a row of its own, or makes less of the row of its approval.
    """
    written = sum(values, Decimal(0))
    approved = apart = within = Decimal(0)
    for record in records:
        try:
            moved = movement(record, options)
        except RowRefused as no:
            if no.reason.code == "amount_zero":
                continue
            return frozenset()
        if moved.kind is Kind.CARD_CANCELLATION:
            apart -= moved.amount
            within += moved.stated - moved.amount if moved.stated > 0 else -moved.amount
        else:
            approved += moved.amount
    return frozenset({written, approved, approved + apart, approved + within})
