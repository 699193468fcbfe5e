"""`jikimi restart`."""

from typing import Any

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give, order_options, units_argument


def _is_done(was: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether another life of it is well; what a person has stopped stays so."""
    is_another = now.get("state") == "healthy" and now["life"] != was["life"]
    return is_another or was["state"] in ("stopped", "paused")


@click.command()
@units_argument
@order_options
def command(context: Context, units: tuple[str, ...], note: str, as_json: bool) -> int:
    """Stop UNITS in order and start them again; "all" is every unit that is meant to run.

    \b
    Examples:
      jikimi restart erp-worker
      jikimi restart all --note "new printer driver"
    """
    return give(
        context,
        "restart",
        units,
        is_done=_is_done,
        note=note,
        as_json=as_json,
    )
