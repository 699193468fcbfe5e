"""One statement against one ledger: every line gets its outcome.

Approvals and bank lines are booked first, then cancellations, for an original may stand in the same file.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from jikimi.erp.port import Booked, Books, Catalogue, NotAllowed, Unavailable, Voucher
from jikimi.tables.reasons import Reason
from jikimi.vouchers.booking import book, card_reference, refund, reverse
from jikimi.vouchers.facts import as_approval, read, write
from jikimi.vouchers.identity import key_in_group, undo_key
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.lineage import corrects, free_keys
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.recognition import Recognised
from jikimi.vouchers.rules import Rules

Settle = Callable[[Sequence[Voucher]], Mapping[str, Outcome]]
Outcomes = dict[int, Outcome]
Made = Mapping[int, tuple[str, Voucher | Reason]]


class Settlement:
    """What becomes of the lines of one statement.

    Args:
        books: only searched; what is written goes through *settle*.
        settle: brings vouchers into the ERP, or foretells what would come of it.
    """

    def __init__(self, rules: Rules, books: Books, catalogue: Catalogue, settle: Settle) -> None:
        self._rules = rules
        self._books = books
        self._catalogue = catalogue
        self._settle = settle

    def outcomes(self, recognised: Sequence[Recognised], *, mended: bool) -> Outcomes:
        """Return the outcome of each row.

        *mended* says that a person wrote accounts beside the rows: a row without one is not taken.
        """
        decided, twins = _twins(recognised)
        for one in recognised:
            if mended and not one.line.account and one.verdict is None:
                decided[one.row] = _rejected("no_account_written")
            elif one.line.pending:
                decided[one.row] = Outcome(State.WAITING, Reason("pending"))
            elif one.row not in decided and (outcome := _undecided(one)):
                decided[one.row] = outcome
        first = [one for one in recognised if one.row not in decided and one.row not in twins]
        standing = [one for one in first if _stands(one)]
        decided |= self._finish({one.row: (one.key, _again(one)) for one in standing})
        first = [one for one in first if not _stands(one)]
        decided |= self._book([one for one in first if one.line.kind is not Kind.CARD_CANCELLATION])
        decided |= self._cancel([one for one in first if one.line.kind is Kind.CARD_CANCELLATION])
        return decided | {row: _as_twin(decided[of], of) for row, of in twins.items() if row not in decided}

    def _book(self, recognised: Sequence[Recognised]) -> Outcomes:
        made = {one.row: (one.key, _told(self._voucher(one), one)) for one in recognised}
        outcomes = self._finish(made)
        written = [made[one.row] for one in recognised if one.line.kind is Kind.JOURNAL]
        mine = {key: voucher for key, voucher in written if isinstance(voucher, Voucher)}
        others = self._others(mine, {key for row, (key, _) in made.items() if outcomes[row].state is State.ALREADY})
        return outcomes | {row: _key_taken(others[key]) for row, (key, _) in made.items() if key in others}

    def _voucher(self, one: Recognised) -> Voucher | Reason:
        return book(one.line, one.key, self._rules, self._catalogue)

    def _others(self, mine: Mapping[str, Voucher], standing: Collection[str]) -> dict[str, Booked]:
        """Return which of *standing* are other vouchers than *mine*: a program that counts anew repeats its keys."""
        asked = sorted(mine.keys() & set(standing))
        try:
            found = self._books.find(asked) if asked else []
        except (Unavailable, NotAllowed):
            return {}  # nothing is posted; only the reason is the plainer one
        return {booked.key: booked for booked in found if booked.posted and not _same(booked, mine[booked.key])}

    def _cancel(self, recognised: Sequence[Recognised]) -> Outcomes:
        """Settle cancellations: of a known approval as its reversal, without any reference as a refund by rule."""
        try:
            originals = self._originals([one.line for one in recognised])
            outcomes = self._approve_first([one for one in recognised if _needs_approval(one.line, originals)])
            if any(outcome.number for outcome in outcomes.values()):
                originals = self._originals([one.line for one in recognised])
        except (Unavailable, NotAllowed) as away:
            return {one.row: Outcome(State.WAITING, Reason("stopped", {"why": str(away)})) for one in recognised}
        made: dict[int, tuple[str, Voucher | Reason]] = {}
        for one in recognised:
            if one.row in outcomes and outcomes[one.row].state not in (State.POSTED, State.ALREADY):
                continue  # what its approval came to is what the row comes to
            if one.line.approval:
                made[one.row] = (one.key, _told(self._reversal(one, originals), one))
            else:
                made[one.row] = (one.key, _told(refund(one.line, one.key, self._rules, self._catalogue), one))
        return outcomes | self._finish(made)

    def _approve_first(self, recognised: Sequence[Recognised]) -> Outcomes:
        """Book the approvals of rows that tell of an approval and of its cancellation in one."""
        made: dict[int, tuple[str, Voucher | Reason]] = {}
        keys = {one.row: key_in_group(as_approval(one.facts).group(), 1) for one in recognised}
        free = free_keys(self._books, list(dict.fromkeys(keys.values())))
        for one in recognised:
            facts, key = as_approval(one.facts), free[keys[one.row]]
            line = replace(one.line, kind=Kind.CARD_APPROVAL)
            voucher = book(line, key, self._rules, self._catalogue)
            if isinstance(voucher, Voucher):
                voucher = replace(voucher, description=line.counterparty, witnesses=write(facts))
            made[one.row] = (key, voucher)
        return self._finish(made)

    def _reversal(self, one: Recognised, originals: "_Originals") -> Voucher | Reason:
        original = originals.of(one.line)
        if original is None:
            return Reason("no_original")
        if likely := originals.other_view(original, one):
            if one.verdict:
                return Reason("stands_already", {"number": likely.number})
            return Reason("likely_same", {"number": likely.number, "said": likely.description})
        voucher = reverse(one.line, one.key, original, originals.undone[original.id], self._catalogue)
        if isinstance(voucher, Voucher):
            originals.undone[original.id] += voucher.debit
        return voucher

    def _originals(self, lines: Sequence[Line]) -> "_Originals":
        found = self._books.find_by_text(sorted({text for line in lines for text in _references(line)}))
        approvals = [booked for booked in found if booked.origin is None]
        reversals = self._books.find_reversals([booked.id for booked in approvals])
        undone = {reversal.key for reversal in reversals}
        taken_back = {one.origin for one in self._books.find_reversals([one.id for one in reversals])}
        reversals = [one for one in reversals if one.id not in taken_back]
        approvals = [booked for booked in approvals if undo_key(booked.key) not in undone]
        return _Originals(approvals, reversals)

    def _finish(self, made: Mapping[int, tuple[str, Voucher | Reason]]) -> Outcomes:
        vouchers = {key: voucher for key, voucher in made.values() if isinstance(voucher, Voucher)}
        settled = self._settle(list(vouchers.values())) if vouchers else {}
        outcomes = {}
        for row, (key, voucher) in made.items():
            if isinstance(voucher, Voucher):
                outcomes[row] = replace(settled[key], entries=voucher.entries)
            elif voucher.code in ("no_original", "likely_same"):
                outcomes[row] = Outcome(State.WAITING, voucher)
            elif voucher.code == "stands_already":
                outcomes[row] = Outcome(State.ALREADY, voucher, str(voucher.facts["number"]))
            else:
                outcomes[row] = Outcome(State.REJECTED, voucher)
        return outcomes


class _Originals:
    """The approvals that cancellations may speak of, and how much of each is undone."""

    def __init__(self, approvals: Sequence[Booked], reversals: Sequence[Booked]) -> None:
        self._by_reference: defaultdict[str, list[Booked]] = defaultdict(list)
        for booked in approvals:
            for text in {entry.text for entry in booked.entries}:
                self._by_reference[text].append(booked)
        self.undone: defaultdict[int, Decimal] = defaultdict(Decimal)
        self._reversals: defaultdict[int, list[Booked]] = defaultdict(list)
        for reversal in reversals:
            if reversal.origin is not None:
                self.undone[reversal.origin] += reversal.debit
                self._reversals[reversal.origin].append(reversal)

    def of(self, line: Line) -> Booked | None:
        """Return the newest approval with the line's reference that is not younger than it."""
        found = {booked.id: booked for text in _references(line) for booked in self._by_reference[text]}
        earlier = [booked for booked in found.values() if booked.on <= line.on]
        return max(earlier, key=lambda booked: (booked.on, booked.id), default=None)

    def other_view(self, original: Booked, one: Recognised) -> Booked | None:
        """Return a cancellation of *original* that may be this one, shown with the day of the approval.

        Some views show a cancellation as the approval's own row, with its day, others as a row of its own.
        """
        for reversal in self._reversals[original.id]:
            facts = read(reversal.witnesses)
            days = {reversal.on, one.line.on}
            if facts is None or facts.source == one.facts.source or one.verdict is False:
                continue
            if reversal.debit == one.line.amount and len(days) > 1 and original.on in days:
                return reversal
        return None


