"""`jikimi resume`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give


@click.command()
@click.option("--note", default="", help="Why; it is kept in outputs/watchdog_log.jsonl with your name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def command(context: Context, note: str, as_json: bool) -> int:
    """End a pause or a maintenance window.

    \b
    Example:
      jikimi resume
    """
    return give(
        context,
        "resume",
        (),
        is_done=lambda was, now: was["state"] != "paused" or now.get("state") == "healthy",
        note=note,
        as_json=as_json,
    )
