"""`jikimi pause`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give, order_options
from jikimi.cli.spans import SPAN


@click.command()
@click.option("--for", "span", type=SPAN, help="How long, such as 30m or 2h; without it, until `resume`.")
@order_options
def command(context: Context, span: float | None, note: str, as_json: bool) -> int:
    """Let the work rest: what is at work ends first, and dropped files wait in the inbox.

    \b
    Examples:
      jikimi pause --for 30m --note "month-end by hand"
      jikimi resume
    """
    work = {"erp-worker", "rpa-worker"}
    return give(
        context,
        "pause",
        (),
        is_done=lambda was, now: was["name"] not in work or now.get("state") in ("paused", "stopped"),
        note=note,
        for_s=span,
        as_json=as_json,
    )
