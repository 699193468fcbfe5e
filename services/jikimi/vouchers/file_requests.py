"""What the ERP worker does when a person asks about files and rows, or answers for them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import structlog
from pydantic import BaseModel

from jikimi.config.model import Ledger
from jikimi.inbox import Claimed, claimed
from jikimi.vouchers.fileresult import merge
from jikimi.vouchers.history import file_id
from jikimi.vouchers.shop import Shop

log = structlog.get_logger()


class WhyArguments(BaseModel):
    """What `why` asks for."""

    wanted: str


class ReadBackArguments(BaseModel):
    """Which file's vouchers shall be read back, and from which ledger."""

    sha: str
    ledger: Ledger


class ApproveArguments(BaseModel):
    """Which file's drafts may be posted, and who says so."""

    name: str
    who: str


class FilesArguments(BaseModel):
    """Which files to list."""

    ledger: Ledger
    open_only: bool = False


class AnswerArguments(BaseModel):
    """Whether a waiting row is the transaction that it was likened to, and who says so."""

    wanted: str
    same: bool
    ledger: Ledger
    who: str


class FileRequests:
    """Tells of files and rows, and lets a person decide on them.

    Args:
        cycle: looks at the files that wait, and returns what came of it.
    """

    def __init__(self, shop: Shop, cycle: Callable[[], dict[str, Any]]) -> None:
        self._shop = shop
        self._cycle = cycle

    def why(self, asked: WhyArguments) -> dict[str, Any]:
        """Tell a voucher's story."""
        return {"story": self._shop.journal.story(asked.wanted)}

    def read_back(self, asked: ReadBackArguments) -> dict[str, Any]:
        """Return a file's rows with the numbers and the count of vouchers in the ERP now."""
        entries = self._shop.journal.of(asked.ledger).entries(asked.sha)
        found = self._shop.desk_of(asked.ledger).erp.find([entry.key for entry in entries if entry.key])
        posted = [booked for booked in found if booked.posted]
        numbers, stands = {booked.key: booked.number for booked in posted}, Counter(booked.key for booked in posted)
        rows = [{**entry.shown(numbers.get(entry.key, "")), "stands": stands[entry.key]} for entry in entries]
        return {"rows": rows}

    def approve(self, asked: ApproveArguments) -> dict[str, Any]:
        """Post the drafts of the waiting file with that id, or of the only one of that name."""
        profiles = self._shop.config.settings.profiles
        waiting: dict[str, tuple[Claimed, Ledger, str]] = {}
        for file in claimed(self._shop.config.home):
            ledger = profiles[file.place].ledger if file.place in profiles else Ledger.COMPANY
            sha = file.read()[1]
            if asked.name in (file.name, name := file_id(sha, ledger)):
                waiting[name] = (file, ledger, sha)
        if len(waiting) > 1:
            return {"found": 0, "ambiguous": sorted(waiting), **merge([])}
        for file, ledger, sha in waiting.values():
            self._shop.journal.of(ledger).approve(sha, asked.who)
            log.info("file.approved", file=file.name, who=asked.who)
        return {"found": len(waiting), "ambiguous": [], **self._cycle()}

    def files(self, asked: FilesArguments) -> dict[str, Any]:
        """Return the files that were taken, newest first."""
        found = self._shop.journal.of(asked.ledger).files()
        return {"files": [asdict(file) for file in found if file.open or not asked.open_only]}

    def answer(self, asked: AnswerArguments) -> dict[str, Any]:
        """Keep what a person says of the rows whose key begins so, and look at their files again."""
        journal = self._shop.journal.of(asked.ledger)
        questions = journal.questions(asked.wanted)
        for source in questions:
            journal.answer(source, asked.who, same=asked.same)
            log.info("row.answered", source=source, same=asked.same, who=asked.who)
        return {"answered": len(questions), **self._cycle()}
