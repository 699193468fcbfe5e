"""One claimed file from its bytes to its answer."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from jikimi.config import Profile
from jikimi.config.explain import BadFile
from jikimi.config.model import Approve, Gap, Ledger
from jikimi.erp.port import Books, Catalogue, NotAllowed, Unavailable, Voucher
from jikimi.inbox import Claimed, is_claimed, move
from jikimi.queue.port import LeaseLost, QueueAway
from jikimi.tables.reasons import FileRefused, Reason
from jikimi.text import Lang
from jikimi.vouchers.accounts import with_codes
from jikimi.vouchers.bookings import booking_of
from jikimi.vouchers.continuity import continuity_notes
from jikimi.vouchers.cycle_log import CycleLog
from jikimi.vouchers.entry import Entry
from jikimi.vouchers.file_answers import FileAnswers
from jikimi.vouchers.fileresult import FileResult
from jikimi.vouchers.foretold import EmptyBooks
from jikimi.vouchers.history import file_id
from jikimi.vouchers.intake import candidates
from jikimi.vouchers.line import Fault, Kind, Statement
from jikimi.vouchers.notes import notes_of
from jikimi.vouchers.outcome import Outcome, State, count
from jikimi.vouchers.posting import Desk, settle
from jikimi.vouchers.readers import ReadOptions, read_statement
from jikimi.vouchers.recognition import Recognised, is_mended, recognise
from jikimi.vouchers.reconcile import keys_in_trouble
from jikimi.vouchers.redrop import rows_again
from jikimi.vouchers.rulebook import learn, read_rules, rules_file
from jikimi.vouchers.rules import Rules
from jikimi.vouchers.settlement import Outcomes, Settlement
from jikimi.vouchers.shop import Shop

_STAYS = ("pending", "reversed")
_OF_CURRENCY = frozenset({"currency_foreign", "amount_decimals"})
_BROKEN = frozenset({"balance_broken", "total_broken"})
_AWAY = (Unavailable, NotAllowed, LeaseLost, QueueAway)
Keyed = Sequence[Recognised]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A claimed file that could be read; *found* are all its lines, *open* the rows that are still to be settled."""

    file: Claimed
    sha: str
    name: str
    profile: Profile
    statement: Statement
    open: frozenset[int]
    rules: Rules | None = None
    found: Keyed = ()
    stopped: Reason | None = None
    notes: tuple[Reason, ...] = ()

    @property
    def keyed(self) -> Keyed:
        """The lines that are still to be settled."""
        return [one for one in self.found if one.row in self.open]


