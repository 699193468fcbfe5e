"""The transactions and files that histories are made of, and a model of the books.

The model knows transactions and accounts; it knows nothing of keys, witnesses or vouchers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CARD_HEADER = "승인일자,카드번호,승인번호,가맹점명,승인금액,취소여부,공급가액,부가세"
BANK_HEADER = "거래일시,적요,출금액,입금액,거래후잔액"
JOURNAL_HEADER = "전표키,일자,계정,차변,대변,적요"
VAT_ACCOUNT = "135"
NO_VAT_ACCOUNT = "812"


@dataclass(frozen=True)
class Happened:
    """One transaction, told from all others by its amount.

    Attributes:
        parts: what it moves, debit minus credit; the first account is the rule's.
        of: of a cancellation, the approval.
    """

    day: int
    amount: int
    rows: tuple[str, ...]
    parts: Mapping[str, int] = field(default_factory=dict)
    of: str = ""


def _card(number: int, day: int, merchant: str, amount: int, rest: str = ",,") -> tuple[str]:
    """Return a row of a card; *rest* are its mark, supply and VAT."""
    return (f"2026-11-{day:02d},9999-12**-****-3456,{number:08d},{merchant},{amount},{rest}",)


def _journal(key: str, amount: int) -> tuple[str, str]:
    return (f"{key},2026-11-10,811,{amount},,커피", f"{key},2026-11-10,253,,{amount},카드")


CAFE, SHOP, TAXI, ADS = "스타벅스 강남점", "쿠팡", "카카오T 택시", "네이버 광고"
WORLD: Mapping[str, Happened] = {
    "cafe": Happened(
        4, 11000, _card(1, 4, CAFE, 11000, ",10000,1000"), {"811": 10000, VAT_ACCOUNT: 1000, "253": -11000}
    ),
    "shop": Happened(4, 8800, _card(2, 4, SHOP, 8800), {"830": 8800, "253": -8800}),
    "taxi": Happened(5, 3200, _card(3, 5, TAXI, 3200), {"812": 3200, "253": -3200}),
    "ads": Happened(5, 9000, _card(4, 5, ADS, 9000), {"833": 9000, "253": -9000}),
    "cafe-part": Happened(6, 3300, _card(1, 6, CAFE, 3300, "부분취소,,"), of="cafe"),
    "cafe-more": Happened(7, 4400, _card(1, 7, CAFE, 4400, "부분취소,,"), of="cafe"),
    "shop-back": Happened(7, 8800, _card(2, 7, SHOP, 8800, "취소,,"), of="shop"),
    "ads-part": Happened(5, 2500, _card(4, 5, ADS, 2500, "부분취소,,"), of="ads"),
    "phone": Happened(2, 55000, ("2026-11-02 09:00:11,KT 통신요금,55000,0,945000",), {"814": 55000, "103": -55000}),
    "interest": Happened(3, 3300, ("2026-11-03 10:22:40,예금이자,0,3300,948300",), {"901": -3300, "103": 3300}),
    "fee": Happened(3, 500, ("2026-11-03 14:10:00,송금수수료,500,0,947800",), {"831": 500, "103": -500}),
    "first": Happened(10, 4700, _journal("V1", 4700), {"811": 4700, "253": -4700}),
    "second": Happened(10, 4900, _journal("V2", 4900), {"811": 4900, "253": -4900}),
}
BOOKED = tuple(name for name, one in WORLD.items() if not one.of)


@dataclass(frozen=True)
class Shown:
    """A file: which transactions it shows; two of them may have one name."""

    profile: str
    name: str
    what: tuple[str, ...]

    def data(self) -> bytes:
        """Return its bytes."""
        header = {"card": CARD_HEADER, "bank": BANK_HEADER, "journal": JOURNAL_HEADER}[self.profile]
        return "\n".join([header, *(row for name in self.what for row in WORLD[name].rows), ""]).encode()

    def row_of(self, name: str) -> int:
        """Return the row of a transaction as a person counts it."""
        before = self.what[: self.what.index(name)]
        return 2 + sum(len(WORLD[one].rows) for one in before)


FILES = (
    Shown("card", "card.csv", ("cafe", "shop")),
    Shown("card", "card.csv", ("shop", "taxi", "cafe-part")),
    Shown("card", "later.csv", ("cafe-part", "cafe-more", "shop-back")),
    Shown("card", "all.csv", ("cafe", "shop", "taxi", "ads", "cafe-part", "cafe-more", "shop-back", "ads-part")),
    Shown("card", "ads.csv", ("ads-part", "ads")),
    Shown("card", "back.csv", ("cafe", "cafe-more")),
    Shown("bank", "bank.csv", ("phone", "interest")),
    Shown("bank", "bank.csv", ("interest", "fee")),
    Shown("journal", "journal.csv", ("first", "second")),
    Shown("journal", "journal.csv", ("second",)),
)


@dataclass
class Model:
    """One ledger: the account of each transaction, and how each row of each file stands."""

    accounts: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    at_work: list[int] = field(default_factory=list)
    without_vat: set[str] = field(default_factory=set)

    def stands(self, name: str) -> bool:
        """Tell whether the transaction is in the books."""
        return name in self.accounts or name in self.cancelled

    def drop(self, file: int) -> None:
        """Take a file: a new one wholly, a known one for the rows that are open."""
        known = self.rows.get(file)
        if known is None:
            self.rows[file] = dict.fromkeys(FILES[file].what, "waiting")
        elif "open" in known.values():
            self.rows[file] = {name: "waiting" if how == "open" else how for name, how in known.items()}
            self.at_work = [other for other in self.at_work if other != file]
        if file not in self.at_work:
            self.at_work.append(file)

    def cycle(self) -> None:
        """Look at every file that waits, until nothing changes."""
        before = None
        while before != (before := {file: dict(rows) for file, rows in self.rows.items()}):
            for file in self.at_work:
                rows = self.rows[file]
                for name in sorted(rows, key=lambda name: bool(WORLD[name].of)):
                    if rows[name] == "waiting":
                        rows[name] = self._look(name)
            self.at_work = [file for file in self.at_work if "waiting" in self.rows[file].values()]

    def _look(self, name: str) -> str:
        if self.stands(name):
            return "already"
        happened = WORLD[name]
        if not happened.of:
            self.accounts[name] = next(iter(happened.parts))
            return "posted"
        if happened.of not in self.accounts:
            return "waiting"
        self.cancelled.add(name)
        return "posted"

    def reverse(self, names: Iterable[str]) -> None:
        """Take transactions and their cancellations out of the books: their rows are open."""
        gone = {name for name in names if self.stands(name)}
        gone |= {name for name in self.cancelled if WORLD[name].of in gone}
        for name in gone:
            self.accounts.pop(name, None)
            self.without_vat.discard(name)
            self.cancelled.discard(name)
        for rows in self.rows.values():
            rows |= {name: "open" for name in gone & rows.keys() if rows[name] in ("posted", "already")}

    def reverse_file(self, file: int) -> None:
        """Take out of the books what the file has brought."""
        self.reverse([name for name, how in self.rows.get(file, {}).items() if how == "posted"])

    def correct(self, name: str, account: str) -> None:
        """Give a transaction another account; one with a cancellation has to be reversed first."""
        if name in self.accounts and not any(WORLD[one].of == name for one in self.cancelled):
            self.accounts[name] = account
            if account == NO_VAT_ACCOUNT:
                self.without_vat.add(name)

    def balances(self) -> dict[str, int]:
        """Return what the books say, by account."""
        sums: defaultdict[str, int] = defaultdict(int)
        for name, account in self.accounts.items():
            happened = WORLD[name]
            back = sum(WORLD[one].amount for one in self.cancelled if WORLD[one].of == name)
            for place, (standard, amount) in enumerate(happened.parts.items()):
                own = not place or (standard == VAT_ACCOUNT and name in self.without_vat)
                sums[account if own else standard] += amount * (happened.amount - back) // happened.amount
        return {account: amount for account, amount in sums.items() if amount}

    def brought(self) -> Counter[str]:
        """Return how many files say that they have brought each transaction."""
        return Counter(name for rows in self.rows.values() for name, how in rows.items() if how == "posted")
