"""What would come of a file, without writing anything."""

from collections.abc import Mapping, Sequence
from datetime import date

from jikimi.erp.port import Booked, Books, Catalogue, Period, Voucher
from jikimi.tables.reasons import Reason
from jikimi.vouchers.accounts import with_codes
from jikimi.vouchers.line import Fault, Statement
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import by_key, judge
from jikimi.vouchers.recognition import is_mended, recognise
from jikimi.vouchers.rules import Rules
from jikimi.vouchers.settlement import Outcomes, Settlement

_FILE = ""  # a file that is only looked at has no id
_ALWAYS = Period(date.min, date.max, is_open=True)


class EmptyBooks:
    """A ledger that nobody can ask: nothing is known to stand in it."""

    def find(self, _keys: Sequence[str]) -> list[Booked]:
        """Return nothing."""
        return []

    def find_on(self, _days: Sequence[date]) -> list[Booked]:
        """Return nothing."""
        return []

    def find_by_text(self, _texts: Sequence[str]) -> list[Booked]:
        """Return nothing."""
        return []

    def find_reversals(self, _ids: Sequence[int]) -> list[Booked]:
        """Return nothing."""
        return []


class Foretold:
    """A ledger as it would be once the vouchers given to `settle` had been posted."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._new: list[Booked] = []

    def settle(self, vouchers: Sequence[Voucher]) -> Mapping[str, Outcome]:
        """Return what posting would answer if nothing failed."""
        found = by_key(self.find([voucher.key for voucher in vouchers]))
        outcomes = {}
        for voucher in vouchers:
            booked = found.get(voucher.key, [])
            if booked and booked[0].posted:
                outcomes[voucher.key] = judge(voucher, booked, ours=False)
            else:
                outcomes[voucher.key] = Outcome(State.POSTED, None, "", voucher.debit, voucher.credit)
                self._new.append(self._as_posted(voucher))
        return outcomes

    def find(self, keys: Sequence[str]) -> list[Booked]:
        """Return what bears one of *keys*."""
        return self._books.find(keys) + [booked for booked in self._new if booked.key in keys]

    def find_on(self, days: Sequence[date]) -> list[Booked]:
        """Return what stands on one of *days*."""
        return self._books.find_on(days) + [booked for booked in self._new if booked.on in days]

    def find_by_text(self, texts: Sequence[str]) -> list[Booked]:
        """Return what has an entry with one of *texts*."""
        new = [booked for booked in self._new if any(entry.text in texts for entry in booked.entries)]
        return self._books.find_by_text(texts) + new

    def find_reversals(self, ids: Sequence[int]) -> list[Booked]:
        """Return what reverses one of *ids*; a voucher that is only foretold has a negative id."""
        new = [booked for booked in self._new if booked.origin in ids]
        return self._books.find_reversals([known for known in ids if known > 0]) + new

    def _as_posted(self, voucher: Voucher) -> Booked:
        identity = -len(self._new) - 1
        return Booked(
            id=identity,
            key=voucher.key,
            number="",
            posted=True,
            on=voucher.on,
            entries=voucher.entries,
            origin=voucher.origin,
            description=voucher.description,
            witnesses=voucher.witnesses,
        )


def foretell(
    statement: Statement, rules: Rules, books: Books, catalogue: Catalogue, *, asked: bool = True
) -> tuple[Outcomes, Mapping[int, str]]:
    """Return the outcome that each row would have, and each row's key.

    *asked* says whether the ERP was: without it nobody knows which currency is foreign to the books.
    """
    foretold = Foretold(books)
    statement = with_codes(statement, catalogue)
    found = recognise(statement, _FILE, books, rules.counter)
    settlement = Settlement(rules, foretold, catalogue, foretold.settle)
    outcomes = settlement.outcomes(found, mended=is_mended(statement))
    outcomes |= {fault.row: _of_fault(fault, asked=asked) for fault in statement.faults}
    return outcomes, {one.row: one.key for one in found}


def _of_fault(fault: Fault, *, asked: bool) -> Outcome:
    if fault.reason.code == "currency_foreign" and not asked:
        return Outcome(State.WAITING, Reason("currency_unknown", {"value": fault.reason.facts["value"]}))
    return Outcome(State.REJECTED, fault.reason)


def unasked_catalogue(rules: Rules, statement: Statement) -> Catalogue:
    """Return a catalogue that allows whatever the rules and the rows name, for when the ERP cannot be asked."""
    accounts = rules.accounts() | {line.account for line in statement.lines if line.account}
    accounts |= {entry.account for line in statement.lines for entry in line.entries}
    return Catalogue(dict.fromkeys(accounts, ""), (_ALWAYS,), "KRW", 0)
