"""The log of one cycle: a text file for people, written line by line, so that a killed cycle leaves its part."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from jikimi.vouchers.entry import Entry
from jikimi.vouchers.fileresult import FileResult

_PATTERN = "cycle-*.log"


class CycleLog:
    """A new file in *folder* for the cycle that began at *at*, local time."""

    def __init__(self, folder: Path, at: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"cycle-{at:%Y%m%d-%H%M%S-%f}.log"
        self._file = self.path.open("a", encoding="utf-8", buffering=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> None:
        if error is not None:
            self._line("error", type(error).__name__, error)
        self._file.close()

    def file(self, result: FileResult, entries: Sequence[Entry]) -> None:
        """Tell of one file, a line for each of its rows that this cycle looked at."""
        document = result.document()
        self._line(result.ledger, result.profile, result.name, f"sha={result.sha[:12]}")
        for entry in entries:
            outcome = entry.outcome
            reason = outcome.reason.code if outcome.reason else ""
            self._line(f"  row {entry.row}", entry.key, entry.on, entry.amount, outcome.state, outcome.number, reason)
        names = ("in", "posted", "already", "rejected", "waiting", "unknown", "debit", "credit", "proof")
        self._line("  ", *(f"{name}={document[name]}" for name in names), *filter(None, [document["refusal"]]))

    def end(self, document: dict[str, Any]) -> None:
        """Tell the sums of the cycle."""
        names = ("outcome", "in", "posted", "already", "rejected", "waiting", "unknown", "duplicates", "cancellations")
        self._line("cycle", *(f"{name}={document[name]}" for name in (*names, "debit", "credit", "proof")))

    def _line(self, *parts: object) -> None:
        self._file.write(" ".join(str(part) for part in parts if part != "") + "\n")


def prune_cycle_logs(folder: Path, now: datetime, keep: timedelta) -> int:
    """Delete the logs that are older than *keep*; return how many."""
    oldest = (now - keep).timestamp()
    old = [path for path in folder.glob(_PATTERN) if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