def _references(line: Line) -> tuple[str, ...]:
    """Return the texts by which the approval of a card's *line* is known, that of the first release included."""
    if not line.approval:
        return ()
    return tuple(dict.fromkeys((card_reference(line), f"- {line.approval}", line.reference)))


def _needs_approval(line: Line, originals: _Originals) -> bool:
    return line.approved_too and originals.of(line) is None


def _stands(one: Recognised) -> bool:
    return one.match.standing is not None and one.match.standing.booked.posted and one.line.kind is not Kind.JOURNAL


def _again(one: Recognised) -> Voucher:
    """Return the voucher that stands, to be looked at once more: it may stand twice."""
    if one.match.standing is None:
        raise ValueError(one.key)
    mine = one.match.standing.booked
    return Voucher(mine.key, mine.on, mine.entries, mine.origin, mine.description, mine.witnesses)


def _told(voucher: Voucher | Reason, one: Recognised) -> Voucher | Reason:
    """Return *voucher* with what a person reads of it and with its witnesses."""
    if isinstance(voucher, Reason):
        return voucher
    return replace(voucher, description=one.line.counterparty, witnesses=write(one.facts))


def _undecided(one: Recognised) -> Outcome | None:
    """Return the outcome of a row that is likely the same as a voucher, or contradicts one; None for the others."""
    other = one.match.conflict
    if other is None and _stands(one) and one.match.standing and one.match.standing.booked.debit != one.line.amount:
        other = one.match.standing  # the books say another amount than its witnesses
    if other is not None:
        booked = other.booked
        facts = {"number": booked.number, "amount": booked.debit, "asked": one.line.amount}
        return Outcome(State.REJECTED, Reason("conflict", facts))
    if one.match.question is not None:
        booked = one.match.question.booked
        return Outcome(State.WAITING, Reason("likely_same", {"number": booked.number, "said": booked.description}))
    return None


