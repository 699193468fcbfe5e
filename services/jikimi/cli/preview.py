"""Look at a file before it is dropped."""

from pathlib import Path

import click

from jikimi.cli.context import Context, print_document
from jikimi.cli.foresee import foresee, print_foreseen
from jikimi.cli.show import Show
from jikimi.cli.stack import make_home


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", help="Read it as this profile would; else the only profile that fits.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, file: Path, profile: str | None, as_json: bool) -> int:
    """Say what would come of FILE, row by row; nothing is written.

    \b
    Examples:
      jikimi preview card.csv
      jikimi preview --profile practice-bank bank.xlsx
    """
    profiles = context.config.settings.profiles
    if profile is not None and profile not in profiles:
        raise click.BadParameter(f"no such profile; there are {', '.join(profiles)}", param_hint="--profile")
    make_home(context.config)
    document = foresee(context, file, profile)
    code = 2 if document["refusal"] or document["rejected"] else 0
    if as_json:
        return print_document("preview", document, code)
    print_foreseen(Show(context.lang, called=context.called), document)
    return code
