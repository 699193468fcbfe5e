"""What is to be known of a whole file, beside the outcomes of its rows."""

from jikimi.tables.reasons import Reason
from jikimi.vouchers.line import Kind, Statement
from jikimi.vouchers.rules import Rule, Rules, Vat

_OF_CARDS = (Kind.CARD_APPROVAL, Kind.CARD_CANCELLATION)


def notes_of(statement: Statement, rules: Rules | None) -> tuple[Reason, ...]:
    """Return what a person should be told of *statement*: whether its rules miss a VAT that no column states."""
    lines = [line for line in statement.lines if line.kind in _OF_CARDS]
    if rules is None or not lines or any(line.vat is not None for line in lines):
        return ()
    decided = (rules.decide(line) for line in lines)
    if any(isinstance(rule, Rule) and rule.vat is Vat.FILE for rule in decided):
        return (Reason("vat_unstated", {"file": rules.file}),)
    return ()
