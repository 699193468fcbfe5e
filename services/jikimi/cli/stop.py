"""`jikimi stop`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give, order_options, units_argument


@click.command()
@units_argument
@order_options
def command(context: Context, units: tuple[str, ...], note: str, as_json: bool) -> int:
    """Stop UNITS; they stay stopped until `start`, also over restarts of the stack.

    \b
    Examples:
      jikimi stop erp-worker --note "month-end by hand"
    """
    return give(
        context,
        "stop",
        units,
        is_done=lambda _was, now: bool(now) and now["state"] == "stopped",
        note=note,
        as_json=as_json,
    )
