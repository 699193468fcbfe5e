"""How all stands: the help of a command that is answered by `status/reader.py` alone."""

import click

from jikimi.cli.context import Context
from jikimi.status import reader


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.option("--watch", type=float, is_flag=False, flag_value=1.0, metavar="SECONDS", help="Show it again and again.")
@click.pass_obj
def command(context: Context, as_json: bool, watch: float | None) -> int:
    """Say how all stands; leave with 0 if well, 2 if not, 3 if it cannot be known.

    \b
    Examples:
      jikimi status
      jikimi status --json
      jikimi status --watch
    """
    arguments = ["--file", str(context.home.status_file), "--lang", context.lang.value]
    again = [] if watch is None else ["--watch", str(watch)]
    return reader.main([*arguments, *again, *(["--json"] if as_json else [])])
