"""What the safe knows of one run and of one snapshot: values only."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class Outcome(StrEnum):
    """What became of a run. Only a good one counts for retention and for freshness."""

    GOOD = "good"  # verified, and restored once
    PARTIAL = "partial"  # something could not be read
    SUSPECT = "suspect"  # what was saved looks wrong: empty, shrunk, rows gone
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Content:
    """What a run has found to save.

    Attributes:
        files: number of regular files. bytes: their sum.
        entries: what was asked for -> whether it was there.
        rows: "database:table" -> number of rows.
        keys: number of keys in Redis, None if it was not dumped.
        lasting_files, lasting_bytes: the same without what is cleared away by itself; None in receipts of before.
    """

    files: int = 0
    bytes: int = 0
    entries: Mapping[str, bool] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    keys: int | None = None
    lasting_files: int | None = None
    lasting_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a run leaves behind: a file beside the repository, and the same in the state folder.

    Attributes:
        run: the run's own id. snapshot: "" if nothing was stored.
        at: when it began, in UTC. day: that date in the company's zone.
        reasons: why it is not good, as codes with facts, such as "shrunk: 10 files of 100".
        unreadable: names of files that could not be read. changed: names of files that changed while they were read.
        seconds: by step.
    """

    run: str
    at: datetime
    day: date
    outcome: Outcome
    snapshot: str = ""
    engine: str = ""
    reasons: tuple[str, ...] = ()
    verified: bool = False
    drilled: bool = False
    healed: bool = False
    content: Content = field(default_factory=Content)
    added_bytes: int = 0
    unreadable: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


def as_document(receipt: Receipt) -> dict[str, Any]:
    """Return *receipt* as JSON has it."""
    return {"v": 1, **asdict(receipt), "at": receipt.at.isoformat(), "day": receipt.day.isoformat()}


def from_document(document: Mapping[str, Any]) -> Receipt:
    """Return the receipt that *document* is.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    known = {name: document[name] for name in Receipt.__dataclass_fields__ if name in document}
    return Receipt(
        **{
            **known,
            "at": datetime.fromisoformat(document["at"]),
            "day": date.fromisoformat(document["day"]),
            "outcome": Outcome(document["outcome"]),
            "content": Content(**document.get("content", {})),
            "reasons": tuple(document.get("reasons", ())),
            "unreadable": tuple(document.get("unreadable", ())),
            "changed": tuple(document.get("changed", ())),
        }
    )


def newest_good(receipts: Sequence[Receipt], now: datetime) -> Receipt | None:
    """Return the newest good receipt; one dated after *now* was written by a clock that ran ahead, and is ignored."""
    good = [receipt for receipt in receipts if receipt.outcome is Outcome.GOOD and receipt.at <= now]
    return max(good, key=lambda receipt: receipt.at, default=None)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of *at* in *zone*."""
    return at.astimezone(zone).date()