class FileWork:
    """Settles the files of one ledger, under its lease."""

    def __init__(self, shop: Shop, ledger: Ledger, desk: Desk, told: CycleLog) -> None:
        self._shop = shop
        self._home = shop.config.home
        self._journal = shop.journal.of(ledger)
        self._ledger = ledger
        self._desk = desk
        self._told = told
        self._answers = FileAnswers(shop, ledger)
        self._known: Catalogue | None = None
        self._away: Exception | None = None

    def settle(self, file: Claimed) -> FileResult | None:
        """Settle *file*, answer it, and move it to where it belongs now; None if that was done before a crash."""
        data, sha = file.read()
        earlier = self._journal.claim_of(sha)
        again = rows_again(self._home, self._journal, file, sha)
        if earlier and not again and (earlier[1] or (earlier[0] != file.claim and is_claimed(self._home, earlier[0]))):
            return self._seen(file, sha, again=earlier[0] != file.claim)
        try:
            name, profile = self._profile(file, data)
            statement = self._read(data, profile)
        except FileRefused as refusal:
            return self._refuse(file, sha, refusal.reason)
        known = None if earlier is None else (self._journal.open_rows(sha) or set()) | again
        rows = {line.row for line in statement.lines}
        opened = self._recognise(
            _Opened(file, sha, name, profile, statement, frozenset(rows if known is None else known))
        )
        opened = self._noted(opened)
        outcomes, away = self._outcomes(opened)
        entries = [self._entry(opened, one, outcomes[one.row]) for one in opened.keyed]
        # Faults are reported once, with the file's first cycle, but for those that only the ERP's currency decides.
        entries += [_fault(fault, away) for fault in statement.faults if known is None or fault.row in known]
        result = self._result(FileResult(file.name, name, profile.ledger, sha, away=away), opened.keyed, entries)
        return self._close(opened, entries, result)

    @property
    def _catalogue(self) -> Catalogue:
        """What the ERP allows; it is asked once, for one that is away lets each question wait for half a minute."""
        if self._away is not None:
            raise self._away
        if self._known is None:
            try:
                self._known = self._desk.erp.catalogue()
            except _AWAY as away:
                self._away = away
                raise
        return self._known

    def _seen(self, file: Claimed, sha: str, *, again: bool) -> FileResult | None:
        """Finish what a crash left undone, or put a file that was taken before aside."""
        move(self._home, file, Path("duplicate") if again else self._done_folder())
        if not again:
            return None
        result = FileResult(file.name, file.place, self._ledger, sha, duplicate=True)
        self._journal.add(result.totals())
        self._told.file(result, [])
        return result

    def _profile(self, file: Claimed, data: bytes) -> tuple[str, Profile]:
        """Return the file's profile; a loose file belongs to the only one that can read it.

        Raises:
            FileRefused: none can, or several can.
        """
        profiles = self._shop.config.settings.profiles
        if file.place:
            return file.place, profiles[file.place]
        fitting: dict[str, Profile] = {}
        broken: FileRefused | None = None
        for name, profile in candidates(profiles).items():
            try:
                self._read(data, profile)
            except FileRefused as refusal:
                broken = refusal if refusal.reason.code in _BROKEN else broken
                continue
            fitting[name] = profile
        if broken is not None and not fitting:
            raise broken  # a profile can read it, and it contradicts itself
        if len(fitting) != 1:
            code = "fits_many_profiles" if fitting else "fits_no_profile"
            raise FileRefused(Reason(code, {"profiles": ", ".join(fitting or candidates(profiles))}))
        return next(iter(fitting.items()))

    def _read(self, data: bytes, profile: Profile) -> Statement:
        options = ReadOptions(self._shop.today(), profile.approval_digits)
        with suppress(*_AWAY):
            options = replace(options, currency=self._catalogue.currency, digits=self._catalogue.digits)
        return read_statement(data, profile.kind, options)

    def _recognise(self, opened: _Opened) -> _Opened:
        """Return *opened* with what stands for its lines; without rules or books, with the keys of new ones."""
        try:
            rules = read_rules(self._home, opened.name, opened.profile)
            if is_mended(opened.statement):
                opened = replace(opened, statement=with_codes(opened.statement, self._catalogue))
            found = self._found(opened, self._desk.erp, rules.counter)
        except BadFile as broken:  # the file waits until a person has mended the rules
            first = broken.problems[0]
            stopped = Reason("rules_broken", {"problem": {lang.value: first.say(lang) for lang in Lang}})
        except _AWAY as away:
            stopped = Reason("stopped", {"why": str(away)})
        else:
            return replace(opened, rules=rules, found=found)
        return replace(opened, found=self._found(opened, EmptyBooks(), ""), stopped=stopped)

    def _found(self, opened: _Opened, books: Books, counter: str) -> Keyed:
        return recognise(opened.statement, file_id(opened.sha, self._ledger), books, counter, self._journal.answer_of)

    def _outcomes(self, opened: _Opened) -> tuple[Outcomes, str]:
        """Return every open line's outcome, and why the ERP could not be asked any more, if so."""
        keyed, mended, rules = opened.keyed, is_mended(opened.statement), opened.rules
        if rules is None or opened.stopped is not None:
            stopped = opened.stopped or Reason("stopped", {"why": ""})
            return _all_waiting(keyed, stopped), str(stopped.facts.get("why", ""))
        try:
            settlement = Settlement(rules, self._desk.erp, self._catalogue, lambda some: self._post(opened, some))
            outcomes = settlement.outcomes(keyed, mended=mended)
        except _AWAY as away:
            return _all_waiting(keyed, Reason("stopped", {"why": str(away)})), str(away)
        if mended:
            self._keep_answers(opened, outcomes)
            standing = [one.line for one in keyed if outcomes[one.row].number]
            learn(rules_file(self._home, opened.name, opened.profile), rules, standing, self._shop.today())
        reasons = (outcome.reason for outcome in outcomes.values() if outcome.reason)
        return outcomes, next((str(reason.facts["why"]) for reason in reasons if reason.code == "stopped"), "")

    def _keep_answers(self, opened: _Opened, outcomes: Outcomes) -> None:
        """Let what a person wrote in a mend file answer for the row of the first file as well."""
        for one in opened.keyed:
            if one.verdict is not None and outcomes[one.row].number:
                self._journal.answer(one.facts.source, opened.file.name, same=one.verdict)

    def _post(self, opened: _Opened, vouchers: Sequence[Voucher]) -> Mapping[str, Outcome]:
        posts = opened.profile.approve is Approve.AUTO or self._journal.is_approved(opened.sha)
        phase = f"posting {opened.file.name}"
        return settle(replace(self._desk, posts=posts), vouchers, lambda done: self._shop.watcher.moved(phase, done))

    def _result(self, result: FileResult, keyed: Keyed, entries: Sequence[Entry]) -> FileResult:
        """Return *result* with its counts, sums and proof."""
        counts = count(len(entries), [entry.outcome.state for entry in entries])
        posted = {entry.row: entry.outcome for entry in entries if entry.outcome.state is State.POSTED}
        return replace(
            result,
            counts=counts,
            debit=sum((outcome.debit for outcome in posted.values()), Decimal(0)),
            credit=sum((outcome.credit for outcome in posted.values()), Decimal(0)),
            cancellations=sum(one.line.kind is Kind.CARD_CANCELLATION and one.row in posted for one in keyed),
            proof=counts.adds_up and self._stands(entries),
        )

    def _stands(self, entries: Sequence[Entry]) -> bool:
        standing = {entry.key: entry.outcome for entry in entries if entry.outcome.number}
        try:
            return not keys_in_trouble(self._desk.erp, standing)
        except _AWAY:
            return not standing  # what cannot be read back is not proved

    def _entry(self, opened: _Opened, one: Recognised, outcome: Outcome) -> Entry:
        line, booking = one.line, None
        if opened.rules is not None and outcome.entries:
            booking = booking_of(line, outcome, opened.rules, self._catalogue)
        told = (line.row, one.key, line.on.isoformat(), line.counterparty, str(line.amount))
        return Entry(*told, outcome, line.kind.value, booking)

    def _close(self, opened: _Opened, entries: Sequence[Entry], result: FileResult) -> FileResult:
        """Answer, record, then move the file: to `done/`, or it stays while a line waits."""
        file, statement = opened.file, opened.statement
        everything = sorted(
            {entry.row: entry for entry in (*self._journal.entries(result.sha), *entries)}.values(),
            key=lambda entry: entry.row,
        )
        errors = self._answers.write_rows_to_mend(result, statement, opened.found, everything, self._known)
        result = replace(result, errors=errors, notes=opened.notes)
        result = replace(result, answer=self._answers.write_page(result.document(), everything, errors))
        done = not any(_may_change(entry.outcome) for entry in everything)
        self._told.file(result, entries)
        self._journal.close_file(file.claim, entries, result.document(), result.totals(), done=done)
        if done:
            move(self._home, file, self._done_folder())
        if is_mended(statement):
            sources = {one.row: one.facts.source for one in opened.found}
            stands = [(sources[entry.row], entry) for entry in entries if entry.outcome.number and entry.key]
            self._answers.tell_first_files(file.name, stands, self._known)
        return result

    def _noted(self, opened: _Opened) -> _Opened:
        """Return *opened* with its notes; it waits if the profile wants no statement after a missing one."""
        missing = continuity_notes(self._journal.spans, opened.name, opened.sha, opened.statement)
        noted = replace(opened, notes=(*notes_of(opened.statement, opened.rules), *missing))
        waits = missing and opened.profile.gap is Gap.WAIT and not self._journal.is_approved(opened.sha)
        return replace(noted, stopped=opened.stopped or missing[0]) if waits else noted

    def _refuse(self, file: Claimed, sha: str, reason: Reason) -> FileResult:
        """Put a file that cannot be read aside and say why; mended or not, it may be dropped again."""
        result = FileResult(file.name, file.place, self._ledger, sha, refusal=reason)
        result = replace(result, answer=self._answers.write_page(result.document(), [], "", reason))
        self._told.file(result, [])
        move(self._home, file, Path("rejected"))
        return result

    def _done_folder(self) -> Path:
        return Path("done") / f"{self._shop.today():%Y/%m}"


def _may_change(outcome: Outcome) -> bool:
    """Return whether another look may end otherwise before the file is dropped again."""
    if outcome.state is State.WAITING:
        return outcome.reason is None or outcome.reason.code not in _STAYS
    return outcome.state is State.UNKNOWN


def _fault(fault: Fault, away: str) -> Entry:
    asks = away and fault.reason.code in _OF_CURRENCY
    outcome = (
        Outcome(State.WAITING, Reason("stopped", {"why": away})) if asks else Outcome(State.REJECTED, fault.reason)
    )
    return Entry(fault.row, "", "", "", "", outcome)


def _all_waiting(keyed: Keyed, reason: Reason) -> Outcomes:
    return {one.row: Outcome(State.WAITING, reason) for one in keyed}
