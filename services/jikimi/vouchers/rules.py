"""What becomes which voucher: the rules of one profile, as the bookkeeper wrote them.

Rules are tried in their order and the first that fits decides. A line that none fits is rejected,
never guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from jikimi.config.explain import check, lines_of, parse_toml
from jikimi.config.table import Table
from jikimi.tables.reasons import Reason
from jikimi.vouchers.line import Kind, Line


def _valid_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a valid pattern: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_valid_pattern)]
_ACCOUNT = re.compile(r"[0-9]{1,12}")
Account = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")]


class Vat(StrEnum):
    """Where the deductible VAT of a purchase comes from."""

    NONE = "none"  # not deductible: the whole sum is the expense
    FILE = "file"  # what the statement states; without it, the whole sum is the expense
    ELEVENTH = "eleventh"  # what the statement states, else one eleventh of the sum


class Rule(Table):
    """One rule: every condition that it states must hold."""

    merchant: Pattern | None = Field(default=None, description="regular expression, found anywhere in the name")
    direction: Literal["in", "out"] | None = Field(default=None, description="bank only: in or out")
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    account: Account | None = None
    split: Mapping[Account, Decimal] | None = Field(default=None, description="account to percent, in place of account")
    vat: Vat = Vat.NONE
    memo: str = ""

    @model_validator(mode="after")
    def _says_where_to_book(self) -> Self:
        if (self.account is None) == (self.split is None) or self.split == {}:
            got = "both" if self.split else "neither"
            raise ValueError(
                f'write either `account = "811"` or `split = {{ 811 = 60, 812 = 40 }}` in each rule (got {got})'
            )
        return self

    def fits(self, line: Line) -> bool:
        """Return whether every stated condition holds for *line*."""
        direction = {Kind.BANK_IN: "in", Kind.BANK_OUT: "out"}.get(line.kind)
        return (
            (self.merchant is None or re.search(self.merchant, line.counterparty, re.IGNORECASE) is not None)
            and (self.direction is None or self.direction == direction)
            and (self.at_least is None or line.amount >= self.at_least)
            and (self.at_most is None or line.amount <= self.at_most)
        )


class RuleFile(Table):
    """A file `rules/<name>.toml`."""

    counter: Account = Field(description="the other side of every voucher: the card's payable or the bank's account")
    vat_account: Account = "135"
    rule: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one profile, and the line of the file on which each begins."""

    file: str
    counter: str
    vat_account: str
    rules: tuple[Rule, ...]
    lines: tuple[int, ...]

    def decide(self, line: Line) -> Rule | Reason:
        """Return the first rule that fits *line*; an account that a person wrote beside it comes first."""
        if line.account:
            if not _ACCOUNT.fullmatch(line.account):
                return Reason("no_such_account", {"account": line.account})
            return Rule(account=line.account, vat=Vat.FILE)
        found = next((rule for rule in self.rules if rule.fits(line)), None)
        return found or Reason("no_rule", {"name": line.counterparty})

    def place(self, rule: Rule) -> str:
        """Return where *rule* stands, such as "card.toml:12"; "계정" for what a person wrote beside the row."""
        index = next((number for number, mine in enumerate(self.rules) if mine is rule), None)
        return "계정" if index is None else f"{self.file}:{self.lines[index]}"

    def accounts(self) -> set[str]:
        """Return every account that a voucher by these rules may touch."""
        named = {account for rule in self.rules for account in rule.split or [rule.account] if account}
        return named | {self.counter, self.vat_account}


NO_RULES = Rules("", "", "", (), ())
"""For vouchers that bring their own accounts."""


def parse_rules(text: str, file: str) -> Rules:
    """Return the rules that *text* states.

    Raises:
        BadFile: with every problem and its line.
    """
    parsed = check(RuleFile, parse_toml(text, file), text, file)
    places = lines_of(text)
    whole = places.get(("rule",), 1)  # where they stand if they are written as one array
    lines = tuple(places.get(("rule", index), whole) for index in range(len(parsed.rule)))
    return Rules(file, parsed.counter, parsed.vat_account, parsed.rule, lines)
