"""What a reader hands on: a statement, its lines, and the rows that could not become lines.

Readers know formats; nothing behind them does. A line is what one row says, in canonical values:
it knows neither rules nor the ERP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jikimi.config.model import StatementKind
from jikimi.tables.reasons import Reason

__all__ = [
    "Fault",
    "Figure",
    "JournalEntry",
    "Kind",
    "Line",
    "Move",
    "Stated",
    "Statement",
    "StatementKind",
    "Total",
]


class Kind(StrEnum):
    """What a line says has happened to money."""

    CARD_APPROVAL = "card_approval"
    CARD_CANCELLATION = "card_cancellation"
    BANK_IN = "bank_in"
    BANK_OUT = "bank_out"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One side of a voucher that another program has made: exactly one of *debit* and *credit* is above zero."""

    account: str
    debit: Decimal
    credit: Decimal
    memo: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a statement.

    Attributes:
        row: the row as a person counts it in the file or sheet, from 1, headers included.
        amount: always above zero; the sign is in `kind`. Total with VAT, in `currency`.
        supply, vat: as the file states them, else None. Never computed here.
        counterparty: the merchant or the other side, cleaned of control characters, at most 200 characters.
        instrument: the card or account number as digits and `*`, without other signs; "" if the file has none.
        natural, content: what the first release made its keys (`jk1-`) of. Frozen: the vouchers that it has posted
            are found by them, so a column that is understood since must not change them.
        reference: for cards, what an approval and its cancellation have in common
            (instrument and approval number); "" where there is no such thing.
        pending: the statement says it is not final yet.
        time: the time of day as HH:MM:SS or HH:MM, as exactly as the file states it; "" where it states none.
        approval: a card's approval number, else "".
        balance: a bank row's balance after it, None where the file states none.
        said: what else the row says of the transaction, raw, by role: `party` (merchant, other side), `memo`,
            `branch`, `business` (business number), `bank_id` (FITID); a role that it does not state is not in it.
        approved_too: the row is an approval and its cancellation in one, as a filled 취소일 says.
        account: the account a person wrote beside a rejected row, else "".
        cells: the row as it stood in the file, column name to text.
        entries: for a voucher that another program has made, all its sides; `row` and `cells` are its first row's.
        further: its other rows, each with its cells.
    """

    row: int
    kind: Kind
    on: date
    amount: Decimal
    currency: str
    counterparty: str
    instrument: str
    natural: tuple[str, ...] | None
    content: tuple[str, ...]
    cells: Mapping[str, str]
    supply: Decimal | None = None
    vat: Decimal | None = None
    reference: str = ""
    pending: bool = False
    account: str = ""
    entries: tuple[JournalEntry, ...] = ()
    further: tuple[tuple[int, Mapping[str, str]], ...] = ()
    time: str = ""
    approval: str = ""
    balance: Decimal | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    approved_too: bool = False

    def without_account(self) -> "Line":
        """Return the line as it was before a person wrote an account beside it."""
        return replace(self, account="")


@dataclass(frozen=True, slots=True)
class Move:
    """What a rejected bank row still says for certain; None for what it does not.

    Attributes:
        amount: what came in, below zero for what went out.
    """

    on: date | None = None
    amount: Decimal | None = None
    balance: Decimal | None = None
    instrument: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that could not become a line: it is rejected with its reason and its cells.

    Attributes:
        move: what it adds to the balances of a bank account all the same.
    """

    row: int
    reason: Reason
    cells: Mapping[str, str]
    move: Move = Move()


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount that a statement states of itself as a whole, and the row where it stands."""

    row: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Total:
    """A total that a statement states.

    Attributes:
        column: the name of the column that it adds up.
        sums: what the rows add up to, by each way of counting that the total may mean.
    """

    row: int
    column: str
    stated: Decimal
    sums: frozenset[Decimal]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a statement states of itself as a whole.

    Attributes:
        opening, closing: the balances before its first row and after its last one.
        is_part: the rows were taken out of a statement, so that nothing follows from one to the next.
    """

    opening: Figure | None = None
    closing: Figure | None = None
    totals: tuple[Total, ...] = ()
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A file that could be read.

    Attributes:
        format: such as "csv" or "xlsx", by content and not by name.
        header: the column names in the file's order.
        skipped: rows that are no lines and no faults: titles, blank rows, 합계 and 소계 footers.
        stated: what those rows state of the whole.
    """

    format: str
    kind: StatementKind
    header: tuple[str, ...]
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    skipped: int
    stated: Stated = Stated()
