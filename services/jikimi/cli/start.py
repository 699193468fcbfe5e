"""`jikimi start`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give, order_options, units_argument


@click.command()
@units_argument
@order_options
def command(context: Context, units: tuple[str, ...], note: str, as_json: bool) -> int:
    """Start UNITS that were stopped, or give one that was given up all its trials again.

    \b
    Examples:
      jikimi start erp-worker
    """
    return give(
        context,
        "start",
        units,
        is_done=lambda _was, now: bool(now) and now["state"] == "healthy",
        note=note,
        as_json=as_json,
    )