def _twins(recognised: Sequence[Recognised]) -> tuple[Outcomes, dict[int, int]]:
    """Return what is decided by rows sharing a key, and which rows only repeat another.

    An approval number, and a bank's own number, name one transaction. Equal rows are that transaction listed twice,
    and the first speaks for all; rows that differ in their amount are a conflict, and none is posted.
    """
    groups: defaultdict[str, list[Line]] = defaultdict(list)
    for one in recognised:
        groups[one.key].append(one.line)
    decided: Outcomes = {}
    twins: dict[int, int] = {}
    for first, *others in groups.values():
        if any((line.kind, line.amount) != (first.kind, first.amount) for line in others):
            rows = ", ".join(str(line.row) for line in (first, *others))
            decided |= {line.row: _rejected("conflict_in_file", rows=rows) for line in (first, *others)}
        else:
            twins |= {line.row: first.row for line in others}
    return decided, twins


def _same(booked: Booked, voucher: Voucher) -> bool:
    """Tell whether *booked* says the same, whatever its texts, or is a correction."""
    if corrects(booked.witnesses):
        return True
    sides = [Counter((entry.account, entry.debit, entry.credit) for entry in one.entries) for one in (booked, voucher)]
    return booked.on == voucher.on and sides[0] == sides[1]


def _key_taken(booked: Booked) -> Outcome:
    return _rejected("key_taken", number=booked.number, on=booked.on)


def _as_twin(first: Outcome, row: int) -> Outcome:
    """Return the outcome of a row that repeats *row*: what stands counts once, what does not is not there twice."""
    if first.state is State.POSTED:
        return replace(first, state=State.ALREADY, reason=Reason("same_row", {"row": row}))
    return first


def _rejected(code: str, **facts: object) -> Outcome:
    return Outcome(State.REJECTED, Reason(code, facts))
