"""`jikimi stop`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give


@click.command()
@click.argument("units", nargs=-1, required=True)
@click.option("--note", default="", help="Why; it is kept in outputs/watchdog_log.jsonl with your name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, units: tuple[str, ...], note: str, as_json: bool) -> int:
    """Stop UNITS; they stay stopped until `start`, also over restarts of the stack.

    \b
    Examples:
      jikimi stop erp-worker --note "month-end by hand"
    """
    return give(
        context,
        "stop",
        () if units == ("all",) else units,
        is_done=lambda _was, now: bool(now) and now["state"] == "stopped",
        note=note,
        as_json=as_json,
    )
