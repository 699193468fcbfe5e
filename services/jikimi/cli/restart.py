"""`jikimi restart`."""

from typing import Any

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give


def _is_done(was: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether another life of it is well; what a person has stopped stays so."""
    is_another = now.get("state") == "healthy" and now["pid"] != was["pid"]
    return is_another or was["state"] in ("stopped", "paused")


@click.command()
@click.argument("units", nargs=-1, required=True)
@click.option("--note", default="", help="Why; it is kept in outputs/watchdog_log.jsonl with your name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
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
        () if units == ("all",) else units,
        is_done=_is_done,
        note=note,
        as_json=as_json,
    )
