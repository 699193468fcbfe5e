"""`jikimi maintenance`."""

import click

from jikimi.cli.context import Context
from jikimi.cli.order import give, order_options
from jikimi.cli.spans import SPAN


@click.command()
@click.option("--for", "span", type=SPAN, help="How long, such as 30m or 2h; without it, until `resume`.")
@order_options
def command(context: Context, span: float | None, note: str, as_json: bool) -> int:
    """Look on without mending anything, while a person works on the machine; orders are obeyed as ever.

    \b
    Examples:
      jikimi maintenance --for 1h --note "moving the disk"
      jikimi resume
    """
    return give(context, "maintenance", (), is_done=lambda _was, _now: True, note=note, for_s=span, as_json=as_json)
