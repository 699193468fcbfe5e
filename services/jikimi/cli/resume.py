"""`jikimi resume`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give, order_options


@click.command()
@order_options
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
