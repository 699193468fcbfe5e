"""What posting needs of an ERP, in the bookkeeper's words.

An ERP that fits has drafts: to stage and to post are two transactions, so that a request which is
still under way when its client dies can at worst leave a draft behind. Every implementation passes
`tests/contract/erp_contract.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from jikimi.errors import NotWell
from jikimi.tables.reasons import Reason
from jikimi.text import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a voucher: exactly one of *debit* and *credit* is above zero."""

    account: str
    debit: Decimal
    credit: Decimal
    text: str

    def swapped(self) -> "Entry":
        """Return the entry that undoes this one."""
        return Entry(self.account, self.credit, self.debit, self.text)


class Sums:
    """The two sides of whatever has entries."""

    __slots__ = ()
    entries: tuple[Entry, ...]

    @property
    def debit(self) -> Decimal:
        """The sum of the debit side."""
        return sum((entry.debit for entry in self.entries), Decimal(0))

    @property
    def credit(self) -> Decimal:
        """The sum of the credit side."""
        return sum((entry.credit for entry in self.entries), Decimal(0))


@dataclass(frozen=True, slots=True)
class Voucher(Sums):
    """What shall stand in the ERP once.

    Attributes:
        key: the idempotency key; at most one posted voucher may bear it.
        origin: the ERP's id of the voucher that this one reverses, else None.
        description: what a person reads in the ledger: the merchant or the counterparty.
        witnesses: what the statement said of the transaction, one line of text that only `vouchers` understands;
            it stands in the ERP with the voucher and comes back as it was.
    """

    key: str
    on: date
    entries: tuple[Entry, ...]
    origin: int | None = None
    description: str = ""
    witnesses: str = ""


@dataclass(frozen=True, slots=True)
class Booked(Sums):
    """A voucher as the ERP has it.

    Attributes:
        id: the ERP's own id.
        number: its number in the books; "" for a draft.
        balanced: the ERP itself holds its entries for balanced.
        waits: of a draft whose posting was asked for: why it is not posted yet.
    """

    id: int
    key: str
    number: str
    posted: bool
    on: date
    entries: tuple[Entry, ...]
    balanced: bool = True
    origin: int | None = None
    waits: Reason | None = None
    description: str = ""
    witnesses: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days that takes vouchers or no longer does; both ends belong to it."""

    first: date
    last: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the ERP allows today: open accounts (code to name), periods, and the currency."""

    accounts: Mapping[str, str]
    periods: tuple[Period, ...]
    currency: str
    digits: int

    def takes(self, on: date) -> bool:
        """Return whether an open period holds *on*."""
        return any(period.is_open and period.first <= on <= period.last for period in self.periods)


class Refused(NotWell):
    """The ERP understood the request and will not do it; asking again gives the same answer."""

    what = Text("ERP가 거절했습니다: {answer}", "the ERP refused: {answer}")
    remedy = Text("전표 내용이나 ERP 설정을 고쳐 주세요", "mend the voucher or the ERP's settings")


class Unavailable(NotWell):
    """The ERP did not answer, or answered what proves nothing; ask again later."""

    what = Text("ERP에 연결할 수 없습니다: {answer}", "the ERP is not available: {answer}")
    remedy = Text(
        "기다리면 다시 시도합니다. 계속되면 `jikimi status`를 보세요",
        "it is tried again by itself; if it lasts, look at `jikimi status`",
    )


class NotAllowed(NotWell):
    """The ERP does not accept our key: nothing can be posted until a person mends it."""

    what = Text("ERP가 지킴이의 키를 받아들이지 않습니다: {answer}", "the ERP does not accept Jikimi's key: {answer}")
    remedy = Text(
        "스택을 다시 시작하면 키를 새로 등록합니다", "restart the stack: the key is registered anew at each start"
    )


class Books(Protocol):
    """What stands in a ledger; every method may raise Unavailable or NotAllowed."""

    def find(self, keys: Sequence[str]) -> list[Booked]:
        """Return every draft and posted voucher that bears one of *keys*, by ascending id."""
        ...

    def find_on(self, days: Sequence[date]) -> list[Booked]:
        """Return every draft and posted voucher with a key of ours on one of *days*, by ascending id."""
        ...

    def find_by_text(self, texts: Sequence[str]) -> list[Booked]:
        """Return every posted voucher with an entry whose text is one of *texts*, by ascending id."""
        ...

    def find_reversals(self, ids: Sequence[int]) -> list[Booked]:
        """Return every posted voucher whose origin is one of *ids*, by ascending id."""
        ...


class Erp(Books, Protocol):
    """One ledger of an ERP.

    Every method may raise Unavailable or NotAllowed. After Unavailable from `stage` or `post` the
    request may still take effect later; `find` is the only truth.
    """

    def catalogue(self) -> Catalogue:
        """Return what may be posted now; reads the ERP's database, so it also proves health."""
        ...

    def drafts(self) -> list[Booked]:
        """Return every draft that bears a key of ours, by ascending id."""
        ...

    def stage(self, vouchers: Sequence[Voucher]) -> list[Booked]:
        """Make drafts of *vouchers* in one transaction, in their order: all or none.

        Raises:
            Refused: one of them at least cannot be booked; none was made.
        """
        ...

    def post(self, drafts: Sequence[Booked]) -> list[Booked]:
        """Post *drafts* in one transaction, and return them in their order as they stand then: all or none.

        An ERP that takes its time returns drafts that say why they wait: `find` shows later that they are posted, or
        a later `post` of the same drafts that they are refused.

        Raises:
            Refused: one of them at least is no draft any more, or the ERP will not have it; or they are
                several, and this ERP posts only one at a time. None was posted.
        """
        ...

    def discard(self, drafts: Sequence[Booked]) -> None:
        """Delete *drafts*; one that is gone or posted by now is left as it is."""
        ...
