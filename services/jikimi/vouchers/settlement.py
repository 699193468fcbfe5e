"""One statement against one ledger: every line gets its outcome.

Approvals and bank lines are booked first, then cancellations, for an original may stand in the same file.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal

from jikimi.erp.port import Booked, Books, Catalogue, NotAllowed, Unavailable, Voucher
from jikimi.tables.reasons import Reason
from jikimi.vouchers.booking import book, refund, reverse
from jikimi.vouchers.identity import keys_of
from jikimi.vouchers.line import Kind, Line, Statement
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.rules import Rules

Settle = Callable[[Sequence[Voucher]], Mapping[str, Outcome]]
Outcomes = dict[int, Outcome]


def open_lines(statement: Statement, rows: Collection[int] | None) -> list[tuple[Line, str]]:
    """Return the lines with their keys, only those of *rows* if it is given.

    Keys count occurrences, so they are made from the whole statement whichever rows are still open.
    """
    keyed = zip(statement.lines, keys_of(statement.lines), strict=True)
    return [(line, key) for line, key in keyed if rows is None or line.row in rows]


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

    def outcomes(self, keyed: Sequence[tuple[Line, str]], *, mended: bool) -> Outcomes:
        """Return the outcome of each row.

        *mended* says that a person wrote accounts beside the rows: a row without one is not taken.
        """
        decided, twins = _twins(keyed)
        for line, _ in keyed:
            if mended and not line.account:
                decided[line.row] = _rejected("no_account_written")
            elif line.pending:
                decided[line.row] = Outcome(State.WAITING, Reason("pending"))
        first = [(line, key) for line, key in keyed if line.row not in decided and line.row not in twins]
        decided |= self._book([item for item in first if item[0].kind is not Kind.CARD_CANCELLATION])
        decided |= self._cancel([item for item in first if item[0].kind is Kind.CARD_CANCELLATION])
        return decided | {row: _as_twin(decided[of], of) for row, of in twins.items() if row not in decided}

    def _book(self, keyed: Sequence[tuple[Line, str]]) -> Outcomes:
        made = {line.row: (key, book(line, key, self._rules, self._catalogue)) for line, key in keyed}
        outcomes = self._finish(made)
        written = [made[line.row] for line, _ in keyed if line.kind is Kind.JOURNAL]
        mine = {key: voucher for key, voucher in written if isinstance(voucher, Voucher)}
        others = self._others(mine, {key for row, (key, _) in made.items() if outcomes[row].state is State.ALREADY})
        return outcomes | {row: _key_taken(others[key]) for row, (key, _) in made.items() if key in others}

    def _others(self, mine: Mapping[str, Voucher], standing: Collection[str]) -> dict[str, Booked]:
        """Return which of *standing* are other vouchers than *mine*: a program that counts anew repeats its keys."""
        asked = sorted(mine.keys() & set(standing))
        try:
            found = self._books.find(asked) if asked else []
        except (Unavailable, NotAllowed):
            return {}  # nothing is posted; only the reason is the plainer one
        return {booked.key: booked for booked in found if booked.posted and not _same(booked, mine[booked.key])}

    def _cancel(self, keyed: Sequence[tuple[Line, str]]) -> Outcomes:
        """Settle cancellations: of a known approval as its reversal, without any reference as a refund by rule."""
        try:
            known = {booked.key: booked for booked in self._books.find([key for _, key in keyed]) if booked.posted}
            originals = self._originals([line for line, _ in keyed])
        except (Unavailable, NotAllowed) as away:
            return {line.row: Outcome(State.WAITING, Reason("stopped", {"why": str(away)})) for line, _ in keyed}
        made: dict[int, tuple[str, Voucher | Reason]] = {}
        for line, key in keyed:
            if key in known:  # stands already; the voucher is made anew only to compare
                mine = known[key]
                made[line.row] = (key, Voucher(key, mine.on, mine.entries, mine.origin))
            elif not line.reference:
                made[line.row] = (key, refund(line, key, self._rules, self._catalogue))
            else:
                made[line.row] = (key, self._reversal(line, key, originals))
        return self._finish(made)

    def _reversal(self, line: Line, key: str, originals: "_Originals") -> Voucher | Reason:
        original = originals.of(line)
        if original is None:
            return Reason("no_original")
        voucher = reverse(line, key, original, originals.undone[original.id], self._catalogue)
        if isinstance(voucher, Voucher):
            originals.undone[original.id] += voucher.debit
        return voucher

    def _originals(self, lines: Sequence[Line]) -> "_Originals":
        found = self._books.find_by_text(sorted({line.reference for line in lines if line.reference}))
        approvals = [booked for booked in found if booked.origin is None]
        reversals = self._books.find_reversals([booked.id for booked in approvals])
        return _Originals(approvals, reversals)

    def _finish(self, made: Mapping[int, tuple[str, Voucher | Reason]]) -> Outcomes:
        vouchers = {key: voucher for key, voucher in made.values() if isinstance(voucher, Voucher)}
        settled = self._settle(list(vouchers.values()))
        outcomes = {}
        for row, (key, voucher) in made.items():
            if isinstance(voucher, Voucher):
                outcomes[row] = settled[key]
            elif voucher.code == "no_original":
                outcomes[row] = Outcome(State.WAITING, voucher)
            else:
                outcomes[row] = Outcome(State.REJECTED, voucher)
        return outcomes


class _Originals:
    """The approvals that cancellations may speak of, and how much of each is undone."""

    def __init__(self, approvals: Sequence[Booked], reversals: Sequence[Booked]) -> None:
        self._by_reference: defaultdict[str, list[Booked]] = defaultdict(list)
        for booked in approvals:
            for entry in booked.entries:
                self._by_reference[entry.text].append(booked)
        self.undone: defaultdict[int, Decimal] = defaultdict(Decimal)
        for reversal in reversals:
            if reversal.origin is not None:
                self.undone[reversal.origin] += reversal.debit

    def of(self, line: Line) -> Booked | None:
        """Return the newest approval with the line's reference that is not younger than it."""
        earlier = [booked for booked in self._by_reference[line.reference] if booked.on <= line.on]
        return max(earlier, key=lambda booked: (booked.on, booked.id), default=None)


def _twins(keyed: Sequence[tuple[Line, str]]) -> tuple[Outcomes, dict[int, int]]:
    """Return what is decided by rows sharing a key, and which rows only repeat another.

    A natural key names one transaction. Equal rows are that transaction listed twice, and the first
    speaks for all; rows that differ in their amount are a conflict, and none is posted.
    """
    groups: defaultdict[str, list[Line]] = defaultdict(list)
    for line, key in keyed:
        groups[key].append(line)
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
    """Tell whether *booked* says the same as *voucher*; its texts may have been changed by a person."""
    sides = [Counter((entry.account, entry.debit, entry.credit) for entry in one.entries) for one in (booked, voucher)]
    return booked.on == voucher.on and sides[0] == sides[1]


def _key_taken(booked: Booked) -> Outcome:
    return _rejected("key_taken", number=booked.number, on=booked.on)


def _as_twin(first: Outcome, row: int) -> Outcome:
    """Return the outcome of a row that repeats *row*: what stands counts once, what does not is not there twice."""
    if first.state is State.POSTED:
        return Outcome(State.ALREADY, Reason("same_row", {"row": row}), first.number, first.debit, first.credit)
    return first


def _rejected(code: str, **facts: object) -> Outcome:
    return Outcome(State.REJECTED, Reason(code, facts))
