"""What a line is booked to, as a person asks for it: accounts by code and name, VAT, and the rule that decided."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jikimi.erp.port import Catalogue, Entry
from jikimi.text import Text
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.rules import Rule, Rules

KINDS = {
    Kind.CARD_APPROVAL.value: Text("승인", "approval"),
    Kind.CARD_CANCELLATION.value: Text("취소", "cancellation"),
    Kind.BANK_IN.value: Text("입금", "in"),
    Kind.BANK_OUT.value: Text("출금", "out"),
    Kind.JOURNAL.value: Text("분개", "journal"),
}
"""What a person calls each kind of line."""


@dataclass(frozen=True, slots=True)
class Booking:
    """What a line is booked to.

    Attributes:
        accounts: code and name of each account but VAT's and the other side's; a name is "" where nobody was asked.
        vat: what of the amount is booked as VAT.
        rule: the place of the rule, such as "card.toml:12"; "" for what no rule of today has decided.
    """

    accounts: tuple[tuple[str, str], ...]
    vat: Decimal = Decimal(0)
    rule: str = ""

    @property
    def account(self) -> str:
        """The accounts in one cell, such as "811 복리후생비"."""
        return accounts_in(self.document())

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        accounts = [{"code": code, "name": name} for code, name in self.accounts]
        return {"accounts": accounts, "vat": str(self.vat), "rule": self.rule}

    def dump(self) -> str:
        """Return it as text for the journal."""
        return json.dumps(self.document(), ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> "Booking":
        """Return what `dump` has written."""
        document = json.loads(text)
        accounts = tuple((one["code"], one["name"]) for one in document["accounts"])
        return cls(accounts, Decimal(document["vat"]), document["rule"])


def accounts_in(document: Mapping[str, Any]) -> str:
    """Return the accounts of a row's *document* in one cell."""
    return ", ".join(f"{one['code']} {one['name']}".rstrip() for one in document.get("accounts", ()))


def booking_of(line: Line, outcome: Outcome, rules: Rules, catalogue: Catalogue) -> Booking | None:
    """Return what *line* is booked to, None where no voucher stands for it or would."""
    if not outcome.entries:
        return None
    own = [entry for entry in outcome.entries if entry.account not in (rules.counter, rules.vat_account)]
    codes = dict.fromkeys(entry.account for entry in own or outcome.entries[:1])
    vat = sum((entry.debit + entry.credit for entry in _vat(outcome.entries, rules)), Decimal(0))
    names = catalogue.accounts
    return Booking(tuple((code, names.get(code, "")) for code in codes), vat, _rule(line, outcome, rules))


def _vat(entries: Sequence[Entry], rules: Rules) -> list[Entry]:
    return [entry for entry in entries if entry.account == rules.vat_account != rules.counter]


def _rule(line: Line, outcome: Outcome, rules: Rules) -> str:
    """Return the rule's place; what stood before, and the reversal of an approval, was not decided by one of today."""
    reverses = line.kind is Kind.CARD_CANCELLATION and bool(line.approval)
    if outcome.state is not State.POSTED or line.entries or reverses:
        return ""
    rule = rules.decide(line)
    return rules.place(rule) if isinstance(rule, Rule) else ""
