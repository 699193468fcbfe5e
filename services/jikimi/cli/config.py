"""The settings in force, and whether the file is right."""

import json

import click

from jikimi.cli.context import Context, print_document
from jikimi.config.load import flatten
from jikimi.text import Text
from jikimi.vouchers.rulebook import read_rules

_WELL = Text("{file}: 문제없습니다", "{file}: well")
_SHIPPED = Text(
    "{file}이(가) 아직 없습니다. 기본값으로 작동합니다", "{file} is not there yet: the defaults are in force"
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
    """Read the settings and every profile's rules; leave with 64 if something is to be mended."""
    file = context.home.config_file
    context.say(_WELL if file.exists() else _SHIPPED, file=file.name)
    if file.exists():
        profiles = context.config.settings.profiles
        named = dict.fromkeys(read_rules(context.home, name, profile).file for name, profile in profiles.items())
        for rules in filter(None, named):
            context.say(_WELL, file=f"rules/{rules}")
    return 0
