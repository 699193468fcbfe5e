"""What becomes which voucher: the rules of one profile, as the bookkeeper wrote them.

Rules are tried in their order and the first that fits decides. A line that none fits is rejected,
never guessed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from jikimi.config.explain import BadFile, Path, check, lines_of, parse_toml, problem_at
from jikimi.config.mistakes import Mistake
from jikimi.config.table import Table
from jikimi.tables.reasons import Reason
from jikimi.text import Text
from jikimi.vouchers.line import Kind, Line

_BAD_PATTERN = Text(
    "쓸 수 없는 정규식입니다: {got!r}{why}. 괄호는 짝을 맞추고, 글자 그대로 찾을 기호 앞에는 \\를 쓰세요",
    "not a valid pattern: {why}; close every bracket, and write \\ before a sign that is meant as it is (got {got!r})",
)
_BAD_ACCOUNT = Text(
    '계정은 따옴표로 묶은 숫자 1~12자리로 쓰세요. 예: "811" (적힌 값: {got!r})',
    'write an account as 1 to 12 digits in quotes, such as "811" (got {got!r})',
)
_NO_ONE_PLACE = Text(
    '규칙마다 `account = "811"`과 `split = {{ 811 = 60, 812 = 40 }}` 가운데 하나만 쓰세요 (적힌 것: {found})',
    'write either `account = "811"` or `split = {{ 811 = 60, 812 = 40 }}` in each rule (got {found})',
)
_BOTH = Text("둘 다", "both")
_NEITHER = Text("없음", "neither")
_BAD_SHARE = Text(
    "몫은 0보다 커야 합니다 (계정 {account}에 적힌 값: {got})",
    "each share must be above 0 (got {got} for account {account})",
)
_BAD_SUM = Text("나눈 몫의 합은 100이어야 합니다 (적힌 합: {got})", "the shares must make up 100 together (got {got})")
_BAD_LIMITS = Text(
    "at_least는 at_most보다 클 수 없습니다 (적힌 값: {least}, {most})",
    "at_least must not be above at_most (got {least} and {most})",
)
_NEVER_VAT = Text(
    'no_vat_accounts에 있는 계정 {account}에는 `vat = "none"`만 쓸 수 있습니다. 공제하려면 그 목록에서 빼세요 '
    "(적힌 값: {got!r})",
    'account {account} is in no_vat_accounts, so only `vat = "none"` may stand here; take it out there to deduct '
    "(got {got!r})",
)


def _valid_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        korean = "" if error.pos is None else f"의 {error.pos + 1}번째 글자"
        raise Mistake(_BAD_PATTERN, got=text, why=Text.verbatim(korean, str(error))) from None
    return text


def _valid_account(value: object) -> object:
    if not (isinstance(value, str) and _ACCOUNT.fullmatch(value)):
        raise Mistake(_BAD_ACCOUNT, got=value)
    return value


_HUNDRED = Decimal(100)
NO_VAT_ACCOUNTS = ("813",)
Pattern = Annotated[str, AfterValidator(_valid_pattern)]
_ACCOUNT = re.compile(r"[0-9]{1,12}")
Account = Annotated[str, BeforeValidator(_valid_account)]


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
            raise Mistake(_NO_ONE_PLACE, found=_BOTH if self.split else _NEITHER)
        return self

    @property
    def accounts(self) -> frozenset[str]:
        """Every account that the rule books to."""
        return frozenset(self.split or filter(None, [self.account]))

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

    counter: Account = Field(
        examples=['"253"'], description="the other side of every voucher: the card's payable or the bank's account"
    )
    vat_account: Account = "135"
    no_vat_accounts: tuple[Account, ...] = Field(
        default=NO_VAT_ACCOUNTS,
        description="VAT is never deducted for these; 813 is 접대비, for which the law forbids it",
    )
    rule: tuple[Rule, ...] = ()

    def mistakes(self) -> Iterator[tuple[Path, Mistake]]:
        """Yield where the file contradicts itself."""
        stated = set(self.no_vat_accounts) if "no_vat_accounts" in self.model_fields_set else set()
        for index, rule in enumerate(self.rule):
            place: Path = ("rule", index)
            for account, share in (rule.split or {}).items():
                if share <= 0:
                    yield (*place, "split"), Mistake(_BAD_SHARE, account=account, got=share)
            if rule.split and (whole := sum(rule.split.values())) != _HUNDRED:
                yield (*place, "split"), Mistake(_BAD_SUM, got=whole)
            if rule.at_least is not None and rule.at_most is not None and rule.at_least > rule.at_most:
                yield (*place, "at_least"), Mistake(_BAD_LIMITS, least=rule.at_least, most=rule.at_most)
            if rule.vat is not Vat.NONE and (never := sorted(rule.accounts & stated)):
                yield (*place, "vat"), Mistake(_NEVER_VAT, account=never[0], got=rule.vat.value)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one profile, and the line of the file on which each begins.

    Attributes:
        no_vat_accounts: those to which no VAT is ever deducted, whatever else is written.
        places: the line of each key of the file.
    """

    file: str
    counter: str
    vat_account: str
    rules: tuple[Rule, ...]
    lines: tuple[int, ...]
    no_vat_accounts: frozenset[str] = frozenset()
    places: Mapping[Path, int] = field(default_factory=dict)

    def decide(self, line: Line) -> Rule | Reason:
        """Return the first rule that fits *line*; an account that a person wrote beside it comes first."""
        if line.account:
            if not _ACCOUNT.fullmatch(line.account):
                return Reason("no_such_account", {"account": line.account})
            return Rule(account=line.account, vat=Vat.NONE if line.account in self.no_vat_accounts else Vat.FILE)
        found = next((rule for rule in self.rules if rule.fits(line)), None)
        return found or Reason("no_rule", {"name": line.counterparty})

    def place(self, rule: Rule) -> str:
        """Return where *rule* stands, such as "card.toml:12"; "계정" for what a person wrote beside the row."""
        index = next((number for number, mine in enumerate(self.rules) if mine is rule), None)
        return "계정" if index is None else f"{self.file}:{self.lines[index]}"

    def accounts(self) -> set[str]:
        """Return every account that a voucher by these rules may touch."""
        return {account for account, _ in self.named()}

    def named(self) -> Iterator[tuple[str, Path]]:
        """Yield every account that a voucher by these rules may touch, and the key of the file that names it."""
        yield self.counter, ("counter",)
        yield self.vat_account, ("vat_account",)
        for index, rule in enumerate(self.rules):
            for account in rule.split or filter(None, [rule.account]):
                yield account, ("rule", index, "account" if rule.split is None else "split")


NO_RULES = Rules("", "", "", (), ())
"""For vouchers that bring their own accounts."""


def parse_rules(text: str, file: str) -> Rules:
    """Return the rules that *text* states.

    Raises:
        BadFile: with every problem and its line.
    """
    parsed = check(RuleFile, parse_toml(text, file), text, file)
    places = lines_of(text)
    if wrong := [problem_at(path, mistake.text, places, file) for path, mistake in parsed.mistakes()]:
        raise BadFile(wrong)
    whole = places.get(("rule",), 1)  # where they stand if they are written as one array
    lines = tuple(places.get(("rule", index), whole) for index in range(len(parsed.rule)))
    never = frozenset(parsed.no_vat_accounts)
    rules = tuple(rule.model_copy(update={"vat": Vat.NONE}) if rule.accounts & never else rule for rule in parsed.rule)
    return Rules(file, parsed.counter, parsed.vat_account, rules, lines, never, places)
