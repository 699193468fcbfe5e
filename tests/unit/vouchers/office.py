"""A whole office in memory but for its folders: drop statements, run cycles, look at the books."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, TypeVar

from jikimi.cli.stack import make_folders
from jikimi.clock import SystemClock
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.erp.port import Erp
from jikimi.testing.clock import FakeClock
from jikimi.testing.erp import FakeErp
from jikimi.testing.queue import FakeLeases
from jikimi.vouchers.cycle import run_cycle
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.posting import Desk
from jikimi.vouchers.shop import Shop

CARD_HEADER = "승인일자,카드번호,승인번호,가맹점명,승인금액,취소여부"
BANK_HEADER = "거래일시,적요,출금액,입금액,거래후잔액"
EXTRA_ACCOUNTS = {
    "108": "외상매출금",
    "802": "급여",
    "814": "통신비",
    "819": "임차료",
    "822": "차량유지비",
    "833": "광고선전비",
}


def card_row(
    number: int, merchant: str = "스타벅스 강남점", amount: str = "4500", *, cancelled: str = "", day: str = "04"
) -> str:
    return f"2026-11-{day},9999-12**-****-3456,{number:08d},{merchant},{amount},{cancelled}"


def card_file(*rows: str, header: str = CARD_HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


class Quiet:
    """A watcher who may ask the cycle to stop."""

    def __init__(self) -> None:
        self.progress: list[int] = []
        self.phases: list[str] = []
        self.stop = False

    def moved(self, phase: str, done: int) -> None:
        self.progress.append(done)
        self.phases.append(phase)

    def stopping(self) -> bool:
        return self.stop


AnyErp = TypeVar("AnyErp", bound=Erp)


class AnyOffice(Generic[AnyErp]):
    """One home and its ledgers; its clock stands an hour ahead, so that every dropped file has settled."""

    def __init__(self, config: Config, erps: Mapping[Ledger, AnyErp], *, batch: int = 10) -> None:
        make_folders(config)  # without a safe: to make its keys takes seconds of a processor
        self.config = config
        self.clock = FakeClock(SystemClock().now() + timedelta(hours=1))
        self.leases = FakeLeases()
        self.erps = erps
        self.watcher = Quiet()
        self.free_bytes = 10**12
        self.batch = batch
        self.journal = self._open_journal()

    @property
    def company(self) -> AnyErp:
        return self.erps[Ledger.COMPANY]

    def drop(self, data: bytes, name: str = "card.csv", profile: str = "card") -> Path:
        path = self.config.home / "inbox" / profile / name
        path.write_bytes(data)
        return path

    def shop(self, unit: str = "erp-worker") -> Shop:
        desks = {
            ledger: Desk(erp, self.leases.lease(ledger.value, unit), self.journal.of(ledger), self.batch)
            for ledger, erp in self.erps.items()
        }
        return Shop(self.config, self.clock, self.journal, desks.__getitem__, self.watcher, lambda: self.free_bytes)

    def cycle(self, unit: str = "erp-worker") -> dict[str, Any]:
        return run_cycle(self.shop(unit))

    def restart(self) -> None:
        """Let another process open the journal, as after a kill."""
        self.journal.close()
        self.journal = self._open_journal()

    def settle(self, data: bytes, name: str = "card.csv", profile: str = "card") -> dict[str, Any]:
        self.drop(data, name, profile)
        return self.cycle()

    def lose_state(self) -> None:
        """Lose everything in `state/`, as after a disk was wiped."""
        self.journal.close()
        for path in (self.config.home / "state").iterdir():
            path.unlink()
        self.journal = self._open_journal()

    def close(self) -> None:
        self.journal.close()

    def reasons(self, sha: str) -> dict[int, str]:
        """Return the reason's code of every row of a file that has one."""
        entries = self.journal.entries(sha)
        return {entry.row: entry.outcome.reason.code for entry in entries if entry.outcome.reason}

    def files(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.config.home / folder).rglob("*") if path.is_file())

    def _open_journal(self) -> Journal:
        return Journal(self.config.home / "state/journal.sqlite", self.clock)


class Office(AnyOffice[FakeErp]):
    """An office whose ledgers are in memory."""

    def __init__(self, config: Config, *, batch: int = 10) -> None:
        super().__init__(config, {ledger: FakeErp() for ledger in Ledger}, batch=batch)
        for erp in self.erps.values():
            erp.accounts |= EXTRA_ACCOUNTS

    def posted_keys(self) -> Counter[str]:
        return Counter(booked.key for booked in self.company.books.values() if booked.posted)

    def balance(self, account: str) -> Decimal:
        entries = [entry for booked in self.company.books.values() if booked.posted for entry in booked.entries]
        return sum((entry.debit - entry.credit for entry in entries if entry.account == account), Decimal(0))


def counts(document: dict[str, Any]) -> tuple[int, int, int, int, int]:
    """Return in, posted, already, rejected, waiting."""
    return (document["in"], document["posted"], document["already"], document["rejected"], document["waiting"])
