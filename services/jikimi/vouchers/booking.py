"""From a line and a rule to a balanced voucher, or to the reason why there can be none. Decimal only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise

from jikimi.erp.port import Booked, Catalogue, Entry, Voucher
from jikimi.tables.reasons import Reason
from jikimi.vouchers.facts import SHOWN_DIGITS
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.rules import Rule, Rules, Vat

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_ELEVEN = Decimal(11)


def book(line: Line, key: str, rules: Rules, catalogue: Catalogue) -> Voucher | Reason:
    """Return the voucher of a line that is no cancellation.

    It is checked here for balance, digits, period and accounts, for not every ERP refuses what it should.
    """
    if line.entries:
        return _as_written(line, key, catalogue)
    return _by_rule(line, key, rules, catalogue, incoming=line.kind is Kind.BANK_IN)


def card_reference(line: Line) -> str:
    """Return what an approval and its cancellation have in common in every view: the last digits and the number."""
    if not line.approval:
        return ""
    digits = line.instrument[-SHOWN_DIGITS:]
    shown = digits if len(digits) == SHOWN_DIGITS and digits.isdecimal() else "-"
    return f"{shown} {line.approval}"


def refund(line: Line, key: str, rules: Rules, catalogue: Catalogue) -> Voucher | Reason:
    """Return the voucher of a cancellation that names no approval: the rule's own voucher, sides swapped."""
    return _by_rule(line, key, rules, catalogue, incoming=True)


def _as_written(line: Line, key: str, catalogue: Catalogue) -> Voucher | Reason:
    """Return the voucher of a line that brings its own entries: no rule has a say."""
    entries = tuple(Entry(entry.account, entry.debit, entry.credit, entry.memo) for entry in line.entries)
    if too_fine := _too_fine([entry.debit + entry.credit for entry in entries], "", catalogue.digits):
        return too_fine
    return _allowed(Voucher(key, line.on, entries), catalogue)


def _by_rule(line: Line, key: str, rules: Rules, catalogue: Catalogue, *, incoming: bool) -> Voucher | Reason:
    rule = rules.decide(line)
    if isinstance(rule, Reason):
        return rule
    vat = _vat(line, rule, catalogue.digits)
    if too_fine := _too_fine([line.amount, vat], rules.place(rule), catalogue.digits):
        return too_fine
    if rule.split is not None and (percents := sum(rule.split.values())) != _HUNDRED:
        own = (line.amount - vat) * percents / _HUNDRED + vat
        debit, credit = (line.amount, own) if incoming else (own, line.amount)
        return Reason("unbalanced", {"rule": rules.place(rule), "debit": debit, "credit": credit})
    entries = _entries(line, rule, rules, vat, catalogue.digits, incoming=incoming)
    return _allowed(Voucher(key, line.on, tuple(entries)), catalogue)


def reverse(line: Line, key: str, original: Booked, undone: Decimal, catalogue: Catalogue) -> Voucher | Reason:
    """Return the voucher that undoes *original*, wholly or for the part that *line* cancels.

    *undone* is what earlier cancellations took back already.
    """
    if line.amount + undone > original.debit:
        facts = {"number": original.number, "amount": original.debit, "undone": undone, "asked": line.amount}
        return Reason("cancels_too_much", facts)
    if too_fine := _too_fine([line.amount], original.number, catalogue.digits):
        return too_fine
    return take_back(original, line.amount, line.on, key, catalogue)


def take_back(original: Booked, amount: Decimal, on: date, key: str, catalogue: Catalogue) -> Voucher | Reason:
    """Return the voucher that undoes *amount* of *original*, at most all of it, on the day *on*."""
    entries = tuple(entry.swapped() for entry in original.entries)
    if amount != original.debit:
        entries = tuple(_part(entries, amount, original.debit, catalogue.digits))
    return _allowed(Voucher(key, on, entries, original.id), catalogue)


def _entries(line: Line, rule: Rule, rules: Rules, vat: Decimal, digits: int, *, incoming: bool) -> Iterator[Entry]:
    """Yield the rule's side, the VAT if it is deductible, and the counter side."""
    own = rule.memo or line.counterparty
    for account, amount in _shares(line.amount - vat, rule, digits).items():
        yield _entry(account, amount, own, credit=incoming)
    if vat:
        yield _entry(rules.vat_account, vat, own, credit=incoming)
    yield _entry(rules.counter, line.amount, card_reference(line) or line.counterparty, credit=not incoming)


def _entry(account: str, amount: Decimal, text: str, *, credit: bool) -> Entry:
    return Entry(account, _ZERO, amount, text) if credit else Entry(account, amount, _ZERO, text)


def _vat(line: Line, rule: Rule, digits: int) -> Decimal:
    if rule.vat is Vat.NONE or line.kind in (Kind.BANK_IN, Kind.BANK_OUT):
        return _ZERO
    if line.vat is not None:
        return line.vat
    return _round(line.amount / _ELEVEN, digits) if rule.vat is Vat.ELEVENTH else _ZERO


def _shares(amount: Decimal, rule: Rule, digits: int) -> Mapping[str, Decimal]:
    """Split *amount* by the rule's percents, which make up 100, so that the shares make up *amount*."""
    if rule.split is None:
        return {rule.account or "": amount}
    shares = _rounded([amount * percent / _HUNDRED for percent in rule.split.values()], digits)
    return {account: share for account, share in zip(rule.split, shares, strict=True) if share}


def _part(entries: Sequence[Entry], amount: Decimal, whole: Decimal, digits: int) -> Iterator[Entry]:
    """Scale *entries* of a voucher of *whole* so that both sides sum to *amount*."""
    for is_debit in (True, False):
        side = [entry for entry in entries if (entry.debit > 0) == is_debit]
        sums = _rounded([(entry.debit + entry.credit) * amount / whole for entry in side], digits)
        for entry, value in zip(side, sums, strict=True):
            if value:
                yield _entry(entry.account, value, entry.text, credit=not is_debit)


def _allowed(voucher: Voucher, catalogue: Catalogue) -> Voucher | Reason:
    unknown = next((entry.account for entry in voucher.entries if entry.account not in catalogue.accounts), None)
    if unknown is not None:
        return Reason("no_such_account", {"account": unknown})
    if not catalogue.takes(voucher.on):
        return Reason("period_closed", {"on": voucher.on})
    if (
        not voucher.entries
        or voucher.debit != voucher.credit
        or any(entry.debit + entry.credit <= 0 for entry in voucher.entries)
    ):
        return Reason("unbalanced", {"rule": "", "debit": voucher.debit, "credit": voucher.credit})
    return voucher


def _too_fine(amounts: Iterable[Decimal], place: str, digits: int) -> Reason | None:
    """Return why the ledger's currency cannot hold one of *amounts*, or None if it can hold all."""
    found = next((amount for amount in amounts if amount != _round(amount, digits)), None)
    if found is None:
        return None
    return Reason("amount_decimals", {"column": place, "digits": digits, "value": found})


def _rounded(parts: Sequence[Decimal], digits: int) -> list[Decimal]:
    """Round *parts* so that their sum is kept: each is where the running sum has come to since the one before."""
    steps = [_ZERO, *(_round(step, digits) for step in accumulate(parts))]
    return [after - before for before, after in pairwise(steps)]


def _round(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
