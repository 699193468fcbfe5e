"""The answer to every file: one page that opens by a double click, and the rejected rows to mend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from jikimi.config import Home
from jikimi.config.model import Ledger
from jikimi.inbox import own_page
from jikimi.text import Lang
from jikimi.vouchers.bookings import KINDS
from jikimi.vouchers.entry import Entry
from jikimi.vouchers.line import Fault
from jikimi.vouchers.outcome import Counts, State
from jikimi.vouchers.recognition import ORIGIN, Recognised, origin_of, origin_of_fault
from jikimi.whole_file import replace_text

LIKELY_SAME = "likely_same"
_PAGES = Environment(
    loader=PackageLoader("jikimi.vouchers"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bookkeeper is told about one file.

    Attributes:
        refusal: why the whole file was refused, else "".
        errors: the file with the rows to mend, else "".
        notes: sentences about the whole file.
        at: local time, as it shall be shown.
    """

    name: str
    file_id: str
    profile: str
    ledger: Ledger
    at: str
    counts: Counts
    debit: str
    credit: str
    proof: bool
    entries: Sequence[Entry]
    refusal: str = ""
    errors: str = ""
    notes: Sequence[str] = ()


def write_answer(home: Home, answer: Answer, lang: Lang) -> Path:
    """Write `outputs/results/<file>.html` and return its path; that of another file of that name is kept."""
    path = own_page(home, answer.name, answer.file_id)
    page = _PAGES.get_template("result.html").render(
        answer=answer,
        lang=lang,
        practice=answer.ledger is Ledger.PRACTICE,
        rows=[_shown(entry, lang) for entry in answer.entries],
    )
    replace_text(path, page)
    return path


def rows_to_mend(
    found: Sequence[Recognised], faults: Sequence[Fault], entries: Sequence[Entry], name: str, lang: Lang
) -> list[tuple[Mapping[str, str], str]]:
    """Return the cells and the reason of every row that a person can mend or is asked about, by row.

    A voucher of several rows gives them all. The cells say which row of the file *name* they are.
    """
    rows: dict[int, tuple[tuple[int, Mapping[str, str]], ...]] = {}
    for one in found:
        rows[one.row] = ((one.row, {**one.line.cells, ORIGIN: origin_of(one)}), *one.line.further)
    for fault in faults:
        carried = fault.cells.get(ORIGIN) or origin_of_fault(f"{name}#{fault.row}")
        rows[fault.row] = ((fault.row, {**fault.cells, ORIGIN: carried}),)
    wanted = [
        (row, cells, entry.outcome.reason.say(lang) if entry.outcome.reason else "")
        for entry in entries
        if entry.outcome.state is State.REJECTED
        or (entry.outcome.reason is not None and entry.outcome.reason.code == LIKELY_SAME)
        for row, cells in rows.get(entry.row, ())
    ]
    return [(cells, reason) for _, cells, reason in sorted(wanted, key=lambda item: item[0])]


def _shown(entry: Entry, lang: Lang) -> dict[str, str]:
    reason = entry.outcome.reason
    return {
        "row": str(entry.row),
        "on": entry.on,
        "name": entry.name,
        "amount": f"{int(entry.amount):,}" if entry.amount.isdigit() else entry.amount,
        "state": entry.outcome.state.value,
        "number": entry.outcome.number,
        "reason": reason.say(lang) if reason else "",
        "key": entry.key,
        "kind": KINDS[entry.kind].say(lang) if entry.kind else "",
        "account": entry.booking.account if entry.booking else "",
        "vat": f"{entry.booking.vat:,}" if entry.booking and entry.booking.vat else "",
        "rule": entry.booking.rule if entry.booking else "",
    }
