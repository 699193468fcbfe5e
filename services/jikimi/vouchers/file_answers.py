"""Answer the files of one ledger: the page, the rows to mend, and the first file of a row that was mended."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import structlog

from jikimi.config.model import Ledger
from jikimi.erp.port import Catalogue
from jikimi.tables.errors_csv import drop_rows, write_errors
from jikimi.tables.reasons import FileRefused, Reason
from jikimi.vouchers.accounts import choices
from jikimi.vouchers.answers import LIKELY_SAME, Answer, rows_to_mend, write_answer
from jikimi.vouchers.entry import Entry
from jikimi.vouchers.fileresult import FileResult
from jikimi.vouchers.history import file_id
from jikimi.vouchers.line import Statement
from jikimi.vouchers.outcome import State, count
from jikimi.vouchers.recognition import ACCOUNT, ORIGIN, VERDICT, Recognised, source_of
from jikimi.vouchers.shop import Shop

log = structlog.get_logger()
_VERDICTS = ("같음", "다름")
Told = Mapping[str, object]


class FileAnswers:
    """Answers the files of *ledger*."""

    def __init__(self, shop: Shop, ledger: Ledger) -> None:
        self._shop = shop
        self._home = shop.config.home
        self._lang = shop.config.lang
        self._journal = shop.journal.of(ledger)
        self._ledger = ledger

    def write_page(self, told: Told, entries: Sequence[Entry], errors: str, refusal: Reason | None = None) -> str:
        """Write the page of the file of which *told* is the document; return the page's name.

        Its sums are those of the whole file, over all cycles.
        """
        posted = [entry.outcome for entry in entries if entry.outcome.state is State.POSTED]
        counts = count(len(entries), [entry.outcome.state for entry in entries])
        notes = told.get("notes", ())
        answer = Answer(
            name=str(told["name"]),
            file_id=file_id(str(told["sha"]), self._ledger),
            profile=str(told["profile"]),
            ledger=self._ledger,
            at=f"{self._shop.local_now():%Y-%m-%d %H:%M:%S}",
            counts=counts,
            debit=f"{sum(outcome.debit for outcome in posted):,}",
            credit=f"{sum(outcome.credit for outcome in posted):,}",
            proof=bool(told["proof"]) and counts.adds_up,
            entries=entries,
            refusal=refusal.say(self._lang) if refusal else "",
            errors=errors,
            notes=[note[self._lang.value] for note in notes] if isinstance(notes, list | tuple) else [],
        )
        return write_answer(self._home, answer, self._lang).name

    def write_rows_to_mend(
        self,
        result: FileResult,
        statement: Statement,
        found: Sequence[Recognised],
        entries: Sequence[Entry],
        catalogue: Catalogue | None,
    ) -> str:
        """Write the rows that a person can mend, and return the file's name; "" if there are none."""
        own = file_id(result.sha, self._ledger)
        rejected = rows_to_mend(found, statement.faults, entries, own, self._lang)
        if not rejected:
            return ""
        header = [*(name for name in statement.header if name != ORIGIN), ORIGIN]
        to_fill = [ACCOUNT, VERDICT] if any(_is_question(entry) for entry in entries) else [ACCOUNT]
        before, offered = str(self._journal.document_of(result.sha).get("errors", "")), _offered(catalogue)
        return write_errors(
            self._home, result.name, header, rejected, to_fill=to_fill, of=own, before=before, choices=offered
        ).name

    def write_again(self, keys: Collection[str]) -> None:
        """Write the pages anew of all files with a row of one of these vouchers: one was undone or replaced."""
        for sha in sorted(self._journal.reversals.files_of(keys)):
            if document := self._journal.document_of(sha):
                self.write_page(document, self._journal.entries(sha), str(document.get("errors", "")))

    def tell_first_files(self, name: str, mended: Sequence[tuple[str, Entry]], catalogue: Catalogue | None) -> None:
        """Show, on the page of its first file, each row that the file *name* has mended, and end its rows to mend.

        Args:
            mended: the source of each row, and how it stands now.
        """
        by_file: defaultdict[str, dict[int, Entry]] = defaultdict(dict)
        for source, entry in mended:
            first, _, row = source.rpartition("#")
            if first and row.isdecimal():
                by_file[first][int(row)] = entry
        for first, rows in by_file.items():
            for known in self._journal.files(first):
                if known.id == first and known.name != name:
                    self._tell_first_file(known.sha, rows, name, catalogue)

    def _tell_first_file(self, sha: str, rows: Mapping[int, Entry], name: str, catalogue: Catalogue | None) -> None:
        entries = {entry.row: entry for entry in self._journal.entries(sha)}
        changed = [_mended(entries[row], entry, name) for row, entry in rows.items() if _is_open(entries.get(row))]
        document, claim = self._journal.document_of(sha), self._journal.claim_of(sha)
        if not changed or claim is None:
            return
        errors, own = str(document.get("errors", "")), file_id(sha, self._ledger)
        sources = {f"{own}#{entry.row}" for entry in changed}
        if errors and not self._take_out(errors, sources, catalogue):
            errors = ""
        everything = sorted((entries | {entry.row: entry for entry in changed}).values(), key=lambda entry: entry.row)
        document = {**document, "errors": errors, "answer": self.write_page(document, everything, errors)}
        self._journal.close_file(claim[0], changed, document, {}, done=claim[1])

    def _take_out(self, errors: str, sources: set[str], catalogue: Catalogue | None) -> bool:
        path = self._home / "rejected" / errors
        try:
            return drop_rows(path, lambda cells: source_of(cells.get(ORIGIN, "")) in sources, _offered(catalogue))
        except (OSError, FileRefused) as error:  # another program has it open, or has made something else of it
            log.warning("mend_file.kept", file=errors, why=str(error))
            return True


def _offered(catalogue: Catalogue | None) -> dict[str, list[str]]:
    if catalogue is None:
        return {}
    return {ACCOUNT: [f"{code} {name}" for code, name in choices(catalogue)], VERDICT: list(_VERDICTS)}


def _is_question(entry: Entry) -> bool:
    reason = entry.outcome.reason
    return reason is not None and reason.code == LIKELY_SAME


def _is_open(entry: Entry | None) -> bool:
    return entry is not None and entry.outcome.state in (State.REJECTED, State.WAITING)


def _mended(first: Entry, now: Entry, name: str) -> Entry:
    """Return how the row of the first file stands, since the row of the file *name* has mended it."""
    reason = Reason("mended", {"file": name})
    outcome = replace(now.outcome, state=State.ALREADY, reason=reason)
    return replace(now, row=first.row, outcome=outcome)
