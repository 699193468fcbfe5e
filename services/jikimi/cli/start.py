"""`jikimi start`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give


@click.command()
@click.argument("units", nargs=-1, required=True)
@click.option("--note", default="", help="Why; it is kept in outputs/watchdog_log.jsonl with your name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, units: tuple[str, ...], note: str, as_json: bool) -> int:
    """Start UNITS that were stopped, or give one that was given up all its trials again.

    \b
    Examples:
      jikimi start erp-worker
    """
    return give(
        context,
        "start",
        () if units == ("all",) else units,
        is_done=lambda _was, now: bool(now) and now["state"] == "healthy",
        note=note,
        as_json=as_json,
    )
