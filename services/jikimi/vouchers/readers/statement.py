"""Read a whole file: its format by content, its header by score, its rows one by one.

A bad row does not stop the others, and no row is passed over in silence: each becomes a line, a fault, or
one of the counted rows that are neither.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jikimi.tables.reading import read_tables
from jikimi.tables.reasons import FileRefused, Reason
from jikimi.tables.refusal import listed, refused
from jikimi.tables.sniff import Format, sniff
from jikimi.tables.table import Table
from jikimi.vouchers.balance_proof import contradiction
from jikimi.vouchers.line import Fault, Line, Move, Statement, StatementKind
from jikimi.vouchers.readers import bank, card, journal
from jikimi.vouchers.readers.body import body_of
from jikimi.vouchers.readers.columns import Header, check, find_header
from jikimi.vouchers.readers.fields import BANK_FIELDS, CARD_FIELDS, JOURNAL_FIELDS, Field
from jikimi.vouchers.readers.matching import Columns
from jikimi.vouchers.readers.ofx import read_mended_ofx, read_ofx
from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.record import Record
from jikimi.vouchers.readers.refusal import RowRefused
from jikimi.vouchers.readers.stated import stated_in
from jikimi.vouchers.readers.totals import Read

Rows = tuple[tuple[Line, ...], tuple[Fault, ...]]


@dataclass(frozen=True, slots=True)
class _Sort:
    """How one kind of statement is read."""

    fields: tuple[Field, ...]
    required: Callable[[Columns], Sequence[str]]
    read_rows: Callable[[Sequence[Record], ReadOptions], Rows]
    names: Callable[[Sequence[str]], tuple[str, ...]] = tuple


def _no_move(_record: Record, _options: ReadOptions, _reason: Reason) -> Move:
    return Move()


def _one_by_one(
    read_row: Callable[[Record, ReadOptions], Line],
    move: Callable[[Record, ReadOptions, Reason], Move] = _no_move,
) -> Callable[[Sequence[Record], ReadOptions], Rows]:
    """Return what reads rows each of which is a line of its own."""

    def read(records: Sequence[Record], options: ReadOptions) -> Rows:
        lines, faults = [], []
        for record in records:
            try:
                record.check_whole()
                lines.append(read_row(record, options))
            except RowRefused as no:
                faults.append(Fault(record.number, no.reason, record.cells(), move(record, options, no.reason)))
        return tuple(lines), tuple(faults)

    return read


_SORTS: Mapping[StatementKind, _Sort] = {
    StatementKind.CARD: _Sort(CARD_FIELDS, lambda _: card.REQUIRED, _one_by_one(card.read_card_row)),
    StatementKind.BANK: _Sort(BANK_FIELDS, bank.required_columns, _one_by_one(bank.read_bank_row, bank.bank_move)),
    StatementKind.JOURNAL: _Sort(
        JOURNAL_FIELDS, lambda _: journal.REQUIRED, journal.read_journal, journal.journal_names
    ),
}


def read_statement(data: bytes, kind: StatementKind, options: ReadOptions) -> Statement:
    """Return the lines of a statement, and the rows that could not become lines.

    Raises:
        FileRefused: the file as a whole cannot be read; nothing else is ever raised, whatever the bytes.
    """
    statement = read_unproved(data, kind, options)
    if reason := contradiction(statement):
        raise FileRefused(reason)
    return statement


def read_unproved(data: bytes, kind: StatementKind, options: ReadOptions) -> Statement:
    """Return the same without asking whether balances and totals follow from amounts."""
    if sniff(data) is Format.OFX:
        if kind is StatementKind.JOURNAL:
            raise refused("ofx_elsewhere")
        return read_ofx(data, kind, options)
    tables = read_tables(data)
    if kind is not StatementKind.JOURNAL and (mended := read_mended_ofx(tables, kind, options)):
        return mended
    return _from_tables(tables, kind, options)


def _from_tables(tables: Sequence[Table], kind: StatementKind, options: ReadOptions) -> Statement:
    sort = _SORTS[kind]
    header = _header(tables, sort)
    check(header, sort.fields, sort.required(header.columns))
    body = body_of(header, options)
    lines, faults = sort.read_rows(body.records, options)
    if not lines and not faults:
        raise refused("no_rows", headers=listed(body.names))
    stated = stated_in(header, Read(body.records, kind, options, {fault.row: fault.reason for fault in faults}))
    return Statement(header.table.format, kind, sort.names(body.names), lines, faults, body.skipped, stated)


def _header(tables: Iterable[Table], sort: _Sort) -> Header:
    """Return the header of the only sheet that is a statement, or else of the likeliest."""
    found = [header for table in tables if not table.hidden and (header := find_header(table, sort.fields))]
    if not found:
        hidden = [table.sheet for table in tables if table.hidden and find_header(table, sort.fields)]
        raise refused("sheet_hidden", sheets=listed(hidden)) if hidden else refused("no_header")
    whole = [header for header in found if _is_whole(header, sort)]
    filled = [header for header in whole if any(not row.is_blank() for row in header.rows_below())]
    if len(filled) > 1:
        # To read the first and forget the others would lose what they hold without a word.
        raise refused("several_sheets", sheets=listed([header.table.sheet for header in filled]))
    return next(iter(filled or whole), None) or max(found, key=lambda header: len(header.columns))


def _is_whole(header: Header, sort: _Sort) -> bool:
    return all(name in header.columns for name in sort.required(header.columns))
