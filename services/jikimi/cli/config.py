"""The settings in force, and whether the file is right."""

import json
from collections.abc import Iterator, Mapping

import click

from jikimi.cli.context import Context, NotRunning, erp_of, print_document
from jikimi.config.explain import BadFile, Problem, problem_at
from jikimi.config.load import flatten
from jikimi.config.model import Ledger
from jikimi.erp.port import NotAllowed, Unavailable
from jikimi.text import Text
from jikimi.vouchers.rulebook import read_rules
from jikimi.vouchers.rules import Rules

_WELL = Text("{file}: 문제없습니다", "{file}: well")
_SHIPPED = Text(
    "{file}이(가) 아직 없습니다. 기본값으로 작동합니다", "{file} is not there yet: the defaults are in force"
)
_UNASKED = Text(
    "{file}: 형식은 맞습니다. 장부({ledgers})의 계정 목록을 받지 못해 계정이 있는지는 확인하지 못했습니다. "
    "ERP를 켠 뒤 다시 실행하세요",
    "{file}: well formed. Whether its accounts exist was not checked, for no list of accounts came from the ledger "
    "({ledgers}): run this again once the ERP is up",
)
_NO_LIST = Text(
    "{file}: 형식은 맞습니다. 흐름이 입력하는 장부({ledgers})에는 계정 목록이 없어 계정이 있는지는 확인하지 못했습니다",
    "{file}: well formed. Whether its accounts exist was not checked: a flow enters the ledger ({ledgers}), and it has "
    "no list of accounts",
)
_NO_ACCOUNT = Text(
    "ERP의 장부({ledgers})에 계정 {account}이(가) 없습니다. 있는 계정으로 고치거나 ERP에 만드세요",
    "the ERP has no account {account} in its ledger ({ledgers}); write one that it has, or create it there",
)


@click.group()
def command() -> None:
    """The settings."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def show(context: Context, as_json: bool) -> int:
    """Print every setting in force and where it comes from."""
    values = flatten(context.config.settings)
    origins = {name: context.config.origins.get(name, "default") for name in values}
    if as_json:
        settings = {name: {"value": value, "origin": origins[name]} for name, value in values.items()}
        return print_document("config", {"home": str(context.home.root), "settings": settings})
    for name, value in values.items():
        click.echo(f"{name} = {json.dumps(value, ensure_ascii=False)}  # {origins[name]}")
    return 0


@command.command()
@click.pass_obj
def check(context: Context) -> int:
    """Read the settings and every profile's rules; leave with 64 if something is to be mended.

    The ERP is asked whether the accounts exist. If it cannot be, that is said and changes nothing of the exit code.
    """
    file = context.home.config_file
    context.say(_WELL if file.exists() else _SHIPPED, file=file.name)
    if file.exists():
        _check_rules(context)
    return 0


def _check_rules(context: Context) -> None:
    """Say of each rules file how it is.

    Raises:
        BadFile: with every problem of all of them.
    """
    problems: dict[Problem, None] = {}
    used: dict[str, tuple[Rules, list[Ledger]]] = {}
    for name, profile in context.config.settings.profiles.items():
        try:
            rules = read_rules(context.home, name, profile)
        except BadFile as bad:
            problems |= dict.fromkeys(bad.problems)
        else:
            _, ledgers = used.setdefault(rules.file, (rules, []))
            ledgers.append(profile.ledger)
    used.pop("", None)  # a journal brings its own accounts
    wanted = {ledger for _, ledgers in used.values() for ledger in ledgers}
    accounts = {ledger: _accounts(context, ledger) for ledger in Ledger if ledger in wanted}
    said = []
    for rules, ledgers in used.values():
        asked = {ledger: accounts[ledger] for ledger in dict.fromkeys(ledgers)}
        problems |= dict.fromkeys(_missing(rules, asked))
        unknown = [ledger for ledger, there in asked.items() if not there]
        said.append((_verdict(unknown, accounts), rules.file, ", ".join(unknown)))
    if problems:
        raise BadFile(list(problems))
    for text, file, unknown_ledgers in said:
        context.say(text, file=f"rules/{file}", ledgers=unknown_ledgers)


def _accounts(context: Context, ledger: Ledger) -> Mapping[str, str] | None:
    """Return the accounts of *ledger*, none if its ERP has no list of them; None if it does not answer."""
    try:
        return erp_of(context.config, ledger, context.clock).catalogue().accounts
    except (NotRunning, Unavailable, NotAllowed, FileNotFoundError):  # the last: it was never started, so has no key
        return None


def _missing(rules: Rules, asked: Mapping[Ledger, Mapping[str, str] | None]) -> Iterator[Problem]:
    for account, place in rules.named():
        if lacking := [ledger for ledger, accounts in asked.items() if accounts and account not in accounts]:
            text = _NO_ACCOUNT.filled(account=account, ledgers=", ".join(lacking))
            yield problem_at(place, text, rules.places, rules.file)


def _verdict(unknown: list[Ledger], accounts: Mapping[Ledger, Mapping[str, str] | None]) -> Text:
    if any(accounts[ledger] is None for ledger in unknown):
        return _UNASKED
    return _NO_LIST if unknown else _WELL
