"""How all stands: the help of a command that is answered by `status/reader.py` alone."""

import click

from jikimi.cli.context import Context
from jikimi.status import reader


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, as_json: bool) -> int:
    """Say how all stands; leave with 0 if well, 2 if not, 3 if it cannot be known.

    \b
    Examples:
      jikimi status
      jikimi status --json
    """
    arguments = ["--home", str(context.home.root), "--lang", context.lang.value]
    return reader.main([*arguments, *(["--json"] if as_json else [])])
