"""The folder `rules/`: read one profile's rules, and keep what a person has decided for a merchant."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from importlib.resources import files
from pathlib import Path

from jikimi.config import Home, Profile
from jikimi.config.explain import BadFile, Problem, decode
from jikimi.config.model import Ledger, StatementKind
from jikimi.erp.port import Booked
from jikimi.tables.reasons import Reason
from jikimi.text import Text
from jikimi.vouchers.facts import read
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.rules import NO_RULES, NO_VAT_ACCOUNTS, Rule, Rules, Vat, parse_rules
from jikimi.whole_file import replace_text

_MISSING = Text("규칙 파일이 없습니다. rules/{kind}.toml을 이 이름으로 복사하세요", "missing; copy it from {kind}.toml")


def rules_file(home: Home, name: str, profile: Profile) -> Path:
    """Return where the rules of the profile *name* stand."""
    return home / "rules" / f"{profile.rules or name}.toml"


def read_rules(home: Home, name: str, profile: Profile) -> Rules:
    """Return the rules of the profile *name*; a journal brings its own entries and needs none.

    Raises:
        BadFile: with every problem and its line.
    """
    if profile.kind is StatementKind.JOURNAL:
        return NO_RULES
    path = rules_file(home, name, profile)
    try:
        text = decode(path.read_bytes(), path.name)
    except FileNotFoundError:
        raise BadFile([Problem(path.name, None, "", _MISSING.filled(kind=profile.kind))]) from None
    return parse_rules(text, path.name)


def no_vat_accounts(home: Home, profiles: Mapping[str, Profile], ledger: Ledger) -> frozenset[str]:
    """Return the accounts of *ledger* to which no VAT is deducted; unreadable rules have the usual ones."""
    found = set(NO_VAT_ACCOUNTS)
    for name, profile in profiles.items():
        if profile.ledger is ledger:
            with suppress(BadFile):
                found |= read_rules(home, name, profile).no_vat_accounts
    return frozenset(found)


def ship_rules(home: Home) -> None:
    """Put the starter rules into a home that has none of that name."""
    for starter in files("jikimi.vouchers").joinpath("starter").iterdir():
        target = home / "rules" / starter.name
        if not target.exists():
            replace_text(target, starter.read_text(encoding="utf-8"))


def learn(path: Path, rules: Rules, lines: Iterable[Line], on: date) -> int:
    """Append a rule for each merchant to whom a person gave an account and no rule fits; return how many."""
    new: dict[str, Rule] = {}
    for line in lines:
        decided = rules.decide(line)
        if line.account and isinstance(decided, Rule) and isinstance(rules.decide(line.without_account()), Reason):
            new.setdefault(line.counterparty, decided)
    if new:
        text = path.read_text(encoding="utf-8-sig")
        added = "".join(_rule(name, rule, on) for name, rule in new.items())
        replace_text(path, f"{text.rstrip()}\n{added}")
    return len(new)


def _rule(name: str, rule: Rule, on: date) -> str:
    quoted = re.escape(name).replace("\\ ", " ").replace("'", "\\x27")  # ''' would end the TOML string
    pattern = f"^{quoted}$"
    return (
        f"\n[[rule]]  # {on.isoformat()}\nmerchant = '''{pattern}'''\n"
        f'account = "{rule.account}"\nvat = "{rule.vat.value}"\n'
    )


def learn_merchant(home: Home, named: tuple[str, Profile], booked: Booked, account: str, on: date) -> Reason:
    """Write a rule that gives *account* to the merchant of *booked*; return what became of it.

    It stands before the first rule: the first that fits decides, so one behind them would never be reached.
    """
    name, profile = named
    facts, path = read(booked.witnesses), rules_file(home, name, profile)
    if facts is None or profile.kind is StatementKind.JOURNAL:
        return Reason("profile_unknown")
    line = Line(0, facts.kind, booked.on, booked.debit, "", booked.description, "", None, (), {})
    try:
        rules = read_rules(home, name, profile)
        fitting = rules.decide(line)
        if isinstance(fitting, Rule) and fitting.account == account:
            return Reason("learned_before", {"file": path.name})
        vat = fitting.vat if isinstance(fitting, Rule) else Vat.FILE
        vat = Vat.NONE if account in rules.no_vat_accounts else vat
        direction = {Kind.BANK_IN: "in", Kind.BANK_OUT: "out"}.get(facts.kind, "")
        text = _before_first(path.read_text(encoding="utf-8-sig"), _rule_of(line, account, vat, direction, on))
        decided = parse_rules(text, path.name).decide(line)
    except (BadFile, OSError) as broken:
        problem = broken.problems[0] if isinstance(broken, BadFile) else broken
        return Reason("rule_not_written", {"file": path.name, "why": str(problem)})
    if not isinstance(decided, Rule) or decided.account != account:
        return Reason("rule_not_written", {"file": path.name, "why": "[[rule]]"})
    replace_text(path, text)
    return Reason("learned", {"file": path.name, "name": line.counterparty, "account": account})


def _rule_of(line: Line, account: str, vat: Vat, direction: str, on: date) -> str:
    """Return the rule as text; of a bank's row, it is for the same direction only."""
    quoted = re.escape(line.counterparty).replace("\\ ", " ").replace("'", "\\x27")  # ''' would end the TOML string
    side = f'direction = "{direction}"\n' if direction else ""
    return (
        f"\n[[rule]]  # {on.isoformat()}\n{side}merchant = '''^{quoted}$'''\n"
        f'account = "{account}"\nvat = "{vat.value}"\n'
    )


def _before_first(text: str, rule: str) -> str:
    """Return *text* with *rule* before its first rule, or at its end if it has none."""
    lines = text.splitlines(keepends=True)
    first = next((place for place, line in enumerate(lines) if line.strip().startswith("[[rule]]")), len(lines))
    while first < len(lines) and first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    head = "".join(lines[:first]).rstrip("\n")
    return f"{head}\n{rule}\n{''.join(lines[first:])}".rstrip("\n") + "\n"
