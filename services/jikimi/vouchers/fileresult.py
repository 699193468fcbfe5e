"""What one cycle did with one file, and the sums over several."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from jikimi.config.model import Ledger
from jikimi.tables.reasons import Reason
from jikimi.text import Lang
from jikimi.vouchers.outcome import Counts


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one cycle did with one file.

    Attributes:
        counts: only the lines that this cycle looked at; zero for a duplicate or a refused file.
        debit, credit: of the vouchers that this cycle posted, as read back.
        cancellations: how many of these were reversals.
        away: why the ERP could not be asked any more, else "".
        answer: the name of the page in `outputs/results/`.
        errors: the name of the file with the rows to mend in `rejected/`, else "".
        notes: what is to be known of the whole file.
    """

    name: str
    profile: str
    ledger: Ledger
    sha: str
    counts: Counts = field(default_factory=Counts)
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    cancellations: int = 0
    duplicate: bool = False
    proof: bool = True
    refusal: Reason | None = None
    away: str = ""
    answer: str = ""
    errors: str = ""
    notes: tuple[Reason, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON, for the log, the journal and `jikimi.cycle`."""
        return {
            "name": self.name,
            "profile": self.profile,
            "ledger": self.ledger.value,
            "sha": self.sha,
            **_counts(self.counts),
            "cancellations": self.cancellations,
            "debit": str(self.debit),
            "credit": str(self.credit),
            "duplicate": self.duplicate,
            "proof": self.proof,
            "refusal": self.refusal.code if self.refusal else "",
            "answer": self.answer,
            "errors": self.errors,
            "notes": [{lang.value: note.say(lang) for lang in Lang} for note in self.notes],
        }

    def totals(self) -> Mapping[str, int]:
        """Return what it adds to the totals of all time."""
        counts = self.counts
        return {
            "count": counts.posted,
            "posted": counts.posted,
            "already": counts.already,
            "rejected": counts.rejected,
            "duplicates": int(self.duplicate),
            "cancellations": self.cancellations,
        }


def summarise(results: Sequence[FileResult]) -> dict[str, Any]:
    """Return the sums over *results*, in the words of `jikimi.cycle`."""
    counts = sum((result.counts for result in results), Counts())
    debit = sum((result.debit for result in results), Decimal(0))
    credit = sum((result.credit for result in results), Decimal(0))
    return {
        **_counts(counts),
        "duplicates": sum(result.duplicate for result in results),
        "cancellations": sum(result.cancellations for result in results),
        "debit": str(debit),
        "credit": str(credit),
        "proof": counts.adds_up and debit == credit and all(result.proof for result in results),
        "ledger": "+".join(sorted({result.ledger.value for result in results})),
        "files": [result.document() for result in results],
    }


def _counts(counts: Counts) -> dict[str, int]:
    values = asdict(counts)
    return {"in": values.pop("total"), **values}


def merge(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return several `jikimi.cycle` documents as one."""
    names = ("in", "posted", "already", "rejected", "waiting", "unknown", "duplicates", "cancellations")
    merged: dict[str, Any] = {name: sum(document[name] for document in documents) for name in names}
    for side in ("debit", "credit"):
        merged[side] = str(sum((Decimal(document[side]) for document in documents), Decimal(0)))
    merged["proof"] = all(document["proof"] for document in documents)
    merged["ledger"] = "+".join(sorted({document["ledger"] for document in documents if document["ledger"]}))
    merged["files"] = [file for document in documents for file in document["files"]]
    return merged
